import { sql } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import type { Sql } from '#entities/unit-of-work.ts';
import type { LedgerBalanceBody, LedgerTransactionBody } from './schemas.ts';

/** Every account that was ever posted to, per currency. Sums beyond the safe integers fail instead of rounding. */
export async function readBalances(db: Sql, currency: string | undefined): Promise<LedgerBalanceBody[]> {
  return db
    .selectFrom('ledger_entries')
    .select([
      'account', 'currency',
      // sum() of bigint is numeric, which the driver leaves as text.
      sql<number>`coalesce(sum(amount) filter (where amount > 0), 0)::bigint`.as('debit'),
      sql<number>`coalesce(-sum(amount) filter (where amount < 0), 0)::bigint`.as('credit'),
      sql<number>`sum(amount)::bigint`.as('balance'),
    ])
    .$if(currency !== undefined, (query) => query.where('currency', '=', currency!))
    .groupBy(['account', 'currency'])
    .orderBy('account')
    .orderBy('currency')
    .execute();
}

/** Newest first; up to `limit` transactions after the one named by `after`. */
export async function listTransactions(
  db: Sql, filters: { order_id?: string; kind?: string }, after: string | undefined, limit: number,
): Promise<LedgerTransactionBody[]> {
  const { order_id, kind } = filters;
  const rows = await db
    .selectFrom('ledger_transactions as t')
    .select((eb) => [
      't.id', 't.kind', 't.order_id', 't.payment_id', 't.refund_id', 't.occurred_at',
      jsonArrayFrom(
        eb.selectFrom('ledger_entries as e').select(['e.account', 'e.currency', 'e.amount']).whereRef('e.transaction_id', '=', 't.id').orderBy('e.line'),
      ).as('entries'),
    ])
    .$if(order_id !== undefined, (query) => query.where('t.order_id', '=', order_id!))
    .$if(kind !== undefined, (query) => query.where('t.kind', '=', kind!))
    .$if(after !== undefined, (query) => query.where('t.id', '<', after!))
    .orderBy('t.id', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ ...row, occurred_at: row.occurred_at.toISOString() }));
}
