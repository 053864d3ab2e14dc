import type { Sql } from './unit-of-work.ts';
import { sql as raw, type OperationNodeSource } from 'kysely';

/** A write that is built and not yet run. */
export type Write = OperationNodeSource;

/**
 * Runs writes to different tables as one statement, in one round trip instead of one each (an order's life had 30 of
 * them). They don't see each other's rows; constraints between them are checked after all.
 * @returns how many rows the first one wrote, if it ends in `returning`
 */
export async function writeTogether(sql: Sql, first: Write, others: readonly Write[]): Promise<number> {
  const named = [first, ...others].map((write, index) => raw`${raw.id(`write_${index}`)} as (${write})`);
  const { rows } = await raw<{ written: number }>`with ${raw.join(named)} select count(*)::int as written from write_0`.execute(sql);
  return rows[0]!.written;
}
