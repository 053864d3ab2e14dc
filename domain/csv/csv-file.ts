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
