import type { CsvFailure, CsvRow } from './read-csv.ts';

/** Raised by a row's parser with what is wrong, in words for whoever made the file. */
export class CsvRowError extends Error {
  override name = 'CsvRowError';
}

/** Applies `parse` to each row: what it refuses with a {@link CsvRowError} is reported with its line, the rest kept. */
export function parseRows<T>(rows: readonly CsvRow[], parse: (row: CsvRow) => T): { parsed: T[]; failed: CsvFailure[] } {
  const parsed: T[] = [];
  const failed: CsvFailure[] = [];
  for (const row of rows) {
    try {
      parsed.push(parse(row));
    } catch (error) {
      if (!(error instanceof CsvRowError)) throw error;
      failed.push({ line: row.line, reason: error.message });
    }
  }
  return { parsed, failed };
}

/** The cell's text, of at most `maxLength` characters; an empty or absent cell is undefined. */
export function textCell(row: CsvRow, column: string, maxLength: number): string | undefined {
  const text = row.values[column];
  if (text === undefined || text === '') return undefined;
  if (text.length > maxLength) throw new CsvRowError(`${column} is longer than ${maxLength} characters.`);
  return text;
}

/** As {@link textCell}, for cells that must not be empty. */
export function requiredCell(row: CsvRow, column: string, maxLength: number): string {
  const text = textCell(row, column, maxLength);
  if (text === undefined) throw new CsvRowError(`${column} is empty.`);
  return text;
}

/** The cell's whole number within bounds; an empty or absent cell is undefined. */
export function integerCell(row: CsvRow, column: string, minimum: number, maximum: number): number | undefined {
  const text = textCell(row, column, 20);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^[+-]?\d+$/.test(text) || value < minimum || value > maximum) {
    throw new CsvRowError(`${column} must be a whole number from ${minimum} to ${maximum}, not "${text}".`);
  }
  return value;
}
