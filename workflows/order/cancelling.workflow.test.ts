import { describe, expect, it } from '@jest/globals';
import { type OrderWorld, until } from '#test/support/order-world.ts';
import { sampleId } from '#test/support/sample-order.ts';
import { useOrderWorld } from '#test/support/use-order-world.ts';

const ups = { carrier: 'ups', trackingNumber: '1Z' };

describe('ending an order before its delivery', () => {
  let world: OrderWorld;
  useOrderWorld((started) => (world = started));
  const undone = () => world.provider.count('undoPayment');

  it('voids what is authorised, once, and gives the stock back', async () => {
    const order = await world.place();
    const before = undone();
    expect(await order.send('cancel', { reason: 'changed_mind' })).toMatchObject({ outcome: 'done', status: 'cancelled', paymentStatus: 'voided' });
    expect(await order.result()).toEqual({ orderId: order.id, status: 'cancelled' });
    expect(undone() - before).toBe(1);
    expect(order.state()).toMatchObject({ reserved: false, reason: 'changed_mind' });
    expect(await order.send('cancel')).toEqual({ outcome: 'not_running' });
  });

  it('interrupts a slow authorisation whose effect nobody saw, and undoes it once', async () => {
    const taken = await world.takeIn();
    const before = undone();
    world.provider.away('authorizePayment');
    world.provider.next('authorizePayment', { say: 'unknown', effect: true });
    const placing = world.attach(taken);
    await until(() => world.rows.orders.has(taken.id) && world.provider.payments.has(taken.paymentId));
    const order = world.order(taken.id, taken.paymentId, { outcome: 'payment_unknown', orderId: taken.id });
    const cancelled = order.send('cancel');
    expect(await cancelled).toMatchObject({ outcome: 'done', status: 'cancelled' });
    world.provider.away('authorizePayment', false);
    expect((await placing).outcome).toMatchObject({ outcome: 'payment_unknown' });
    expect(await order.result()).toMatchObject({ status: 'cancelled' });
    expect(undone() - before).toBe(1);
    expect(world.provider.payments.get(order.paymentId)!.status).toBe('canceled');
    expect(world.rows.stock.get('MUG')!.reserved).toBe(0);
  });

  it('interrupts a slow capture: what it took is found, booked and given back', async () => {
    const order = await world.place();
    const before = undone();
    world.provider.away('capturePayment');
    world.provider.next('capturePayment', { say: 'unknown', effect: true });
    const shipping = order.send('ship', { shipmentId: sampleId('shipment', 1), ...ups });
    await until(() => world.provider.payments.get(order.paymentId)!.captured > 0);
    expect(await order.send('cancel')).toMatchObject({ outcome: 'done', status: 'cancelled', paymentStatus: 'refunded' });
    world.provider.away('capturePayment', false);
    expect(await shipping).toMatchObject({ outcome: 'rejected', refusal: { code: 'capture_failed' } });
    await order.result();
    expect(undone() - before).toBe(1);
    expect(order.state().payments[0]).toMatchObject({ captured: 11_750, refunded: 11_750 });
    expect(world.rows.ledger(order.id)).toEqual({ cash_at_provider: 0, revenue: -11_750, refunds: 11_750 });
    expect(world.rows.stock.get('MUG')).toEqual({ onHand: 100, reserved: 0 });
  });

  it('is refused once a part is on its way, and then disturbs nothing', async () => {
    const order = await world.place({ multicapture: true });
    await order.send('ship', { shipmentId: sampleId('shipment', 2), ...ups, lines: [{ sku: 'MUG', quantity: 1 }] });
    const captures = world.provider.count('capturePayment');
    world.provider.next('capturePayment', { say: 'unknown' });
    const shipping = order.send('ship', { shipmentId: sampleId('shipment', 3), ...ups });
    await until(() => world.provider.count('capturePayment') > captures);
    expect(await order.send('cancel')).toMatchObject({ outcome: 'rejected' });
    expect(await shipping).toMatchObject({ outcome: 'done', status: 'shipped' });
    expect(order.state().paymentStatus).toBe('paid');
    await order.send('deliver');
    await order.send('complete');
    await order.result();
  });

  it('is parked for an operator when a void fails for a day, and goes on when he says so', async () => {
    const order = await world.place();
    world.provider.away('undoPayment');
    const before = undone();
    const cancelling = order.send('cancel');
    await until(() => undone() > before);
    await world.pass('5 minutes');
    expect(order.state().status).toBe('confirmed');
    // Day 1 => attention
    await world.pass('25 hours');
    await until(() => order.state().attention?.code === 'void_failed');
    expect(world.rows.mails(order.id)).toContain('admin_notification');
    world.provider.away('undoPayment', false);
    expect(await order.send('resolve', { resolution: 'retry', actor: 'user:ops', reason: 'provider is back' })).toMatchObject({ outcome: 'done' });
    expect(await cancelling).toMatchObject({ outcome: 'done', status: 'cancelled' });
    expect(await order.result()).toMatchObject({ status: 'cancelled' });
    expect(world.rows.steps(order.id)).toEqual(['order.confirmed', 'attention.raised', 'attention.resolved', 'order.cancelled']);
    expect(order.state()).toMatchObject({ attention: null, paymentStatus: 'voided' });
  });

  it('need not wait for the operator whom an unanswered capture waits for', async () => {
    const order = await world.place();
    world.provider.away('capturePayment');
    const before = world.provider.count('capturePayment');
    const shipping = order.send('ship', { shipmentId: sampleId('shipment', 4), ...ups });
    await until(() => world.provider.count('capturePayment') > before);
    await world.pass('25 hours');
    await until(() => order.state().attention?.code === 'payment_unknown');
    expect(await order.send('cancel')).toMatchObject({ outcome: 'done', status: 'cancelled' });
    expect(await shipping).toMatchObject({ outcome: 'rejected' });
    world.provider.away('capturePayment', false);
    await order.result();
    expect(order.state().attention).toBeNull();
  });

  it('is not told of a step that an operator dismissed: what was never made counts as such, and the order goes on', async () => {
    const order = await world.place({ settings: { splitCapture: 'reauthorize' } });
    await order.send('ship', { shipmentId: sampleId('shipment', 5), ...ups, lines: [{ sku: 'POT', quantity: 1 }] });
    world.provider.away('authorizePayment');
    const before = world.provider.count('authorizePayment');
    const shipping = order.send('ship', { shipmentId: sampleId('shipment', 6), ...ups });
    await until(() => world.provider.count('authorizePayment') > before);
    await world.pass('25 hours');
    await until(() => order.state().attention?.code === 'payment_unknown');
    await order.send('resolve', { resolution: 'dismiss' });
    expect(await shipping).toMatchObject({ outcome: 'rejected', refusal: { code: 'capture_failed', detail: expect.stringMatching(/an operator dismissed it/) } });
    expect(order.state()).toMatchObject({ status: 'processing', attention: null, paymentStatus: 'partially_paid', payments: [{ status: 'captured' }, { status: 'voided' }] });
    world.provider.away('authorizePayment', false);
    expect(await order.send('ship', { shipmentId: sampleId('shipment', 7), ...ups })).toMatchObject({ outcome: 'done', status: 'shipped', paymentStatus: 'paid' });

    world.provider.away('refundPayment');
    const asked = world.provider.count('refundPayment');
    const refunding = order.send('refund', { refundId: sampleId('refund', 1), amount: 100 });
    await until(() => world.provider.count('refundPayment') > asked);
    await world.pass('25 hours');
    await until(() => order.state().attention?.code === 'payment_unknown');
    await order.send('resolve', { resolution: 'dismiss' });
    expect(await refunding).toMatchObject({ outcome: 'rejected', refusal: { code: 'refund_failed', detail: expect.stringMatching(/an operator dismissed it/) } });
    expect(order.state()).toMatchObject({ refunds: [], attention: null });
    world.provider.away('refundPayment', false);
    await order.send('deliver');
    await order.send('complete');
    await order.result();
  });
});
