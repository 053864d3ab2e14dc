import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Shop, type Problem } from './support/shop.ts';
import { eventually, eventuallyHolds } from './support/wait.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open();
}, 180_000);
afterAll(() => shop?.close());

describe('an order that is delivered', () => {
  it('ships in two parts, is delivered, refunded in part and completed when its return window ends', async () => {
    const [mug, tray] = [await shop.goods({ price: 1000, stock: 5 }), await shop.goods({ price: 250, stock: 5 })];
    await shop.rows.setTenant({ returnWindowSeconds: 3 });
    const placed = await shop.place({ lines: [{ sku: mug, quantity: 2 }, { sku: tray, quantity: 4 }] });
    await shop.rows.setTenant({ returnWindowSeconds: null });
    expect(await shop.rows.stock(mug)).toEqual({ on_hand: 5, reserved: 2 });

    const first = await shop.ship(placed.body, [{ sku: mug, quantity: 1 }, { sku: tray, quantity: 4 }]);
    expect(first.status).toBe(200);
    // Stripe captures an authorisation once: without multicapture all is taken with the first shipment.
    expect(first.body).toMatchObject({
      status: 'processing', payment_status: 'paid', fulfillment_status: 'partially_shipped', captured_amount: 3000,
      shipments: [{ carrier: 'ups', tracking_number: '1Z999AA10123456784', status: 'shipped', lines: [{ sku: mug, quantity: 1 }, { sku: tray, quantity: 4 }], captured_amount: 3000 }],
    });
    expect(await shop.rows.stock(mug)).toEqual({ on_hand: 4, reserved: 1 });
    expect(await shop.rows.stock(tray)).toEqual({ on_hand: 1, reserved: 0 });

    const tooMany = await shop.ship(placed.body, [{ sku: mug, quantity: 2 }]);
    expect(tooMany.status).toBe(409);
    expect(tooMany.body).toMatchObject({ code: 'lines_not_movable', lines: [{ sku: mug, requested: 2, movable: 1 }] });

    const second = await shop.ship(placed.body);
    expect(second.body).toMatchObject({ status: 'shipped', fulfillment_status: 'shipped', captured_amount: 3000 });
    expect(second.body.shipments.map(({ lines, captured_amount }) => [lines, captured_amount])).toEqual([
      [[{ sku: mug, quantity: 1 }, { sku: tray, quantity: 4 }], 3000], [[{ sku: mug, quantity: 1 }], 0],
    ]);
    expect(await shop.rows.stock(mug)).toEqual({ on_hand: 3, reserved: 0 });

    const arrived = await shop.command(placed.body, 'deliver', { shipment_id: second.body.shipments[0]!.id });
    expect(arrived.body).toMatchObject({ status: 'shipped', fulfillment_status: 'partially_delivered' });
    const delivered = await shop.command(placed.body, 'deliver');
    expect(delivered.body).toMatchObject({ status: 'delivered', fulfillment_status: 'delivered' });

    const refunded = await shop.command(placed.body, 'refund', { amount: 500, reason: 'damaged' });
    expect([refunded.status, refunded.body.payment_status, refunded.body.refunded_amount]).toEqual([200, 'partially_refunded', 500]);
    expect(refunded.body.refunds).toMatchObject([{ amount: 500, status: 'succeeded', reason: 'damaged', lines: null }]);

    const completed = await eventually('completed', async () => {
      const order = await shop.order(placed.body.id);
      return order.status === 'completed' ? order : undefined;
    });
    expect(completed.closed_at).not.toBeNull();
    await eventually('workflow completed', async () => (await shop.processes.of(placed.body.id)).status === 'COMPLETED');

    // After its end, a refund is a process of its own.
    const late = await shop.command(placed.body, 'refund', { lines: [{ sku: mug, quantity: 1 }], reason: 'goodwill' });
    expect([late.status, late.body.refunded_amount, late.body.payment_status]).toEqual([200, 1500, 'partially_refunded']);
    const rest = await shop.command(placed.body, 'refund', { reason: 'goodwill' });
    expect([rest.status, rest.body.refunded_amount, rest.body.payment_status]).toEqual([200, 3000, 'refunded']);
    const nothing = await shop.command<Problem>(placed.body, 'refund', { reason: 'goodwill' });
    expect(nothing.status).toBe(409);
    const ended = await shop.ship(placed.body);
    expect(ended.body).toMatchObject({ code: 'illegal_transition', order_status: 'completed', allowed: [] });

    expect(await shop.rows.ledger([placed.body.id])).toEqual({ cash_at_provider: 0, refunds: 3000, revenue: -3000 });
    const [intent] = await shop.provider.intentsOf(placed.body.id);
    expect([intent?.amount_received, intent?.status]).toEqual([3000, 'succeeded']);
    expect((await shop.provider.refunds(intent!.id)).data.map(({ amount }) => amount).sort()).toEqual([1000, 1500, 500].sort());
    expect(await shop.steps(placed.body.id)).toEqual([
      'order.placed', 'order.confirmed', 'order.shipped', 'order.shipped', 'order.delivered', 'order.delivered', 'refund.created',
      'order.completed', 'refund.created', 'refund.created',
    ]);
    await eventuallyHolds(async () => {
      expect(await shop.mailbox.about(placed.body.id)).toEqual([
        'order_confirmation', 'payment_receipt', 'order_shipped', 'order_shipped', 'order_delivered', 'order_delivered', 'refund_issued',
      ]);
    });
  });

  it('takes goods back and puts them in stock again', async () => {
    const sku = await shop.goods({ price: 700, stock: 3 });
    const { body } = await shop.place({ sku, quantity: 3 });
    expect((await shop.command<Problem>(body, 'return', {})).body).toMatchObject({ code: 'illegal_transition' });
    await shop.ship(body);
    await shop.command(body, 'deliver');
    const part = await shop.command(body, 'return', { lines: [{ sku, quantity: 1 }], restock: false });
    expect([part.body.status, part.body.lines[0]?.returned]).toEqual(['delivered', 1]);
    expect(await shop.rows.stock(sku)).toEqual({ on_hand: 0, reserved: 0 });
    const all = await shop.command(body, 'return', { restock: true });
    expect([all.body.status, all.body.fulfillment_status]).toEqual(['returned', 'returned']);
    expect(await shop.rows.stock(sku)).toEqual({ on_hand: 2, reserved: 0 });
    const refund = await shop.command(body, 'refund', { lines: [{ sku, quantity: 2 }], reason: 'returned' });
    expect([refund.status, refund.body.refunded_amount, refund.body.refunds[0]?.lines]).toEqual([200, 1400, [{ sku, quantity: 2 }]]);
  });
});

describe('an order before its shipment', () => {
  it('is cancelled: authorisation void at the provider, stock back', async () => {
    const sku = await shop.goods({ stock: 3 });
    const { body } = await shop.place({ sku, quantity: 2 });
    const cancelled = await shop.command(body, 'cancel', { reason: 'customer_request' });
    expect(cancelled.body).toMatchObject({ status: 'cancelled', payment_status: 'voided', reason: 'customer_request', captured_amount: 0 });
    expect(await shop.rows.stock(sku)).toEqual({ on_hand: 3, reserved: 0 });
    expect(await shop.provider.intentsOf(body.id)).toMatchObject([{ status: 'canceled', amount_received: 0 }]);
    expect(await shop.rows.ledger([body.id])).toEqual({});
    const [last] = (await shop.timeline(body.id, 'order')).slice(-1);
    expect(last).toMatchObject({ type: 'order.cancelled', reason: 'customer_request', status: 'cancelled', payment_status: 'voided' });
    expect(last?.actor).toMatch(/^key:key_/);
    await eventuallyHolds(async () => expect(await shop.mailbox.about(body.id)).toEqual(['order_confirmation', 'order_cancelled']));
  });

  it('is held and released to where it was, and says what it allows', async () => {
    const sku = await shop.goods();
    const { body } = await shop.place({ sku });
    expect((await shop.command(body, 'process')).body.status).toBe('processing');
    expect((await shop.command(body, 'hold', { reason: 'address_check' })).body.status).toBe('on_hold');
    const refused = await shop.ship(body) as unknown as { status: number; body: Problem };
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ code: 'illegal_transition', order_id: body.id, order_status: 'on_hold', allowed: ['release', 'cancel'] });
    expect((await shop.command(body, 'release')).body.status).toBe('processing');
    expect(await shop.steps(body.id)).toEqual(['order.placed', 'order.confirmed', 'order.processing', 'order.held', 'order.released']);
  });

  it('is captured without a shipment, and cancelled with a refund', async () => {
    const sku = await shop.goods({ price: 800 });
    const { body } = await shop.place({ sku });
    const tooMuch = await shop.command<Problem>(body, 'capture', { amount: 801 });
    expect([tooMuch.status, tooMuch.body.code]).toEqual([409, 'amount_too_high']);
    expect((await shop.command(body, 'capture')).body).toMatchObject({ payment_status: 'paid', captured_amount: 800, status: 'confirmed' });
    const cancelled = await shop.command(body, 'cancel');
    expect(cancelled.body).toMatchObject({ status: 'cancelled', payment_status: 'refunded', captured_amount: 800, refunded_amount: 800 });
    expect(await shop.rows.ledger([body.id])).toEqual({ cash_at_provider: 0, refunds: 800, revenue: -800 });
  });
});

describe('PATCH /api/orders/:id', () => {
  it('changes the status by the same commands, with If-Match', async () => {
    const sku = await shop.goods();
    const { body, headers } = await shop.place({ sku });
    const path = `/api/orders/${body.id}`;
    expect((await shop.call('PATCH', path, { status: 'processing' })).status).toBe(428);
    expect((await shop.call('PATCH', path, { status: 'processing' }, { ifMatch: '"v1"' })).status).toBe(412);
    const processing = await shop.call('PATCH', path, { status: 'processing' }, { ifMatch: headers.get('etag')! });
    expect([processing.status, processing.body]).toMatchObject([200, { status: 'processing', version: 3 }]);
    const noCarrier = await shop.call<Problem>('PATCH', path, { status: 'shipped' }, { ifMatch: '"v3"' });
    expect([noCarrier.status, noCarrier.body.errors]).toMatchObject([422, [{ pointer: '/carrier' }, { pointer: '/tracking_number' }]]);
    const shipped = await shop.call('PATCH', path, { status: 'shipped', carrier: 'ups', tracking_number: '1Z9' }, { ifMatch: '"v3"' });
    expect([shipped.status, shipped.body]).toMatchObject([200, { status: 'shipped', captured_amount: 1999 }]);
    const backwards = await shop.call<Problem>('PATCH', path, { status: 'cancelled' }, { ifMatch: shipped.headers.get('etag')! });
    expect([backwards.status, backwards.body]).toMatchObject([409, { code: 'illegal_transition', order_status: 'shipped', allowed: ['deliver', 'refund'] }]);
    const metadata = await shop.call('PATCH', path, { metadata: { gift: 'yes' } }, { ifMatch: shipped.headers.get('etag')! });
    expect([metadata.status, metadata.body]).toMatchObject([200, { metadata: { gift: 'yes' }, status: 'shipped' }]);
  });
});
