import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { CsvFileError, type CsvLimits } from '#domain/csv/read-csv.ts';
import { Problem } from '../problem.ts';

/** Room for a hundred thousand lines, which is what an import takes. */
const largestFile = 10 * 1_048_576;

/** A file with a thousand lines of the wrong shape is no file of ours: a list of them all would help nobody. */
export const importLimits: CsvLimits = { lines: 100_000, misshapen: 1000 };

/** Takes text/csv bodies, as text, and no others, for the routes registered in this plugin. */
export function acceptCsv(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('text/csv', { parseAs: 'string', bodyLimit: largestFile }, (_request, body, done) => done(null, body));
}

export const importLimit = { bodyLimit: largestFile };

/** An import's body: documented as text/csv. */
export function csvBody(example: string) {
  return { content: { 'text/csv': { schema: Type.String({ minLength: 1, examples: [example] }) } } };
}

/** What an import answers about lines that it left out. */
export const ImportFailures = Type.Array(
  Type.Object({ line: Type.Integer({ description: 'The header is line 1.' }), reason: Type.String() }),
  { description: 'Lines that were left out, in order.' },
);

/** @throws {Problem} file_not_readable in place of CsvFileError */
export async function readingFile<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CsvFileError) throw new Problem('file_not_readable', { detail: error.message, cause: error });
    throw error;
  }
}
