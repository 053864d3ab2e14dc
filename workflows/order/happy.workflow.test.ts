import { describe, expect, it } from '@jest/globals';
import type { OrderWorld } from '#test/support/order-world.ts';
import { sampleId } from '#test/support/sample-order.ts';
import { useOrderWorld } from '#test/support/use-order-world.ts';

const ups = { carrier: 'ups', trackingNumber: '1Z' };

describe('an order that goes well', () => {
  let world: OrderWorld;
  useOrderWorld((started) => (world = started));

  it('is placed, shipped, delivered, and completed when its return window ends', async () => {
    // Day 0 => placed and authorised
    const order = await world.place();
    expect(order.outcome).toEqual({ outcome: 'confirmed', orderId: order.id, paymentId: order.paymentId });
    expect(order.state()).toMatchObject({ status: 'confirmed', paymentStatus: 'authorized', fulfillmentStatus: 'unfulfilled' });
    expect(world.rows.stock.get('MUG')).toEqual({ onHand: 100, reserved: 3 });

    // Day 1 => shipped, and its money taken
    await world.pass('1 day');
    expect(await order.send('ship', { shipmentId: sampleId('shipment', 1), ...ups })).toMatchObject({ outcome: 'done', status: 'shipped' });
    expect(order.state()).toMatchObject({ paymentStatus: 'paid', fulfillmentStatus: 'shipped' });
    expect(world.rows.ledger(order.id)).toEqual({ cash_at_provider: 11_750, revenue: -11_750 });
    expect(world.rows.stock.get('MUG')).toEqual({ onHand: 97, reserved: 0 });

    // Day 3 => delivered
    await world.pass('2 days');
    await order.send('deliver');
    expect(order.state()).toMatchObject({ status: 'delivered', fulfillmentStatus: 'delivered' });

    // Day 33 => the return window of 30 days ends
    expect(await order.result()).toEqual({ orderId: order.id, status: 'completed' });
    const { deliveredAt } = order.state();
    expect((await world.now()) - Date.parse(deliveredAt!)).toBeGreaterThanOrEqual(30 * 86_400_000);
    expect(world.rows.steps(order.id)).toEqual(['order.confirmed', 'order.shipped', 'order.delivered', 'order.completed']);
    expect(world.rows.mails(order.id)).toEqual(['order_confirmation', 'payment_receipt', 'order_shipped', 'order_delivered']);
    expect(world.provider.count('authorizePayment')).toBe(1);
    const events = await order.events();
    process.stderr.write(`An order with one shipment: ${events} events
`);
    expect(events).toBeLessThanOrEqual(45);
  });

  it('takes and gives back only what its provider can move, and refuses an amount that it can\'t', async () => {
    const captures = world.provider.count('capturePayment');
    const lines = [
      { id: sampleId('orderLine', 900), sku: 'MUG', title: 'Mug', quantity: 1, unitPrice: 1110 },
      { id: sampleId('orderLine', 901), sku: 'POT', title: 'Tea pot', quantity: 3, unitPrice: 2963 },
    ];
    const order = await world.place({ multicapture: true, placement: { currency: 'KWD', lines, shipping: 1 } });
    expect(order.state().totals.total).toBe(10_000);
    expect(await order.send('capture', { amount: 3333 })).toMatchObject({ outcome: 'rejected', refusal: { code: 'amount_not_chargeable', detail: expect.stringContaining('10 minor units') }, step: 10 });
    expect(world.provider.count('capturePayment')).toBe(captures);
    await order.send('ship', { shipmentId: sampleId('shipment', 90), ...ups, lines: [{ sku: 'POT', quantity: 1 }] });
    await order.send('ship', { shipmentId: sampleId('shipment', 91), ...ups });
    expect(order.state().shipments.map(({ capturedAmount }) => capturedAmount)).toEqual([2960, 7040]);
    expect(await order.send('refund', { refundId: sampleId('refund', 90), amount: 3333 })).toMatchObject({ outcome: 'rejected', refusal: { code: 'amount_not_chargeable' }, step: 10 });
    expect(order.state()).toMatchObject({ attention: null, refunds: [], paymentStatus: 'paid' });
    await order.send('refund', { refundId: sampleId('refund', 91), lines: [{ sku: 'POT', quantity: 2 }] });
    expect(order.state().refunds.map(({ amount }) => amount)).toEqual([5920]);
    expect(world.rows.ledger(order.id).cash_at_provider).toBe(4080);
    await order.send('deliver');
    await order.send('complete');
    await order.result();
  });

  it('costs at most 12 events for each further shipment, with captures of its own', async () => {
    const order = await world.place({ multicapture: true });
    const shipped = async (n: number, units: object[]) => {
      const before = await order.events();
      const captured = { before: world.rows.ledger(order.id).cash_at_provider ?? 0 };
      await order.send('ship', { shipmentId: sampleId('shipment', 10 + n), ...ups, lines: units });
      return { events: (await order.events()) - before, captured: world.rows.ledger(order.id).cash_at_provider! - captured.before };
    };
    expect((await shipped(1, [{ sku: 'MUG', quantity: 1 }])).captured).toBe(1250);
    const second = await shipped(2, [{ sku: 'POT', quantity: 1 }]);
    expect(second.captured).toBe(4000);
    expect(order.state()).toMatchObject({ status: 'processing', paymentStatus: 'partially_paid', fulfillmentStatus: 'partially_shipped' });
    const last = await shipped(3, [{ sku: 'MUG', quantity: 2 }, { sku: 'POT', quantity: 1 }]);
    expect(last.captured).toBe(6500);
    expect(order.state()).toMatchObject({ status: 'shipped', paymentStatus: 'paid' });
    process.stderr.write(`A further shipment: ${second.events} events\n`);
    expect(second.events).toBeLessThanOrEqual(12);

    await order.send('deliver', { shipmentId: sampleId('shipment', 11) });
    expect(order.state()).toMatchObject({ status: 'shipped', fulfillmentStatus: 'partially_delivered' });
    await order.send('deliver');
    await order.send('return', { restock: true, lines: [{ sku: 'POT', quantity: 1 }] });
    await order.send('return', { restock: false });
    expect(await order.result()).toEqual({ orderId: order.id, status: 'returned' });
  });

  it('shows operators where it stands by search attributes', async () => {
    const order = await world.place();
    const { typedSearchAttributes: shown } = await order.handle.describe();
    const byName = Object.fromEntries(shown.getAll().map(({ key, value }) => [key.name, value]));
    expect(byName).toMatchObject({ OrderStatus: 'confirmed', PaymentStatus: 'authorized', AmountBand: '50-200', NextDeadline: expect.any(Date) });
    await order.send('cancel', { reason: 'changed_mind' });
    await order.result();
  });
});
