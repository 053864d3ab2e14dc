import { CsvError, parse } from 'csv-parse/sync';

export interface CsvColumns {
  required: readonly string[];
  optional: readonly string[];
}

/** A data line of the file: its number (the header is line 1) and its cells by column, trimmed. */
export interface CsvRow {
  line: number;
  values: Record<string, string>;
}

export interface CsvFailure {
  line: number;
  reason: string;
}

/** Raised when the file as a whole can't be read: no header, unknown or missing columns, an unclosed quote. */
export class CsvFileError extends Error {
  override name = 'CsvFileError';
}

interface ParsedRecord {
  record: string[];
  raw: string;
  info: { lines: number };
}

/**
 * Reads RFC 4180 text (UTF-8, a byte order mark is dropped, LF or CRLF) whose first line names the columns, in
 * any order and case. Lines with too few or too many cells are reported, the others kept.
 * @throws {CsvFileError} when nothing of the file can be used
 */
export function readCsv(text: string, columns: CsvColumns): { rows: CsvRow[]; failed: CsvFailure[] } {
  const records = parseRecords(text);
  const header = records.shift()?.record.map((name) => name.toLowerCase());
  if (!header) throw new CsvFileError('The file is empty. Its first line names the columns.');
  checkHeader(header, columns);
  const rows: CsvRow[] = [];
  const failed: CsvFailure[] = [];
  for (const { record, raw, info } of records) {
    // info.lines counts to where the record ends; a quoted cell may hold line breaks.
    const line = info.lines - (raw.trimEnd().split('\n').length - 1);
    if (record.every((cell) => cell === '')) continue;
    if (record.length !== header.length) {
      failed.push({ line, reason: `The line has ${record.length} cells where the header has ${header.length}.` });
      continue;
    }
    rows.push({ line, values: Object.fromEntries(header.map((name, index) => [name, record[index]!])) });
  }
  return { rows, failed };
}

function parseRecords(text: string): ParsedRecord[] {
  try {
    return parse(text, {
      bom: true,
      info: true,
      raw: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as ParsedRecord[];
  } catch (error) {
    if (error instanceof CsvError) throw new CsvFileError(`The file is not CSV: ${error.message}`, { cause: error });
    throw error;
  }
}

function checkHeader(header: string[], { required, optional }: CsvColumns): void {
  const missing = required.filter((name) => !header.includes(name));
  const unknown = header.filter((name) => !required.includes(name) && !optional.includes(name));
  const twice = header.filter((name, index) => header.indexOf(name) !== index);
  const problems = [
    missing.length > 0 && `missing: ${missing.join(', ')}`,
    unknown.length > 0 && `unknown: ${unknown.join(', ')}`,
    twice.length > 0 && `named twice: ${twice.join(', ')}`,
  ].filter(Boolean);
  if (problems.length === 0) return;
  const known = [...required, ...optional.map((name) => `${name} (optional)`)].join(', ');
  throw new CsvFileError(`The first line must name the columns ${known}; ${problems.join('; ')}.`);
}
