import { describe, expect, it } from '@jest/globals';
import { CsvFileError, readCsv } from './read-csv.ts';

const columns = { required: ['sku', 'quantity'], optional: ['reason'] };

describe('readCsv', () => {
  it('reads cells by column name, in any order and case, and says the line', () => {
    expect(readCsv('Quantity,SKU\n3, A1 \n-2,B2\n', columns)).toEqual({
      rows: [
        { line: 2, values: { sku: 'A1', quantity: '3' } },
        { line: 3, values: { sku: 'B2', quantity: '-2' } },
      ],
      failed: [],
    });
  });

  it('drops a byte order mark, takes CRLF, and skips empty lines without losing count', () => {
    const { rows } = readCsv('\uFEFFsku,quantity\r\n\r\nA,1\r\n,\r\nB,2\r\n', columns);
    expect(rows).toEqual([
      { line: 3, values: { sku: 'A', quantity: '1' } },
      { line: 5, values: { sku: 'B', quantity: '2' } },
    ]);
  });

  it('keeps commas, quotes and line breaks of quoted cells, and counts lines over them', () => {
    const { rows } = readCsv('sku,quantity,reason\nA,1,"first\nsecond, ""quoted"""\nB,2,x\n', columns);
    expect(rows).toEqual([
      { line: 2, values: { sku: 'A', quantity: '1', reason: 'first\nsecond, "quoted"' } },
      { line: 4, values: { sku: 'B', quantity: '2', reason: 'x' } },
    ]);
  });

  it('reports a line with the wrong number of cells and keeps the others', () => {
    const { rows, failed } = readCsv('sku,quantity\nA\nB,2\nC,3,4\n', columns);
    expect(rows).toEqual([{ line: 3, values: { sku: 'B', quantity: '2' } }]);
    expect(failed).toEqual([
      { line: 2, reason: 'The line has 1 cells where the header has 2.' },
      { line: 4, reason: 'The line has 3 cells where the header has 2.' },
    ]);
  });

  it.each([
    ['nothing', '', /empty/],
    ['a missing column', 'sku\nA\n', /missing: quantity/],
    ['an unknown column', 'sku,quantity,colour\n', /unknown: colour/],
    ['a column named twice', 'sku,quantity,sku\n', /named twice: sku/],
    ['an unclosed quote', 'sku,quantity\nA,"1\nB,2\n', /not CSV/],
  ])('refuses a file with %s', (_name, text, message) => {
    expect(() => readCsv(text, columns)).toThrow(CsvFileError);
    expect(() => readCsv(text, columns)).toThrow(message);
  });

  it('does not let a column reach the prototype of the row', () => {
    expect(() => readCsv('sku,quantity,__proto__\nA,1,x\n', columns)).toThrow(/unknown: __proto__/);
  });
});
