import { describe, expect, it } from '@jest/globals';
import { CsvFileError, readCsv, readUploadedCsv } from './read-csv.ts';

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

describe('readUploadedCsv', () => {
  const limits = { lines: 5000, misshapen: 3 };

  it('reads over the borders of its parts as readCsv does in one go', async () => {
    const lines = Array.from({ length: 5000 }, (_, index) => (index % 7 === 0 ? `"é${index}\r\nmore",${index},"😀, x"` : `SKU ${index},${index},reason ${index}`));
    const text = `\uFEFFsku,quantity,reason\r\n${lines.join('\r\n')}\r\n`;
    const read = await readUploadedCsv(text, columns, limits);
    expect(read).toEqual(readCsv(text, columns));
    // One more line for each quoted line break before it.
    expect(read.rows.at(-1)).toEqual({ line: 2 + 4999 + Math.ceil(4999 / 7), values: { sku: 'SKU 4999', quantity: '4999', reason: 'reason 4999' } });
  });

  it('counts a CRLF once, quoted or after a header that ends in LF', () => {
    expect(readCsv('sku,quantity\r\n"A\r\nB",1\r\nC,2\r\n', columns).rows.map(({ line }) => line)).toEqual([2, 4]);
    expect(readCsv('sku,quantity\nA,1\r\nB,2\r\n', columns).rows.map(({ line }) => line)).toEqual([2, 3]);
  });

  it('takes as many lines as it says, and no more', async () => {
    const file = (lines: number) => `sku,quantity\n${'A,1\n'.repeat(lines)}`;
    expect((await readUploadedCsv(file(5000), columns, limits)).rows).toHaveLength(5000);
    await expect(readUploadedCsv(file(5001), columns, limits)).rejects.toThrow(/more than 5000 lines.*Split it/);
  });

  it('gives up on a file whose lines have another shape, empty ones included', async () => {
    const few = await readUploadedCsv('sku,quantity\nx\nx\nx\nA,1\n', columns, limits);
    expect([few.rows.length, few.failed.map(({ line }) => line)]).toEqual([1, [2, 3, 4]]);
    await expect(readUploadedCsv('sku,quantity\nx\nx\nx\nx\n', columns, limits)).rejects.toThrow(CsvFileError);
    await expect(readUploadedCsv(`sku,quantity\n${',,\n'.repeat(4)}`, columns, limits)).rejects.toThrow(/More than 3 lines/);
  });

  it('looks at the header before anything else, and says in few words what is wrong', async () => {
    await expect(readUploadedCsv('sku;quantity\n"never closed', columns, limits)).rejects.toThrow(/missing: sku, quantity; unknown: sku;quantity/);
    const wide = await readUploadedCsv(`${Array.from({ length: 50_000 }, (_, index) => `c${index}`).join(',')}\n`, columns, limits).catch((error: Error) => error);
    expect((wide as Error).message).toMatch(/and 49990 more/);
    await expect(readUploadedCsv('', columns, limits)).rejects.toThrow(/empty/);
    await expect(readUploadedCsv('sku,quantity\nA,"1\n', columns, limits)).rejects.toThrow(/not CSV/);
  });
});
