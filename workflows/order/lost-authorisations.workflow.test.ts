import { describe, expect, it } from '@jest/globals';
import { until, type OrderWorld } from '#test/support/order-world.ts';
import { sampleId } from '#test/support/sample-order.ts';
import { useOrderWorld } from '#test/support/use-order-world.ts';

const ups = { carrier: 'ups', trackingNumber: '1Z' };

describe('an authorisation that has ended behind our back', () => {
  let world: OrderWorld;
  useOrderWorld((started) => (world = started));
  let numbers = 0;
  const shipment = (sku?: string) => ({ shipmentId: sampleId('shipment', (numbers += 1)), ...ups, ...(sku ? { lines: [{ sku, quantity: 1 }] } : {}) });
  const payment = () => ({ paymentId: sampleId('payment', 700 + (numbers += 1)), paymentMethod: 'pm_other' });

  it('lets no goods leave for what it took before, and another payment takes its place', async () => {
    const order = await world.place({ multicapture: true });
    expect(await order.send('ship', shipment('POT'))).toMatchObject({ outcome: 'done' });
    const { captured } = order.state().payments[0]!;
    expect(captured).toBeGreaterThan(0);
    // Day 7: its window ends; Stripe answers a further capture with what was taken in all.
    world.provider.lapse(order.paymentId);
    expect(await order.send('ship', shipment())).toMatchObject({ outcome: 'rejected', refusal: { code: 'capture_failed' } });
    expect(order.state()).toMatchObject({
      status: 'processing', paymentStatus: 'partially_paid', attention: { code: 'capture_failed' }, shipments: [{ capturedAmount: captured }],
      payments: [{ status: 'captured', captured }],
    });
    expect(await order.send('pay', payment())).toMatchObject({ outcome: 'confirmed' });
    expect(await order.send('ship', shipment())).toMatchObject({ outcome: 'done', status: 'shipped', paymentStatus: 'paid' });
    expect(world.rows.ledger(order.id)).toEqual({ cash_at_provider: 11_750, revenue: -11_750 });
    await order.send('deliver');
    await order.send('complete');
    await order.result();
  });

  it('of which a part was taken asks for a person as soon as the provider tells', async () => {
    const order = await world.place({ multicapture: true });
    await order.send('ship', shipment('POT'));
    world.provider.lapse(order.paymentId);
    await order.signal({ kind: 'payment' });
    await until(() => order.state().attention !== null);
    expect(order.state()).toMatchObject({ paymentStatus: 'partially_paid', attention: { code: 'authorization_lapsed' }, payments: [{ status: 'captured' }] });
    expect(await order.send('pay', payment())).toMatchObject({ outcome: 'confirmed' });
    expect(await order.send('ship', shipment())).toMatchObject({ outcome: 'done', paymentStatus: 'paid' });
    await order.send('deliver');
    await order.send('complete');
    await order.result();
  });

  it('is seen in the refusal of its capture, though no event told of it', async () => {
    const order = await world.place();
    world.provider.lapse(order.paymentId);
    expect(await order.send('ship', shipment())).toMatchObject({ outcome: 'rejected', refusal: { code: 'capture_failed' } });
    expect(order.state()).toMatchObject({ payments: [{ status: 'voided' }], attention: { code: 'capture_failed' } });
    expect(await order.send('pay', payment())).toMatchObject({ outcome: 'confirmed' });
    expect(order.state().attention).toBeNull();
    await order.send('cancel');
    await order.result();
  });

  it('or whose capture is refused is given up for another payment, never beside it', async () => {
    const order = await world.place();
    world.provider.next('capturePayment', { say: 'failed', code: 'card_declined' });
    expect(await order.send('ship', shipment())).toMatchObject({ outcome: 'rejected', refusal: { code: 'capture_failed' } });
    expect(order.state().payments).toMatchObject([{ status: 'authorized' }]);
    expect(await order.send('pay', payment())).toMatchObject({ outcome: 'confirmed' });
    expect(order.state().payments).toMatchObject([{ status: 'voided' }, { status: 'authorized' }]);
    expect(world.provider.payments.get(order.paymentId)!.status).toBe('canceled');
    await order.send('cancel');
    await order.result();
  });

  it('asks for a person also after a renewal that was declined', async () => {
    const order = await world.place({ settings: { authorizationLapse: 'renew' }, placement: { payment: { paymentId: sampleId('payment', 699), provider: 'stripe', saveMethod: true } } });
    world.provider.next('authorizePayment', { say: 'declined', code: 'card_declined' });
    // Day 6 => the renewal is declined, and an operator takes note of it.
    await world.pass('145 hours');
    await until(() => order.state().attention !== null);
    await order.send('resolve', { resolution: 'dismiss' });
    // Day 7 => the authorisation ends.
    world.provider.lapse(order.paymentId);
    await order.signal({ kind: 'payment' });
    await until(() => order.state().attention !== null);
    expect(order.state()).toMatchObject({ status: 'confirmed', attention: { code: 'authorization_lapsed' } });
    await order.send('cancel');
    await order.result();
  });
});

describe('a payment whose outcome is open', () => {
  let world: OrderWorld;
  useOrderWorld((started) => (world = started));

  it('keeps the goods: another charge for them would be the second', async () => {
    const order = await world.place({ settings: { splitCapture: 'reauthorize' } });
    await order.send('ship', { shipmentId: sampleId('shipment', 601), ...ups, lines: [{ sku: 'POT', quantity: 1 }] });
    world.provider.next('authorizePayment', { say: 'processing' });
    expect(await order.send('ship', { shipmentId: sampleId('shipment', 602), ...ups })).toMatchObject({ outcome: 'rejected' });
    const charged = world.provider.keys('authorizePayment').length;
    expect(await order.send('ship', { shipmentId: sampleId('shipment', 603), ...ups })).toMatchObject({ outcome: 'rejected', refusal: { code: 'payment_pending' } });
    expect(world.provider.keys('authorizePayment')).toHaveLength(charged);
    const open = order.state().payments.at(-1)!;
    world.provider.payments.get(open.id)!.status = 'authorized';
    world.provider.captureByHand(open.id);
    await order.signal({ kind: 'payment', paymentId: open.id });
    expect(await order.send('ship', { shipmentId: sampleId('shipment', 604), ...ups })).toMatchObject({ outcome: 'done', status: 'shipped', paymentStatus: 'paid' });
    await order.send('deliver');
    await order.send('complete');
    await order.result();
  });
});
