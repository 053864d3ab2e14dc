import { Problem } from '../problem.ts';
import type { ProblemCode } from '../problem.ts';

interface PostgresError {
  code?: unknown;
  constraint?: unknown;
}

const uniqueViolation = '23505';
const foreignKeyViolation = '23503';

/** What a violated constraint means to the client: constraint name (or `*` for any) → problem. */
type Meanings = Record<string, { code: ProblemCode; detail: string }>;

/**
 * Runs `work` and translates a violated unique or foreign key. The database decides, not a look before the write:
 * two requests may look at the same time.
 * @throws {Problem} for a constraint that `meanings` names; other errors pass through
 */
export async function withConstraints<T>(meanings: Meanings, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, constraint } = postgresError(error);
    if (code !== uniqueViolation && code !== foreignKeyViolation) throw error;
    const meaning = meanings[String(constraint)] ?? meanings['*'];
    if (!meaning) throw error;
    throw new Problem(meaning.code, { detail: meaning.detail, cause: error });
  }
}

function postgresError(error: unknown): PostgresError {
  if (typeof error !== 'object' || error === null) return {};
  return error as PostgresError;
}
