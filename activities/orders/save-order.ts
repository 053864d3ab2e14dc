import type { OrderStep } from '#domain/order/changes/change.ts';
import type { OrderState } from '#domain/order/state.ts';
import { newId } from '#domain/ids.ts';
import { jsonb, timestamp } from '#entities/values.ts';
import { inTenant, type Sql } from '#entities/unit-of-work.ts';
import { ApplicationFailure } from '@temporalio/activity';
import { sql as raw } from 'kysely';
import { holdStock, releaseStock, restock, shipStock } from '../inventory/stock.ts';
import { ledgerWrites } from '../ledger/post.ts';
import type { OrderActivities, SaveResult } from './contract.ts';
import type { OrderActivityDeps } from './create.ts';
import { putPayments, putRefunds, putShipments, queueMail, updateLines } from './parts.ts';
import { tellingRefusals } from './refused.ts';
import { ShortError } from './shortage.ts';
import { orderSummary } from './summary.ts';
import { settledEvent } from './webhook-events.ts';
import { writeTogether, type Write } from '#entities/write-together.ts';

/**
 * Writes one step of an order in one transaction: history, summary, parts, stock, ledger, mails. The history row is
 * the fence: whoever comes second with the same (workflow id, seq) writes nothing, and is told what stands there.
 */
export function saveOrder({ database }: OrderActivityDeps): OrderActivities['saveOrder'] {
  return async ({ workflowId, state, step, webhookEventId }): Promise<SaveResult> => {
    try {
      return await tellingRefusals(`Step ${step.event.type} of order ${state.id}`, () => inTenant(database, state.scope, async (sql) => {
        const { at } = step.event;
        const eventId = await fence(sql, workflowId, state, step);
        if (!eventId) return await writtenBefore(sql, workflowId, state, step);
        await applyStock(sql, state, step, eventId);
        const written = await writeTogether(sql, orderAtNextVersion(sql, state, step), [
          ...updateLines(state, step.lines),
          ...putPayments(sql, state, step.payments, at),
          ...putShipments(sql, state, step.shipments),
          ...putRefunds(sql, state, step.refunds, at),
          ...ledgerWrites(sql, state.scope, step.postings, { workflowId, seq: state.seq, orderId: state.id, at }),
          ...queuedMails(sql, workflowId, state, step),
          ...(webhookEventId ? [settledEvent(sql, webhookEventId, at)] : []),
        ]);
        if (written !== 1) throw versionConflict(state);
        return { outcome: 'saved' };
      }));
    } catch (error) {
      if (error instanceof ShortError) return { outcome: 'out_of_stock', shortages: error.shortages };
      throw error;
    }
  };
}

async function fence(sql: Sql, workflowId: string, state: OrderState, step: OrderStep): Promise<string | undefined> {
  const inserted = await sql
    .insertInto('order_events')
    .values({
      id: newId('event'), tenant_id: state.scope.tenantId, livemode: state.scope.livemode, order_id: state.id, workflow_id: workflowId, seq: state.seq,
      type: step.event.type, actor: step.event.actor, reason: step.event.reason ?? null, status: state.status, payment_status: state.paymentStatus,
      fulfillment_status: state.fulfillmentStatus, data: jsonb(step.event.data), occurred_at: timestamp(step.event.at),
    })
    .onConflict((conflict) => conflict.columns(['workflow_id', 'seq']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted?.id;
}

/**
 * A repeated attempt finds its own step. Another one is there if the worker or Temporal died after the commit and
 * before the history knew of it (Temporal may have lost several steps), and the workflow then did something else first.
 */
async function writtenBefore(sql: Sql, workflowId: string, state: OrderState, { event }: OrderStep): Promise<SaveResult> {
  const found = await sql
    .selectFrom('order_events as e')
    .innerJoin('orders as o', 'o.id', 'e.order_id')
    .where('e.workflow_id', '=', workflowId)
    .where('e.seq', '=', state.seq)
    .select(['e.type', 'e.actor', 'o.version', 'o.state', raw<boolean>`e.data = ${jsonb(event.data)}`.as('sameData')])
    .executeTakeFirstOrThrow();
  if (found.type === event.type && found.actor === event.actor && found.sameData) return { outcome: 'saved' };
  if (found.version < state.seq) throw versionConflict(state);
  return { outcome: 'overtaken', state: found.state as unknown as OrderState };
}

function versionConflict(state: OrderState): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`Order ${state.id} is not at version ${state.seq - 1}: someone else has written it`, 'VersionConflict');
}

async function applyStock(sql: Sql, state: OrderState, { stock, event }: OrderStep, eventId: string): Promise<void> {
  switch (stock?.kind) {
    case 'hold': {
      const shortages = await holdStock(sql, state.scope, state.id, stock.units, stock.expiresAt ?? null, event.at);
      if (shortages.length > 0) throw new ShortError(shortages);
      return;
    }
    case 'release':
      return releaseStock(sql, state.id, event.at);
    case 'ship':
      return shipStock(sql, state.id, stock.units, event.at);
    case 'restock':
      return restock(sql, state.scope, state.id, stock.units, { id: eventId, actor: event.actor, at: event.at });
    case undefined:
  }
}

/** Only the holder of the version before may write the next one. */
function orderAtNextVersion(sql: Sql, state: OrderState, { event }: OrderStep): Write {
  return sql
    .updateTable('orders')
    .set({ ...orderSummary(state, event.at), ...(event.type === 'order.confirmed' ? { confirmed_at: timestamp(event.at) } : {}) })
    .where('id', '=', state.id)
    .where('version', '=', state.seq - 1)
    .returning('id');
}

function queuedMails(sql: Sql, workflowId: string, state: OrderState, { mails, event }: OrderStep): Write[] {
  return mails.map(({ template, data }, index) => {
    const dedupeKey = `${workflowId}/${state.seq}/${template}${index > 0 ? `/${index}` : ''}`;
    return queueMail(sql, state.scope, state.id, { template, data, dedupeKey, at: event.at });
  });
}
