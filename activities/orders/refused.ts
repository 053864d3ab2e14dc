import { MoneyError } from '#domain/money.ts';
import type { FailureType } from '#domain/names/failures.ts';
import { ApplicationFailure } from '@temporalio/activity';
import { StockError } from '../inventory/stock.ts';

/**
 * Runs row work; what the same write would meet again, whoever tries it, is told to the workflow at once instead of being
 * retried unseen: SQLSTATE classes 22 (data exception), 23 (integrity constraint violation) and 42 (access rule, unknown name) of PostgreSQL's
 * appendix A, money or stock that contradicts itself, and defects of ours that JavaScript finds. Everything else (the database is away, a deadlock) is Temporal's to retry.
 * @throws {ApplicationFailure} WriteRefused, not retryable; it names constraint and table, and no value
 */
export async function tellingRefusals<T>(what: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const why = refusal(error);
    throw why === undefined ? error : ApplicationFailure.nonRetryable(`${what} can't be written: ${why}`, 'WriteRefused' satisfies FailureType);
  }
}

function refusal(error: unknown): string | undefined {
  if (error instanceof MoneyError || error instanceof StockError) return error.message;
  if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError) return `${error.name}: ${error.message}`;
  const { code, constraint, table } = error as { code?: unknown; constraint?: string; table?: string };
  if (typeof code !== 'string' || !/^(?:2[23]|42)[0-9A-Z]{3}$/.test(code) || code === '42P05') return undefined;
  return [`SQLSTATE ${code}`, constraint && `constraint ${constraint}`, table && `table ${table}`].filter(Boolean).join(', ');
}
