import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { OrderBody } from '#api/routes/orders/schemas.ts';
import { Shop, type Problem } from './support/shop.ts';
import { eventually, eventuallyHolds } from './support/wait.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open();
}, 180_000);
afterAll(() => shop?.close());
afterEach(() => shop.provider.clearFaults());

/** Places with a fault on the provider's answer to the creation; answers the order once it is confirmed. */
async function placedUnder(fault: Record<string, unknown>, currency: string): Promise<OrderBody> {
  const sku = await shop.goods({ price: 4200, currency });
  await shop.provider.fault({ count: 1, match: { method: 'POST', path: '^/v1/payment_intents$', body: currency.toLowerCase() }, ...fault });
  const { status, body } = await shop.insist('/api/orders', shop.placement({ sku, currency }), randomUUID());
  expect(status).toBe(201);
  return eventually('confirmed', async () => {
    const order = await shop.order(body.id);
    return order.status === 'confirmed' ? order : undefined;
  }, 30_000);
}

const confirmed = async (price = 4200): Promise<OrderBody> => (await shop.place({ sku: await shop.goods({ price, stock: 2 }), quantity: 1 })).body;
const onIntent = (order: OrderBody, action: string) => ({ match: { method: 'POST', path: `^/v1/payment_intents/${order.payment!.provider_ref}/${action}$` } });

describe('an authorisation of which nobody knows', () => {
  it.each([
    ['times out after the money is reserved', { kind: 'time_out_after_effect' }, 'NZD'],
    ['breaks off after the money is reserved', { kind: 'reset_after_effect', count: 2 }, 'SGD'],
    ['answers with a 500 after the money is reserved, and keeps that answer', { kind: 'error_after_effect', status: 500 }, 'HKD'],
    ['answers with a 503 before anything was done, and keeps that answer', { kind: 'error', status: 503, stored: true }, 'AUD'],
    ['is refused for its rate', { kind: 'rate_limit', count: 2 }, 'CAD'],
  ])('%s: one payment', async (_what, fault, currency) => {
    const order = await placedUnder(fault, currency);
    expect(order).toMatchObject({ payment_status: 'authorized', authorized_amount: 4200 });
    expect((await shop.provider.intentsOf(order.id)).filter(({ status }) => status !== 'canceled')).toMatchObject([{ status: 'requires_capture', amount_capturable: 4200 }]);
    expect(await shop.rows.stock(order.lines[0]!.sku)).toEqual({ on_hand: 10, reserved: 1 });
    await eventuallyHolds(async () => expect(await shop.mailbox.about(order.id)).toEqual(['order_confirmation']));
  }, 60_000);

  it('whose provider is away is answered 202, and confirmed when it is back', async () => {
    const sku = await shop.goods({ price: 4200, currency: 'THB' });
    const away = await shop.provider.fault({ kind: 'error', status: 503, match: { path: '^/v1/' } });
    const key = randomUUID();
    const placed = await shop.place<{ id: string; status_url: string }>({ sku, currency: 'THB' }, { key });
    expect([placed.status, placed.headers.get('location'), placed.body]).toEqual([202, `/api/orders/${placed.body.id}`, { id: placed.body.id, status_url: `/api/orders/${placed.body.id}` }]);
    const order = { id: placed.body.id };
    await eventually('shown as unknown', async () => (await shop.order(order.id)).payment_status === 'unknown', 30_000);
    expect(await shop.order(order.id)).toMatchObject({ status: 'pending', payment: { attempt_status: 'unknown' } });
    const again = await shop.command<Problem>(order, 'payments', { payment_method: 'pm_card_mastercard' }, { key: randomUUID() }).catch(() => undefined);
    expect([202, 409]).toContain(again?.status);
    expect(await shop.provider.hits(away)).toBeGreaterThan(0);
    await shop.provider.clearFaults();
    const { status, body } = await shop.insist('/api/orders', shop.placement({ sku, currency: 'THB' }), key).catch(() => ({ status: 0, body: undefined }));
    expect([status, body]).toMatchObject([422, { code: 'idempotency_key_reused' }]);
    await eventually('confirmed', async () => (await shop.order(order.id)).status === 'confirmed', 60_000);
    expect(await shop.provider.intentsOf(order.id)).toHaveLength(1);
    expect((await shop.steps(order.id)).filter((step) => !step.startsWith('payment.begun'))).toEqual(['order.placed', 'payment.unknown', 'order.confirmed']);
  }, 120_000);
});

describe('a capture of which nobody knows', () => {
  it.each([
    ['breaks off', { kind: 'time_out_after_effect', close_after_ms: 300, count: 2 }],
    ['answers with a 500', { kind: 'error_after_effect', status: 500, count: 1 }],
    ['is refused for its rate', { kind: 'rate_limit', count: 1 }],
  ])('%s: the order ships, and the money is taken once', async (_what, fault) => {
    const order = await confirmed();
    await shop.provider.fault({ ...fault, ...onIntent(order, 'capture') });
    const key = randomUUID();
    const shipped = await shop.insist(`/api/orders/${order.id}/ship`, { carrier: 'ups', tracking_number: 'T1' }, key);
    expect([shipped.status, shipped.body.status, shipped.body.payment_status, shipped.body.captured_amount]).toEqual([200, 'shipped', 'paid', 4200]);
    expect(await shop.provider.intentsOf(order.id)).toMatchObject([{ status: 'succeeded', amount_received: 4200 }]);
    expect(await shop.rows.ledger([order.id])).toEqual({ cash_at_provider: 4200, revenue: -4200 });
    await eventuallyHolds(async () => expect(await shop.mailbox.about(order.id)).toEqual(['order_confirmation', 'payment_receipt', 'order_shipped']));
  }, 60_000);

  it('is cut short by a cancel: nothing is kept, whether or not the money was taken', async () => {
    const [taken, late] = [await confirmed(), await confirmed()];
    await Promise.all([
      cutShort(taken, { kind: 'time_out_after_effect' }, 'refunded', { cash_at_provider: 0, refunds: 4200, revenue: -4200 }),
      // Longer than we wait: the request is worked on after the cancel has voided the payment.
      cutShort(late, { kind: 'delay', delay_ms: 14_000 }, 'voided', {}),
    ]);
  }, 120_000);

  it('and that succeeds while a cancel waits wins: the goods have left', async () => {
    const order = await confirmed();
    const slow = await shop.provider.fault({ kind: 'delay', delay_ms: 2000, count: 1, ...onIntent(order, 'capture') });
    const shipping = shop.ship(order);
    await eventually('the capture is under way', async () => (await shop.provider.hits(slow)) === 1);
    const cancelled = await shop.command<Problem>(order, 'cancel');
    expect([(await shipping).status, cancelled.status, cancelled.body.code]).toEqual([200, 409, 'illegal_transition']);
    expect(await shop.order(order.id)).toMatchObject({ status: 'shipped', payment_status: 'paid', captured_amount: 4200 });
  }, 60_000);

  async function cutShort(order: OrderBody, fault: Record<string, unknown>, paymentStatus: string, ledger: Record<string, number>): Promise<void> {
    const slow = await shop.provider.fault({ ...fault, count: 1, ...onIntent(order, 'capture') });
    const shipping = shop.insist<Problem>(`/api/orders/${order.id}/ship`, { carrier: 'ups', tracking_number: 'T1' }, randomUUID());
    await eventually('the capture is under way', async () => (await shop.provider.hits(slow)) === 1);
    const cancelled = await shop.insist(`/api/orders/${order.id}/cancel`, {}, randomUUID());
    expect([cancelled.status, cancelled.body.status]).toEqual([200, 'cancelled']);
    const ship = await shipping;
    expect([ship.status, ship.body.code]).toEqual([409, 'capture_failed']);
    await eventually('the late request is done with', async () => (await shop.provider.intent(order.payment!.provider_ref!)).amount_capturable === 0, 30_000);
    expect(await shop.order(order.id)).toMatchObject({ status: 'cancelled', payment_status: paymentStatus, attention: null });
    expect(await shop.rows.ledger([order.id])).toEqual(ledger);
    const [intent] = await shop.provider.intentsOf(order.id);
    const { data } = await shop.provider.refunds(intent!.id);
    expect(intent!.amount_received - data.reduce((sum, { amount }) => sum + amount, 0)).toBe(0);
    expect(await shop.rows.stock(order.lines[0]!.sku)).toEqual({ on_hand: 2, reserved: 0 });
  }
});

describe('a void or a refund of which nobody knows', () => {
  it('is done once', async () => {
    const [cancelled, refunded] = [await confirmed(), await confirmed()];
    await shop.ship(refunded);
    await shop.provider.fault({ kind: 'error_after_effect', status: 500, count: 1, ...onIntent(cancelled, 'cancel') });
    expect((await shop.insist(`/api/orders/${cancelled.id}/cancel`, {}, randomUUID())).body).toMatchObject({ status: 'cancelled', payment_status: 'voided' });
    for (const [kind, count] of [['error_after_effect', 1], ['reset_after_effect', 2]] as const) {
      await shop.provider.fault({ kind, count, match: { method: 'POST', path: '^/v1/refunds$' } });
      const answer = await shop.insist(`/api/orders/${refunded.id}/refund`, { amount: 100, reason: 'damaged' }, randomUUID());
      expect(answer.status).toBe(200);
    }
    expect((await shop.order(refunded.id)).refunded_amount).toBe(200);
    expect((await shop.provider.refunds(refunded.payment!.provider_ref!)).data.map(({ amount }) => amount)).toEqual([100, 100]);
    expect(await shop.rows.ledger([refunded.id])).toEqual({ cash_at_provider: 4000, refunds: 200, revenue: -4200 });
  }, 60_000);
});
