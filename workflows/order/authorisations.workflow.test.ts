import { describe, expect, it } from '@jest/globals';
import { type OrderWorld, until } from '#test/support/order-world.ts';
import { sampleId } from '#test/support/sample-order.ts';
import { useOrderWorld } from '#test/support/use-order-world.ts';

const ups = { carrier: 'ups', trackingNumber: '1Z' };
const day = 86_400_000;

describe('authorisations that lapse, and money by shipment', () => {
  let world: OrderWorld;
  useOrderWorld((started) => (world = started));
  let shipments = 0;
  const shipment = () => {
    shipments += 1;
    return { shipmentId: sampleId('shipment', shipments), ...ups };
  };

  it('takes the money a day before it lapses, where the tenant chose so', async () => {
    const order = await world.place({ settings: { authorizationLapse: 'capture' } });
    const placed = await world.now();
    // Day 5 => nothing yet; day 6 => captured
    await world.pass('5 days');
    expect(order.state().paymentStatus).toBe('authorized');
    await world.pass('25 hours');
    await until(() => order.state().paymentStatus === 'paid');
    expect(order.state()).toMatchObject({ status: 'confirmed', attention: null });
    expect((await world.now()) - placed).toBeGreaterThanOrEqual(6 * day);
    expect(world.rows.steps(order.id)).toEqual(['order.confirmed', 'payment.captured']);
    await order.send('ship', shipment());
    expect(order.state().paymentStatus).toBe('paid');
    expect(world.rows.ledger(order.id).cash_at_provider).toBe(11_750);
    await order.send('deliver');
    await order.send('complete');
    await order.result();
  });

  it('renews it with the saved method, and voids the old one after the new one stands', async () => {
    const order = await world.place({ settings: { authorizationLapse: 'renew' }, placement: { payment: { paymentId: sampleId('payment', 801), provider: 'stripe', saveMethod: true } } });
    await world.pass('145 hours');
    await until(() => order.state().payments[0]!.status === 'voided');
    expect(order.state().payments.map(({ status, attempt }) => ({ status, attempt }))).toEqual([
      { status: 'voided', attempt: 1 }, { status: 'authorized', attempt: 2 },
    ]);
    expect(order.state()).toMatchObject({ status: 'confirmed', paymentStatus: 'authorized' });
    expect(world.rows.steps(order.id)).toEqual(['order.confirmed', 'payment.authorized', 'payment.voided']);
    // Day 12 => and once more
    await world.pass('145 hours');
    await until(() => order.state().payments.length === 3 && order.state().payments[1]!.status === 'voided');
    await order.send('cancel');
    await order.result();
  });

  it('announces it where no method was saved, or the renewal is declined', async () => {
    const order = await world.place({ settings: { authorizationLapse: 'renew' } });
    await world.pass('145 hours');
    await until(() => order.state().attention?.code === 'authorization_lapsing');
    expect(world.rows.mails(order.id)).toEqual(['order_confirmation', 'admin_notification']);
    // Day 7 => it lapses at the provider, which says so
    world.provider.lapse(order.paymentId);
    await order.signal({ kind: 'payment' });
    await until(() => order.state().attention?.code === 'authorization_lapsed');
    expect(order.state()).toMatchObject({ status: 'confirmed', paymentStatus: 'voided' });
    expect(await order.send('ship', shipment())).toMatchObject({ outcome: 'rejected', refusal: { code: 'payment_method_missing' } });
    // Day 8 => the customer pays again, and the order goes on
    expect(await order.send('pay', { paymentId: sampleId('payment', 810), paymentMethod: 'pm_card_visa' })).toMatchObject({ outcome: 'confirmed' });
    expect(order.state()).toMatchObject({ status: 'confirmed', paymentStatus: 'authorized', attention: null });
    await order.send('ship', shipment());
    expect(order.state().paymentStatus).toBe('paid');
    await order.send('deliver');
    await order.send('complete');
    await order.result();

    const declined = await world.place({ placement: { payment: { paymentId: sampleId('payment', 802), provider: 'stripe', saveMethod: true } } });
    world.provider.next('authorizePayment', { say: 'declined', code: 'card_declined' });
    await world.pass('145 hours');
    await until(() => declined.state().attention?.code === 'authorization_lapsing');
    expect(declined.state()).toMatchObject({ paymentStatus: 'authorized', payments: [{ status: 'authorized' }, { status: 'declined' }] });
    await declined.send('cancel');
    await declined.result();
  });

  it('announces it once, where the tenant chose that, and shipping ends the notice', async () => {
    const order = await world.place({ settings: { authorizationLapse: 'announce' } });
    await world.pass('145 hours');
    await until(() => order.state().attention !== null);
    await world.pass('20 hours');
    expect(world.rows.steps(order.id)).toEqual(['order.confirmed', 'payment.lapse_announced']);
    await order.send('ship', shipment());
    expect(order.state()).toMatchObject({ status: 'shipped', paymentStatus: 'paid', attention: null });
    await order.send('deliver');
    await order.send('complete');
    await order.result();
  });

  it('never renews without end, however long the margin', async () => {
    const order = await world.place({
      settings: { authorizationLapse: 'renew', lapseMarginSeconds: 30 * 86_400 },
      placement: { payment: { paymentId: sampleId('payment', 803), provider: 'stripe', saveMethod: true } },
    });
    await world.pass('8 days');
    // Half of 7 days: at 3.5 and at 7 days.
    await until(() => order.state().payments.length === 3);
    await order.send('cancel');
    await order.result();
  });

  it('renews what is left of an authorisation that paid for a shipment, and gives none of that back', async () => {
    const order = await world.place({ multicapture: true, placement: { payment: { paymentId: sampleId('payment', 804), provider: 'stripe', saveMethod: true } } });
    await order.send('ship', { ...shipment(), lines: [{ sku: 'MUG', quantity: 3 }] });
    const undone = world.provider.count('undoPayment');
    await world.pass('145 hours');
    await until(() => order.state().payments.length === 2 && order.state().payments[0]!.status === 'captured');
    expect(world.provider.count('undoPayment')).toBe(undone);
    await order.send('ship', shipment());
    expect(order.state()).toMatchObject({ status: 'shipped', paymentStatus: 'paid' });
    expect(order.state().payments.map(({ captured, refunded }) => ({ captured, refunded }))).toEqual([
      { captured: 3750, refunded: 0 }, { captured: 8000, refunded: 0 },
    ]);
    await order.send('deliver');
    await order.send('complete');
    await order.result();
  });

  it('takes everything with the first shipment, where the provider captures once', async () => {
    const order = await world.place({ settings: { splitCapture: 'capture_all' } });
    await order.send('ship', { ...shipment(), lines: [{ sku: 'MUG', quantity: 1 }] });
    expect(order.state()).toMatchObject({ status: 'processing', paymentStatus: 'paid' });
    await order.send('ship', shipment());
    expect(order.state().shipments.map(({ capturedAmount }) => capturedAmount)).toEqual([11_750, 0]);
    await order.send('deliver');
    await order.send('complete');
    await order.result();
  });

  it('charges the saved method for the second shipment, where the tenant chose to', async () => {
    const order = await world.place({ settings: { splitCapture: 'reauthorize' } });
    await order.send('ship', { ...shipment(), lines: [{ sku: 'POT', quantity: 1 }] });
    expect(order.state()).toMatchObject({ status: 'processing', paymentStatus: 'partially_paid' });
    world.provider.next('authorizePayment', { say: 'declined', code: 'card_declined' });
    expect(await order.send('ship', shipment())).toMatchObject({ outcome: 'rejected', refusal: { code: 'capture_failed' }, decline: { code: 'card_declined' } });
    expect(order.state()).toMatchObject({ status: 'processing', paymentStatus: 'partially_paid', attention: { code: 'capture_failed' } });
    // The next day it goes through.
    await world.pass('1 day');
    expect(await order.send('ship', shipment())).toMatchObject({ outcome: 'done', status: 'shipped', paymentStatus: 'paid' });
    expect(order.state().shipments.map(({ capturedAmount }) => capturedAmount)).toEqual([4000, 7750]);
    expect(order.state().payments.map(({ status }) => status)).toEqual(['captured', 'declined', 'captured']);
    expect(world.provider.keys('authorizePayment').filter((key) => key.startsWith(`order/${order.id}/`))).toHaveLength(3);
    await order.send('deliver');
    await order.send('complete');
    await order.result();
  });

  it('lets the customer pay the rest himself, where the saved method is declined', async () => {
    const order = await world.place({ settings: { splitCapture: 'reauthorize' } });
    await order.send('ship', { ...shipment(), lines: [{ sku: 'POT', quantity: 1 }] });
    world.provider.next('authorizePayment', { say: 'declined', code: 'expired_card' }, { say: 'declined', code: 'card_declined' });
    expect(await order.send('ship', shipment())).toMatchObject({ outcome: 'rejected', refusal: { code: 'capture_failed' } });
    expect(await order.send('pay', { paymentId: sampleId('payment', 811), paymentMethod: 'pm_1' })).toMatchObject({ outcome: 'declined', code: 'card_declined' });
    expect(await order.send('pay', { paymentId: sampleId('payment', 812), paymentMethod: 'pm_2' })).toMatchObject({ outcome: 'confirmed' });
    expect(order.state().payments.at(-1)).toMatchObject({ amount: 7750, status: 'authorized' });
    expect(await order.send('pay', { paymentId: sampleId('payment', 813) })).toMatchObject({ outcome: 'rejected', refusal: { code: 'payment_pending' } });
    expect(await order.send('ship', shipment())).toMatchObject({ outcome: 'done', status: 'shipped', paymentStatus: 'paid' });
    await order.send('deliver');
    await order.send('complete');
    await order.result();
  });

  it('knows the charge of a saved method that a delivery of goods was cut short in', async () => {
    const order = await world.place({ settings: { splitCapture: 'reauthorize' } });
    await order.send('capture', { amount: 1000 });
    world.provider.away('authorizePayment');
    world.provider.next('authorizePayment', { say: 'unknown', effect: true });
    const shipping = order.send('ship', shipment());
    await until(() => [...world.provider.payments.values()].some(({ captured }) => captured === 10_750));
    expect(await order.send('cancel')).toMatchObject({ outcome: 'done', status: 'cancelled' });
    world.provider.away('authorizePayment', false);
    expect(await shipping).toMatchObject({ outcome: 'rejected' });
    await order.result();
    expect(order.state().payments.map(({ captured, refunded }) => captured - refunded)).toEqual([0, 0]);
    expect([...world.provider.payments.values()].filter(({ captured }) => captured === 10_750)).toMatchObject([{ refunded: 10_750 }]);
    expect(world.rows.ledger(order.id).cash_at_provider).toBe(0);
  });
});
