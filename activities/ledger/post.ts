import { newId } from '#domain/ids.ts';
import type { Posting } from '#domain/order/postings.ts';
import type { Sql, TenantScope } from '#entities/unit-of-work.ts';
import { timestamp } from '#entities/values.ts';

/** Where postings come from: the step under whose (workflow, seq) they are unique. */
export interface PostingSource {
  workflowId: string;
  seq: number;
  orderId: string;
  at: string;
}

/** Books postings: double entry, in the caller's transaction; the database refuses what does not balance. */
export async function postToLedger(sql: Sql, scope: TenantScope, postings: readonly Posting[], source: PostingSource): Promise<void> {
  for (const write of ledgerWrites(sql, scope, postings, source)) await write.execute();
}

/** The statements that book a step's postings, for the step to run together with its own. */
export function ledgerWrites(sql: Sql, scope: TenantScope, postings: readonly Posting[], source: PostingSource) {
  const booked = postings.filter(({ entries }) => entries.length > 0).map((posting) => ({ id: newId('ledgerTransaction'), posting }));
  if (booked.length === 0) return [];
  const owner = { tenant_id: scope.tenantId, livemode: scope.livemode };
  return [
    sql.insertInto('ledger_transactions').values(
      booked.map(({ id, posting }, position) => ({
        ...owner, id, kind: posting.kind, order_id: source.orderId, payment_id: posting.paymentId, refund_id: posting.refundId ?? null,
        workflow_id: source.workflowId, seq: source.seq, position, occurred_at: timestamp(source.at),
      })),
    ),
    sql.insertInto('ledger_entries').values(
      booked.flatMap(({ id, posting }) =>
        posting.entries.map(({ account, amount }, line) => ({ ...owner, transaction_id: id, line, account, amount, currency: posting.currency })),
      ),
    ),
  ];
}
