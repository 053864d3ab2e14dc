import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { attentionRaised, orderEnded, refundClaimed, refundRecorded } from '#domain/order/changes/endings.ts';
import { orderShipped } from '#domain/order/changes/fulfilment.ts';
import { paymentBegun, paymentSettled } from '#domain/order/changes/payments.ts';
import { newId } from '#domain/ids.ts';
import { workflowIds } from '#domain/names/workflow-ids.ts';
import type { OrderState } from '#domain/order/state.ts';
import { at, Shop } from './testing/shop.ts';

const cause = { at, actor: 'test' };
const authorized = (state: OrderState) =>
  paymentSettled(state, state.payments.at(-1)!, { outcome: 'authorized', providerRef: `pi_${state.id}`, authorizedAmount: state.totals.total }, cause);

describe('the rows of an order', () => {
  const shop = new Shop();
  beforeAll(() => shop.start());
  afterAll(() => shop.stop());
  const count = async (table: string, orderId: string) => (await shop.query<{ n: string }>(`select count(*)::int as n from ${table} where order_id = $1`, [orderId]))[0]!.n;
  const row = async (orderId: string) => (await shop.query('select * from orders where id = $1', [orderId]))[0]!;

  it('are opened in one transaction, and opening again tells the same', async () => {
    await shop.stock('OPEN', 5);
    const orderId = await shop.takeIn([{ sku: 'OPEN', quantity: 2 }]);
    const first = await shop.open(orderId);
    expect(first).toMatchObject({ outcome: 'opened', state: { id: orderId, seq: 1, status: 'pending', totals: { total: 2000 }, reserved: true } });
    expect(await shop.open(orderId)).toEqual(first);
    expect(await shop.level('OPEN')).toEqual({ onHand: 5, reserved: 2 });
    expect([await count('order_lines', orderId), await count('order_events', orderId), await count('order_payments', orderId)]).toEqual([1, 1, 1]);
    expect(await row(orderId)).toMatchObject({ version: 1, status: 'pending', total: 2000 });
    // The contact is sealed.
    expect(JSON.stringify(await shop.query('select * from orders o, order_events e where o.id = e.order_id and o.id = $1', [orderId]))).not.toContain('Ada');
  });

  it('are opened once by attempts that overlap, even for the last units', async () => {
    await shop.stock('LAST', 2);
    const orderId = await shop.takeIn([{ sku: 'LAST', quantity: 2 }]);
    const attempts = await Promise.allSettled(Array.from({ length: 5 }, () => shop.open(orderId)));
    // An attempt may lose the race for the primary key and be tried again; none may call the order short.
    for (const attempt of attempts) if (attempt.status === 'fulfilled') expect(attempt.value.outcome).toBe('opened');
    expect(attempts.some(({ status }) => status === 'fulfilled')).toBe(true);
    expect(await shop.open(orderId)).toMatchObject({ outcome: 'opened' });
    expect(await shop.level('LAST')).toEqual({ onHand: 2, reserved: 2 });
  });

  it('do not come to exist when one of the goods is short: all is rolled back', async () => {
    await shop.stock('ENOUGH', 10);
    await shop.stock('SHORT', 1);
    const orderId = await shop.takeIn([{ sku: 'ENOUGH', quantity: 2 }, { sku: 'SHORT', quantity: 2 }]);
    expect(await shop.open(orderId)).toEqual({ outcome: 'out_of_stock', shortages: [{ sku: 'SHORT', requested: 2, available: 1 }] });
    expect(await row(orderId).catch(() => undefined)).toBeUndefined();
    expect(await shop.level('ENOUGH')).toEqual({ onHand: 10, reserved: 0 });
    expect(await count('stock_reservations', orderId)).toBe(0);
  });

  it('of an order that was never taken in are refused', async () => {
    await expect(shop.open(newId('order'))).rejects.toMatchObject({ type: 'IntakeMissing', nonRetryable: true });
  });

  it('are written once under one (workflow, seq), whoever comes second', async () => {
    await shop.stock('FENCE', 10);
    const state = await shop.place([{ sku: 'FENCE', quantity: 1 }]);
    const change = authorized(state);
    const results = await Promise.all(Array.from({ length: 5 }, () => shop.save(change)));
    expect(results).toEqual(Array.from({ length: 5 }, () => ({ outcome: 'saved' })));
    expect(await count('order_events', state.id)).toBe(2);
    expect(await shop.query(`select template, dedupe_key from outbox where subject_id = $1`, [state.id])).toEqual([
      { template: 'order_confirmation', dedupe_key: `order/${state.id}/2/order_confirmation` },
    ]);
    expect(await row(state.id)).toMatchObject({ version: 2, status: 'confirmed', payment_status: 'authorized', authorized_amount: 1000 });
    expect((await row(state.id)).confirmed_at).toEqual(new Date(at));
  });

  it('tell a workflow that has lost a step what stands in its place, and keep the other one out', async () => {
    await shop.stock('LOST', 10);
    const orderId = await shop.takeIn([{ sku: 'LOST', quantity: 2 }]);
    const opened = await shop.open(orderId);
    if (opened.outcome !== 'opened') throw new Error('not opened');
    const workflowId = workflowIds.order(orderId);
    const written = authorized(opened.state);
    expect(await shop.activities.saveOrder({ workflowId, ...written })).toEqual({ outcome: 'saved' });
    const other = attentionRaised(opened.state, { code: 'payment_unknown', since: at, detail: 'x' }, cause);
    expect(await shop.activities.saveOrder({ workflowId, ...other })).toEqual({ outcome: 'overtaken', state: written.state });
    expect(await row(orderId)).toMatchObject({ version: 2, status: 'confirmed', attention: null });
    // The same step at another instant of a replayed workflow is still the same step.
    const again = { ...written, step: { ...written.step, event: { ...written.step.event, at: '2026-12-24T00:00:00.000Z' } } };
    expect(await shop.activities.saveOrder({ workflowId, ...again })).toEqual({ outcome: 'saved' });
  });

  it('are written by the holder of the version before only', async () => {
    await shop.stock('VERSION', 10);
    const state = await shop.place([{ sku: 'VERSION', quantity: 1 }]);
    const confirmed = authorized(state);
    await shop.save(confirmed);
    const other = { workflowId: workflowIds.refund('ref_other'), ...attentionRaised(state, { code: 'refund_failed', since: at, detail: '' }, cause) };
    await expect(shop.activities.saveOrder(other)).rejects.toMatchObject({ type: 'VersionConflict', nonRetryable: true });
    // The conflict rolled its own history row back.
    expect(await count('order_events', state.id)).toBe(2);
    const ahead = attentionRaised({ ...confirmed.state, seq: 7 }, { code: 'refund_failed', since: at, detail: '' }, cause);
    await expect(shop.save(ahead)).rejects.toMatchObject({ type: 'VersionConflict' });
  });

  it('hold their stock again for another payment, or write nothing when it has gone', async () => {
    await shop.stock('AGAIN', 2);
    const state = await shop.place([{ sku: 'AGAIN', quantity: 2 }]);
    const declined = paymentSettled(state, state.payments[0]!, { outcome: 'declined', code: 'card_declined' }, cause);
    await shop.save(declined);
    expect(await shop.level('AGAIN')).toEqual({ onHand: 2, reserved: 0 });
    const payment = { ...state.payments[0]!, id: newId('payment'), attempt: 2, status: 'pending' as const };
    const begun = paymentBegun(declined.state, payment, at, cause);
    await shop.stock('AGAIN', 1);
    expect(await shop.save(begun)).toEqual({ outcome: 'out_of_stock', shortages: [{ sku: 'AGAIN', requested: 2, available: 1 }] });
    expect(await count('order_events', state.id)).toBe(2);
    expect(await count('order_payments', state.id)).toBe(1);
    await shop.stock('AGAIN', 3);
    expect(await shop.save(begun)).toEqual({ outcome: 'saved' });
    expect(await shop.level('AGAIN')).toEqual({ onHand: 3, reserved: 2 });
    await shop.save(authorized(begun.state));
  });

  it('carry shipment, money, stock, ledger, mails and the applied event of one step together', async () => {
    await shop.stock('TOGETHER', 4);
    const state = await shop.place([{ sku: 'TOGETHER', quantity: 3 }]);
    const confirmed = authorized(state);
    await shop.save(confirmed);
    const payment = confirmed.state.payments[0]!;
    const shipped = orderShipped(
      confirmed.state, { id: newId('shipment'), carrier: 'ups', trackingNumber: '1Z', lines: [{ sku: 'TOGETHER', quantity: 3 }] }, [3], { payment, amount: 3000 }, cause,
    );
    const eventId = newId('webhookEvent');
    await shop.query(
      `insert into webhook_events (id, tenant_id, livemode, connection_id, provider_event_id, type, provider_created_at, payload_sealed, headers, status, received_at)
       values ($1, $2, false, $3, $1, 'x', $4, 'sealed', '{}', 'signalled', $4)`,
      [eventId, shop.scope.tenantId, shop.connectionId, at],
    );
    await shop.save(shipped, eventId);
    expect(await shop.query('select status from webhook_events where id = $1', [eventId])).toEqual([{ status: 'applied' }]);
    expect(await shop.level('TOGETHER')).toEqual({ onHand: 1, reserved: 0 });
    expect(await shop.query('select status, shipped from stock_reservations where order_id = $1', [state.id])).toEqual([{ status: 'shipped', shipped: 3 }]);
    expect(await shop.query('select shipped, delivered from order_lines where order_id = $1', [state.id])).toEqual([{ shipped: 3, delivered: 0 }]);
    expect(await row(state.id)).toMatchObject({ status: 'shipped', captured_amount: 3000, version: 3 });

    const refund = { id: newId('refund'), paymentId: payment.id, amount: 1000, reason: 'broken', actor: 'test', lines: [{ sku: 'TOGETHER', quantity: 1 }] };
    const refunded = refundRecorded(shipped.state, refund, { outcome: 'succeeded', refundRef: 're_1', amount: 1000 }, [1], cause);
    await shop.save(refunded);
    const ledger = await shop.query(
      'select t.kind, e.account, e.amount from ledger_entries e join ledger_transactions t on t.id = e.transaction_id where t.order_id = $1 order by t.seq, e.line', [state.id],
    );
    expect(ledger).toEqual([
      { kind: 'capture', account: 'cash_at_provider', amount: 3000 }, { kind: 'capture', account: 'revenue', amount: -3000 },
      { kind: 'refund', account: 'cash_at_provider', amount: -1000 }, { kind: 'refund', account: 'refunds', amount: 1000 },
    ]);
    expect(await row(state.id)).toMatchObject({ refunded_amount: 1000, payment_status: 'partially_refunded' });
    // Another one, which the provider's event brought before the answer to who asked for it.
    const early = { id: newId('refund'), paymentId: payment.id, amount: 500, reason: 'made_at_provider', actor: 'provider:stripe' };
    const seen = refundRecorded(refunded.state, early, { outcome: 'succeeded', refundRef: 're_2', amount: 500 }, [], cause);
    await shop.save(seen);
    await shop.save(refundClaimed(seen.state, early.id, { reason: 'damaged', actor: 'key:1', lines: [{ sku: 'TOGETHER', quantity: 1 }] }, [1], cause));
    expect(await shop.query('select reason, actor, lines, status from order_refunds where id = $1', [early.id])).toEqual([
      { reason: 'damaged', actor: 'key:1', lines: [{ sku: 'TOGETHER', quantity: 1 }], status: 'succeeded' },
    ]);
    expect(await row(state.id)).toMatchObject({ refunded_amount: 1500 });
  });

  it('leave an event that nobody can apply open for a few looks, and give it up then', async () => {
    const webhookEventId = newId('webhookEvent');
    await shop.query(
      `insert into webhook_events (id, tenant_id, livemode, connection_id, provider_event_id, type, provider_created_at, payload_sealed, headers, status, attempts, next_attempt_at, received_at)
       values ($1, $2, false, $3, $1, 'x', $4, 'sealed', '{}', 'signalled', 7, $4, $4)`,
      [webhookEventId, shop.scope.tenantId, shop.connectionId, at],
    );
    const look = async () => {
      await shop.query('update webhook_events set attempts = attempts + 1 where id = $1', [webhookEventId]);
      await shop.activities.leaveWebhookEvent({ scope: shop.scope, webhookEventId, reason: 'gone' });
      return shop.query('select status, last_error, next_attempt_at is not null as again from webhook_events where id = $1', [webhookEventId]);
    };
    // However often it was looked at before.
    expect(await look()).toEqual([{ status: 'signalled', last_error: 'gone', again: true }]);
    expect(await look()).toEqual([{ status: 'signalled', last_error: 'gone', again: true }]);
    expect(await look()).toEqual([{ status: 'failed', last_error: 'gone', again: false }]);
  });

  it('of a closed order carry the state that later writers go on from', async () => {
    await shop.stock('CLOSED', 4);
    const state = await shop.place([{ sku: 'CLOSED', quantity: 1 }]);
    await expect(shop.activities.loadClosedOrder({ scope: shop.scope, orderId: state.id })).rejects.toMatchObject({ type: 'OrderNotClosed' });
    const ended = orderEnded(state, 'cancel', [{ payment: state.payments[0]!, result: { outcome: 'absent' } }], cause);
    await shop.save(ended);
    expect(await shop.activities.loadClosedOrder({ scope: shop.scope, orderId: state.id })).toEqual(ended.state);
    const { closed_at: closedAt } = await row(state.id);
    expect(closedAt).toEqual(new Date(cause.at));
    const noticed = attentionRaised(ended.state, { code: 'payment_disputed', since: at, detail: '' }, { ...cause, at: '2031-01-01T00:00:00.000Z' });
    await shop.save(noticed);
    expect(await row(state.id)).toMatchObject({ closed_at: closedAt, attention: { code: 'payment_disputed' } });
    expect(await shop.level('CLOSED')).toEqual({ onHand: 4, reserved: 0 });
  });

  it('are written over from the workflow’s state after a restore', async () => {
    await shop.stock('RESTORE', 4);
    const state = await shop.place([{ sku: 'RESTORE', quantity: 1 }]);
    const { state: now } = authorized(state);
    // The restore has lost the step; the workflow has not.
    await shop.activities.reprojectOrder({ workflowId: workflowIds.order(state.id), state: now, at });
    expect(await row(state.id)).toMatchObject({ version: 2, status: 'confirmed', payment_status: 'authorized' });
    expect(await shop.query('select status, provider_ref from order_payments where order_id = $1', [state.id])).toEqual([{ status: 'authorized', provider_ref: `pi_${state.id}` }]);
    // Never backwards, in no part.
    await expect(shop.activities.reprojectOrder({ workflowId: workflowIds.order(state.id), state, at })).rejects.toMatchObject({ type: 'VersionConflict', nonRetryable: true });
    expect(await row(state.id)).toMatchObject({ version: 2, status: 'confirmed' });
    expect(await shop.query('select status from order_payments where order_id = $1', [state.id])).toEqual([{ status: 'authorized' }]);
    await shop.save(attentionRaised(now, { code: 'refund_failed', since: at, detail: '' }, cause));
    expect(await row(state.id)).toMatchObject({ version: 3 });
  });

  it('count an existing customer’s orders, and find a new one by mail address', async () => {
    await shop.stock('CUSTOMER', 10);
    const first = await shop.place([{ sku: 'CUSTOMER', quantity: 1 }], { contact: contact('same@example.com') });
    const second = await shop.place([{ sku: 'CUSTOMER', quantity: 1 }], { contact: contact('Same@example.com') });
    expect(second.customerId).toBe(first.customerId);
    await shop.place([{ sku: 'CUSTOMER', quantity: 1 }], { customer: { id: first.customerId, existing: true } });
    expect(await shop.query('select order_count from customers where id = $1', [first.customerId])).toEqual([{ order_count: 3 }]);
  });

  it('open though the customer was deleted meanwhile: found or made again by mail address', async () => {
    await shop.stock('DELETED', 10);
    const deleted = newId('customer');
    const takeIn = (email: string) => shop.takeIn([{ sku: 'DELETED', quantity: 1 }], { customer: { id: deleted, existing: true }, contact: contact(email) });
    const orderIds = [await takeIn('gone@example.com'), await takeIn('Gone@example.com'), await takeIn('moved@example.com')];
    const opened = await Promise.all(orderIds.map((id) => shop.open(id)));
    const customers = opened.map((result) => result.outcome === 'opened' && result.state.customerId);
    expect(customers).toEqual([customers[0], customers[0], expect.stringMatching(/^cus_/)]);
    expect(new Set([deleted, ...customers]).size).toBe(3);
    expect(await shop.query('select order_count from customers where id = any($1) order by 1', [customers])).toEqual([{ order_count: 1 }, { order_count: 2 }]);
    expect(await shop.open(orderIds[0]!)).toEqual(opened[0]);
    expect((await row(orderIds[2]!)).customer_id).toBe(customers[2]);
  });
});

function contact(email: string) {
  return { email, name: 'Ada Buyer', shippingAddress: { name: 'Ada Buyer', line1: '1 Market St', city: 'San Francisco', country: 'US' } };
}
