import { isId } from '#domain/ids.ts';
import type { TenantRef } from '#domain/tenant.ts';
import { newsIn, type News } from '#domain/webhooks/decide.ts';
import { firstLookMs, nextLook, signalAgainMs } from '#domain/webhooks/retry.ts';
import { claimOf, isOurDoing, type StripeEvent } from '#domain/webhooks/stripe-claim.ts';
import type { KeyRing } from '#platform/keyring.ts';
import type { Database } from '../database.ts';
import { inTenant, type Sql } from '../unit-of-work.ts';
import { countTelling, findRecorded, loadEvent, markTold, settleEvent, type StoredEvent } from './rows.ts';

/** What the owner of a payment is told. */
export interface Telling {
  scope: TenantRef;
  orderId: string;
  /** The order's workflow. */
  workflowId: string;
  news: { webhookEventId: string; paymentId: string; kind: News; refundRef?: string; refundId?: string; dispute?: { ref: string; at: string } };
}

export interface WebhookDeps {
  database: Database;
  keyRing: KeyRing;
  /** Tells the order, or whoever takes its place; answers that workflow's id. Telling twice does no harm. */
  tellOwner: (telling: Telling) => Promise<string>;
  clock?: () => Date;
}

/** How often an event of our own doing is looked at before it is taken as news. */
const ownDoingLooks = 2;

/**
 * Decides about a stored provider event, and tells its owner if it is news. Called right after the event was stored
 * and again by the sweeper, until the event is `applied` or `ignored`; calling it once too often changes nothing.
 */
export async function handleWebhookEvent(deps: WebhookDeps, { id, scope }: { id: string; scope: TenantRef }): Promise<void> {
  const now = (deps.clock ?? (() => new Date()))();
  const telling = await inTenant(deps.database, scope, async (sql) => {
    const stored = await loadEvent(sql, id);
    return stored && decide(sql, deps.keyRing, { ...stored, id, scope }, now);
  });
  if (!telling) return;
  const workflowId = await deps.tellOwner(telling);
  const next_attempt_at = new Date(now.getTime() + signalAgainMs);
  await inTenant(deps.database, scope, (sql) => markTold(sql, id, workflowId, next_attempt_at));
}

/** Settles what needs nobody; answers what is left to tell. */
async function decide(sql: Sql, keyRing: KeyRing, stored: StoredEvent & { id: string; scope: TenantRef }, now: Date): Promise<Telling | undefined> {
  const { id, scope } = stored;
  const event = keyRing.open<StripeEvent>(stored.payloadSealed, id);
  const claim = claimOf(event);
  const found = claim && (await findRecorded(sql, stored.connectionId, claim));
  if (!claim) {
    await settleEvent(sql, id, { status: 'ignored' });
    return undefined;
  }
  if (!found) {
    const next_attempt_at = nextLook(stored.attempts, stored.receivedAt, now) ?? null;
    await settleEvent(sql, id, { status: 'unmatched', next_attempt_at, last_error: 'No payment of ours is known for this object' });
    return undefined;
  }
  const about = { order_id: found.orderId, workflow_id: found.workflowId };
  const kind = newsIn(claim, found);
  if (!kind) {
    await settleEvent(sql, id, { status: 'ignored', ...about });
    return undefined;
  }
  if (isOurDoing(event) && stored.status !== 'signalled' && stored.attempts < ownDoingLooks) {
    // Whoever sent the request is about to record it, and tries until it knows.
    await settleEvent(sql, id, { status: 'received', next_attempt_at: new Date(now.getTime() + firstLookMs), ...about });
    return undefined;
  }
  await countTelling(sql, id, about);
  const { refundRef, dispute } = claim;
  // Our own mark, and made for this payment: whoever copies it in the dashboard names no refund of ours.
  const refundId = claim.refundId && claim.paymentId === found.paymentId && isId('refund', claim.refundId) ? claim.refundId : undefined;
  return {
    scope, orderId: found.orderId, workflowId: found.workflowId,
    news: { webhookEventId: id, paymentId: found.paymentId, kind, ...(refundRef ? { refundRef } : {}), ...(refundId ? { refundId } : {}), ...(dispute ? { dispute } : {}) },
  };
}
