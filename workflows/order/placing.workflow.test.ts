import { describe, expect, it } from '@jest/globals';
import { type OrderWorld, until } from '#test/support/order-world.ts';
import { sampleId } from '#test/support/sample-order.ts';
import { useOrderWorld } from '#test/support/use-order-world.ts';

describe('placing and paying an order', () => {
  let world: OrderWorld;
  useOrderWorld((started) => (world = started));

  it('tells a decline, gives the stock back, and takes another payment', async () => {
    world.provider.next('authorizePayment', { say: 'declined', code: 'card_declined', declineCode: 'insufficient_funds' });
    const order = await world.place();
    expect(order.outcome).toMatchObject({ outcome: 'declined', code: 'card_declined', declineCode: 'insufficient_funds' });
    expect(order.state()).toMatchObject({ status: 'pending', paymentStatus: 'failed', reserved: false });
    expect(world.rows.stock.get('POT')!.reserved).toBe(0);

    const paid = await order.send('pay', { paymentId: sampleId('payment', 901), paymentMethod: 'pm_card_mastercard' });
    expect(paid).toMatchObject({ outcome: 'confirmed', paymentId: sampleId('payment', 901) });
    expect(order.state()).toMatchObject({ status: 'confirmed', paymentStatus: 'authorized', reserved: true });
    expect(world.rows.stock.get('POT')!.reserved).toBe(2);
    expect(world.rows.steps(order.id)).toEqual(['payment.declined', 'payment.begun', 'order.confirmed']);
    expect(world.rows.mails(order.id)).toEqual(['payment_failed', 'order_confirmation']);
    await order.send('cancel');
    await order.result();
  });

  it('does not take a payment whose goods have gone meanwhile', async () => {
    world.provider.next('authorizePayment', { say: 'declined', code: 'card_declined' });
    const order = await world.place();
    world.rows.stock.set('POT', { onHand: 1, reserved: 0 });
    const asked = world.provider.count('authorizePayment');
    expect(await order.send('pay', { paymentId: sampleId('payment', 902) })).toMatchObject({
      outcome: 'out_of_stock', shortages: [{ sku: 'POT', requested: 2, available: 1 }],
    });
    expect(world.provider.count('authorizePayment')).toBe(asked);
    expect(world.rows.stock.get('MUG')!.reserved).toBe(0);
    // Day 1 => it expires
    expect(await order.result()).toMatchObject({ status: 'expired' });
  });

  it.each(['webhook', 'confirm'])('waits for the bank’s authentication and hears of it by %s', async (by) => {
    world.provider.next('authorizePayment', { say: 'requires_action' });
    const order = await world.place();
    expect(order.outcome).toMatchObject({ outcome: 'requires_action' });
    expect(order.state()).toMatchObject({ status: 'pending', paymentStatus: 'requires_action', reserved: true });
    world.provider.authenticate(order.paymentId);
    if (by === 'webhook') await order.signal({ kind: 'payment' });
    else expect(await order.send('confirm', { paymentId: sampleId('payment', 903) })).toMatchObject({ outcome: 'confirmed' });
    expect(order.state()).toMatchObject({ status: 'confirmed', paymentStatus: 'authorized' });
    // The other way of hearing comes later, and changes nothing.
    const { seq } = order.state();
    await order.signal({ kind: 'payment' });
    await order.signal({ kind: 'payment' });
    expect(order.state().seq).toBe(seq);
    expect(world.rows.mails(order.id)).toEqual(['action_required', 'order_confirmation']);
    await order.send('cancel');
    await order.result();
  });

  it('takes a payment that failed and then stood after all: the stock is held again first', async () => {
    world.provider.next('authorizePayment', { say: 'requires_action' });
    const order = await world.place();
    world.provider.authenticate(order.paymentId, false);
    await order.signal({ kind: 'payment' });
    expect(order.state()).toMatchObject({ status: 'pending', paymentStatus: 'failed', reserved: false });
    // The customer tries the same payment again, with another card.
    world.provider.authenticate(order.paymentId);
    await order.signal({ kind: 'payment' });
    expect(order.state()).toMatchObject({ status: 'confirmed', paymentStatus: 'authorized', reserved: true });
    expect(world.rows.stock.get('POT')!.reserved).toBe(2);
    await order.send('cancel');
    await order.result();
  });

  it('gives a payment that stood after all straight back when its goods have gone', async () => {
    world.provider.next('authorizePayment', { say: 'requires_action' });
    const order = await world.place();
    world.provider.authenticate(order.paymentId, false);
    await order.signal({ kind: 'payment' });
    const { onHand } = world.rows.stock.get('POT')!;
    world.rows.stock.set('POT', { onHand: 1, reserved: 0 });
    world.provider.authenticate(order.paymentId);
    await order.signal({ kind: 'payment' });
    expect(world.provider.payments.get(order.paymentId)!.status).toBe('canceled');
    expect(order.state()).toMatchObject({ status: 'pending', paymentStatus: 'voided', reserved: false });
    world.rows.stock.set('POT', { onHand, reserved: 0 });
    await order.send('cancel');
    await order.result();
  });

  it('gives up an unanswered authentication for another payment: never two side by side', async () => {
    world.provider.next('authorizePayment', { say: 'requires_action' });
    const order = await world.place();
    expect(await order.send('pay', { paymentId: sampleId('payment', 904) })).toMatchObject({ outcome: 'confirmed' });
    expect(world.provider.payments.get(order.paymentId)!.status).toBe('canceled');
    expect(order.state().payments.map(({ status }) => status)).toEqual(['voided', 'authorized']);
    await order.send('cancel');
    await order.result();
  });

  it('expires unpaid after a day and gives the stock back', async () => {
    world.provider.next('authorizePayment', { say: 'requires_action' });
    const order = await world.place();
    // Day 1 => expired
    expect(await order.result()).toEqual({ orderId: order.id, status: 'expired' });
    // By the order's own clock: the server's may have skipped on meanwhile.
    const { at } = world.rows.orders.get(order.id)!.steps.at(-1)!.event;
    expect(Math.round((Date.parse(at) - Date.parse(order.state().placedAt)) / 3_600_000)).toBe(24);
    expect(order.state()).toMatchObject({ status: 'expired', paymentStatus: 'voided', reserved: false, reason: 'payment_window_ended' });
    expect(world.rows.stock.get('MUG')!.reserved).toBe(0);
    expect(world.rows.mails(order.id)).toEqual(['action_required', 'order_cancelled']);
  });

  it('does not expire in the midst of a new payment, which moves the window', async () => {
    world.provider.next('authorizePayment', { say: 'requires_action' });
    const order = await world.place();
    const [begun] = order.state().payments;
    // Hour 23: the customer pays anew, and the provider does not answer about the payment that is given up for it.
    await world.pass('23 hours');
    world.provider.away('undoPayment');
    const asked = world.provider.count('undoPayment');
    const paying = order.send('pay', { paymentId: sampleId('payment', 901), paymentMethod: 'pm_other' });
    await until(() => world.provider.count('undoPayment') > asked);
    // Hour 25: the window has ended meanwhile. Then the provider is back.
    await world.pass('2 hours');
    world.provider.away('undoPayment', false);
    await world.pass('1 hour');
    expect(await paying).toMatchObject({ outcome: 'confirmed' });
    expect(order.state()).toMatchObject({ status: 'confirmed', payments: [{ id: begun!.id, status: 'voided' }, { status: 'authorized' }] });
    await order.send('cancel');
    await order.result();
  });

  it('says that an outcome is not known, goes on asking with the same key, and finds it after two hours', async () => {
    const before = world.provider.keys('authorizePayment').length;
    world.provider.away('authorizePayment');
    const order = await world.place();
    expect(order.outcome).toMatchObject({ outcome: 'payment_unknown' });
    expect(order.state()).toMatchObject({ status: 'pending', paymentStatus: 'unknown', reserved: true });
    await world.pass('2 hours');
    expect(order.state().paymentStatus).toBe('unknown');
    // Hour 2 => the provider is back
    world.provider.away('authorizePayment', false);
    await world.pass('6 minutes');
    await until(() => order.state().status === 'confirmed');
    expect(world.provider.keys('authorizePayment').length - before).toBe(1);
    expect(world.rows.steps(order.id)).toEqual(['payment.unknown', 'order.confirmed']);
    await order.send('cancel');
    await order.result();
  });

  it('expires while nobody knows the outcome of its payment, and undoes whatever that was', async () => {
    const undone = world.provider.count('undoPayment');
    world.provider.away('authorizePayment');
    const order = await world.place();
    expect(order.outcome).toMatchObject({ outcome: 'payment_unknown' });
    // Day 1 => the payment window ends, the provider still gives no answer
    await world.pass('24 hours');
    await until(() => order.state().status === 'expired');
    world.provider.away('authorizePayment', false);
    expect(await order.result()).toMatchObject({ status: 'expired' });
    expect(order.state()).toMatchObject({ reserved: false });
    expect(world.provider.count('undoPayment') - undone).toBe(1);
  });

  it('does not come to exist when its goods are short', async () => {
    const taken = await world.takeIn();
    world.rows.stock.set('POT', { onHand: 1, reserved: 0 });
    const asked = world.provider.count('authorizePayment');
    const order = await world.attach(taken);
    expect(order.outcome).toEqual({ outcome: 'out_of_stock', orderId: taken.id, shortages: [{ sku: 'POT', requested: 2, available: 1 }] });
    expect(await order.result()).toEqual({ orderId: taken.id, status: 'not_placed' });
    expect(world.provider.count('authorizePayment')).toBe(asked);
    expect(world.rows.orders.has(taken.id)).toBe(false);
  });

  it('confirms a draft with its payment', async () => {
    const order = await world.place({ placement: { draft: true } });
    expect(order.outcome).toEqual({ outcome: 'draft', orderId: order.id });
    expect(order.state()).toMatchObject({ status: 'draft', reserved: false, payments: [] });
    expect(await order.send('confirm', { paymentId: sampleId('payment', 905), paymentMethod: 'pm_card_visa' })).toMatchObject({ outcome: 'confirmed' });
    expect(order.state()).toMatchObject({ status: 'confirmed', reserved: true });
    await order.send('cancel');
    await order.result();
  });

  it('asks no provider for an order that costs nothing', async () => {
    const asked = world.provider.calls.length;
    const order = await world.place({ placement: { discount: 1_000_000 } });
    expect(order.state()).toMatchObject({ status: 'confirmed', paymentStatus: 'paid', totals: { total: 0 } });
    // Unique per connection in the rows: a second free order must not have the first one's.
    const [payment] = order.state().payments;
    expect(payment!.providerRef).toBe(`free_${payment!.id}`);
    await order.send('ship', { shipmentId: sampleId('shipment', 905), carrier: 'ups', trackingNumber: '1' });
    await order.send('deliver');
    await order.send('complete');
    expect(await order.result()).toMatchObject({ status: 'completed' });
    expect(world.provider.calls.length).toBe(asked);
  });

  it('survives a database that is away for a while', async () => {
    const taken = await world.takeIn();
    world.rows.failures = 2;
    const order = await world.attach(taken);
    expect(order.outcome).toMatchObject({ outcome: 'confirmed' });
    await order.send('cancel');
    await order.result();
  });

  it('answers the outcome of placing again, whenever it is asked', async () => {
    const order = await world.place();
    expect((await world.attach(order)).outcome).toEqual(order.outcome);
    await order.send('cancel');
    await order.result();
  });
});
