import { CsvError, Parser } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { RecordCollector } from './collect-records.ts';
import { CsvFileError, type CsvColumns, type CsvFailure, type CsvRow } from './csv-file.ts';

export { CsvFileError, type CsvColumns, type CsvFailure, type CsvRow } from './csv-file.ts';

export interface CsvContent {
  rows: CsvRow[];
  failed: CsvFailure[];
}

/** What of a file is read at most, before it is refused as a whole. */
export interface CsvLimits {
  /** Lines of data, empty ones with commas included. */
  lines: number;
  /** Lines with too few or too many cells. */
  misshapen: number;
}

/** Bytes that are parsed before others get their turn: some ten milliseconds' worth. */
const partSize = 64 * 1024;

const options = { bom: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true, trim: true } as const;

/**
 * Reads RFC 4180 text (UTF-8, a byte order mark is dropped, LF or CRLF) whose first line names the columns, in
 * any order and case. Lines with too few or too many cells are reported, the others kept. It reads all in one go and
 * without limits: for files of our own. See {@link readUploadedCsv}.
 * @throws {CsvFileError} when nothing of the file can be used
 */
export function readCsv(text: string, columns: CsvColumns): CsvContent {
  const bytes = Buffer.from(text);
  const collector = new RecordCollector(bytes, columns);
  try {
    parse(bytes, { ...options, on_record: collector.take as never });
  } catch (error) {
    throw readable(error);
  }
  return collector.content();
}

/**
 * As {@link readCsv}, for files that anybody may have sent: in parts, between which other requests are served, and only
 * up to `limits`. The header is checked before anything after it is read.
 * @throws {CsvFileError} when nothing of the file can be used, or it is beyond a limit
 */
export async function readUploadedCsv(text: string, columns: CsvColumns, limits: CsvLimits): Promise<CsvContent> {
  const bytes = Buffer.from(text);
  const collector = new RecordCollector(bytes, columns, limits);
  const parser = new Parser({ ...options, on_record: collector.take as never });
  // Every failure is also given to the call that met it.
  parser.on('error', () => undefined);
  // The collector keeps the records; the stream only has to come to its end.
  parser.resume();
  try {
    for (let start = 0; start < bytes.length; start += partSize) {
      await handled((done) => parser.write(bytes.subarray(start, start + partSize), done));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await handled((done) => parser.end(done));
  } catch (error) {
    throw readable(error);
  } finally {
    parser.destroy();
  }
  return collector.content();
}

function handled(start: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error ? reject(error) : resolve()));
  });
}

function readable(error: unknown): unknown {
  return error instanceof CsvError ? new CsvFileError(`The file is not CSV: ${error.message}`, { cause: error }) : error;
}
