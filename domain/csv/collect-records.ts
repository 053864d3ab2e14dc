import { CsvFileError, type CsvColumns, type CsvFailure, type CsvRow } from './csv-file.ts';

/** So that a message about a strange header stays short. */
const mostNames = 10;
const [tab, lf, cr, space] = [9, 10, 13, 32];

/**
 * Sorts the records of a file, in their order, into rows and failures. The parser makes an error object for every record
 * with another number of cells than the header, which costs some fifty times the record itself and can't be
 * switched off: hence a limit for those.
 */
export class RecordCollector {
  readonly #bytes: Buffer;
  readonly #columns: CsvColumns;
  readonly #limits: { lines: number; misshapen: number };
  readonly #rows: CsvRow[] = [];
  readonly #failed: CsvFailure[] = [];
  #header: string[] | undefined;
  #records = 0;
  #misshapen = 0;
  #at = 0;
  #line = 1;

  constructor(bytes: Buffer, columns: CsvColumns, limits = { lines: Infinity, misshapen: Infinity }) {
    this.#bytes = bytes;
    this.#columns = columns;
    this.#limits = limits;
  }

  /** What the parser calls with each record. It answers nothing, so that the parser keeps nothing. */
  readonly take = (record: string[], { bytes }: { bytes: number }): void => {
    const line = this.#lineOfRecordEndingAt(bytes);
    if (!this.#header) {
      this.#header = record.map((name) => name.toLowerCase());
      checkHeader(this.#header, this.#columns);
      return;
    }
    const header = this.#header;
    this.#records += 1;
    if (this.#records > this.#limits.lines) {
      throw new CsvFileError(`The file has more than ${this.#limits.lines} lines below its header. Split it, and send the parts one after the other.`);
    }
    if (record.length !== header.length) this.#countMisshapen();
    if (record.every((cell) => cell === '')) return;
    if (record.length === header.length) {
      this.#rows.push({ line, values: Object.fromEntries(header.map((name, index) => [name, record[index]!])) });
    } else {
      this.#failed.push({ line, reason: `The line has ${record.length} cells where the header has ${header.length}.` });
    }
  };

  /** @throws {CsvFileError} when there was not even a header */
  content(): { rows: CsvRow[]; failed: CsvFailure[] } {
    if (!this.#header) throw new CsvFileError('The file is empty. Its first line names the columns.');
    return { rows: this.#rows, failed: this.#failed };
  }

  #countMisshapen(): void {
    this.#misshapen += 1;
    if (this.#misshapen <= this.#limits.misshapen) return;
    throw new CsvFileError(
      `More than ${this.#limits.misshapen} lines have another number of cells than the header (${this.#header!.length}). Cells are separated by commas; one that contains a comma is put in quotes.`,
    );
  }

  /** The parser's own count takes CRLF within quotes, or in a file that began with LF, for two lines. */
  #lineOfRecordEndingAt(end: number): number {
    // Empty lines before it are no part of it.
    while (this.#at < end && isBlank(this.#bytes[this.#at]!)) this.#pass();
    const line = this.#line;
    while (this.#at < end) this.#pass();
    return line;
  }

  #pass(): void {
    const byte = this.#bytes[this.#at];
    this.#at += 1;
    if (byte === lf || (byte === cr && this.#bytes[this.#at] !== lf)) this.#line += 1;
  }
}

function isBlank(byte: number): boolean {
  return byte === space || byte === tab || byte === lf || byte === cr;
}

/** In time that grows with the header's length only: it may be all of the file. */
function checkHeader(header: string[], { required, optional }: CsvColumns): void {
  const named = new Set(header);
  const seen = new Set<string>();
  const missing = required.filter((name) => !named.has(name));
  const unknown = header.filter((name) => !required.includes(name) && !optional.includes(name));
  const twice = header.filter((name) => seen.has(name) || !seen.add(name));
  const problems = [
    missing.length > 0 && `missing: ${list(missing)}`,
    unknown.length > 0 && `unknown: ${list(unknown)}`,
    twice.length > 0 && `named twice: ${list(twice)}`,
  ].filter(Boolean);
  if (problems.length === 0) return;
  const known = [...required, ...optional.map((name) => `${name} (optional)`)].join(', ');
  throw new CsvFileError(`The first line must name the columns ${known}; ${problems.join('; ')}.`);
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).map((name) => (name.length > 60 ? `${name.slice(0, 60)}…` : name));
  return [...shown, ...(names.length > mostNames ? [`and ${names.length - mostNames} more`] : [])].join(', ');
}
