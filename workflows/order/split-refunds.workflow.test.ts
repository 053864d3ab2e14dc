import { describe, expect, it } from '@jest/globals';
import { type OrderWorld, until, type StoryOrder } from '#test/support/order-world.ts';
import { sampleId } from '#test/support/sample-order.ts';
import { useOrderWorld } from '#test/support/use-order-world.ts';

const ups = { carrier: 'ups', trackingNumber: '1Z' };

describe('a refund over two payments', () => {
  let world: OrderWorld;
  useOrderWorld((started) => (world = started));
  let numbers = 0;
  const refundId = () => sampleId('refund', (numbers += 1));

  /** Delivered, and paid with 40.00 for one tea pot and 77.50 for the rest. */
  const delivered = async (): Promise<StoryOrder> => {
    const order = await world.place({ settings: { splitCapture: 'reauthorize' } });
    await order.send('ship', { shipmentId: sampleId('shipment', (numbers += 1)), ...ups, lines: [{ sku: 'POT', quantity: 1 }] });
    await order.send('ship', { shipmentId: sampleId('shipment', (numbers += 1)), ...ups });
    await order.send('deliver');
    return order;
  };
  const refunds = (order: StoryOrder) => order.state().refunds.map(({ amount, status, lines }) => ({ amount, status, lines }));
  const units = (order: StoryOrder) => order.state().lines.map(({ refunded }) => refunded);
  const pots = { lines: [{ sku: 'POT', quantity: 2 }] };
  const onePot = [{ sku: 'POT', quantity: 1 }];

  /** Its last unpaid units can be refunded again, by lines, to the cent. */
  const expectRefundable = async (order: StoryOrder) => {
    expect(units(order)).toEqual([0, 1]);
    expect(world.rows.ledger(order.id).cash_at_provider).toBe(7750);
    await order.send('resolve', { resolution: 'dismiss' });
    expect(await order.send('refund', { refundId: refundId(), lines: onePot })).toMatchObject({ outcome: 'done', paymentStatus: 'partially_refunded' });
    expect(units(order)).toEqual([0, 2]);
    expect(world.rows.ledger(order.id).cash_at_provider).toBe(3750);
    expect(await order.send('refund', { refundId: refundId(), lines: onePot })).toMatchObject({ outcome: 'rejected', refusal: { code: 'lines_not_movable' } });
  };
  const end = async (order: StoryOrder) => {
    await order.send('complete');
    await order.result();
  };

  it('has its units with the part that pays for them', async () => {
    const order = await delivered();
    expect(await order.send('refund', { refundId: refundId(), lines: [{ sku: 'MUG', quantity: 2 }, ...pots.lines] })).toMatchObject({ outcome: 'done' });
    expect(refunds(order)).toEqual([
      { amount: 4000, status: 'succeeded', lines: [{ sku: 'MUG', quantity: 2 }] },
      { amount: 6500, status: 'succeeded', lines: [{ sku: 'POT', quantity: 2 }] },
    ]);
    expect(units(order)).toEqual([2, 2]);
    expect(order.state().attention).toBeNull();
    await end(order);
  });

  it('whose second part is refused is done in part, and a person settles the rest', async () => {
    const order = await delivered();
    world.provider.next('refundPayment', { say: 'slow', ms: 0 }, { say: 'failed', code: 'charge_disputed' });
    const command = { refundId: refundId(), ...pots };
    expect(await order.send('refund', command)).toMatchObject({ outcome: 'done', paymentStatus: 'partially_refunded' });
    expect(refunds(order)).toEqual([{ amount: 4000, status: 'succeeded', lines: onePot }, { amount: 4000, status: 'failed', lines: onePot }]);
    expect(order.state().attention).toMatchObject({ code: 'refund_failed', detail: expect.stringMatching(/4000 of 8000 minor units of USD were not given back.*charge_disputed/) });
    const steps = world.rows.steps(order.id).length;
    expect(await order.send('refund', command)).toMatchObject({ outcome: 'done', paymentStatus: 'partially_refunded' });
    expect(world.rows.steps(order.id)).toHaveLength(steps);
    await expectRefundable(order);
    await end(order);
  });

  it('whose second part has no answer and is dismissed is done in part, and a person settles the rest', async () => {
    const order = await delivered();
    const command = { refundId: refundId(), ...pots };
    const asked = world.provider.count('refundPayment');
    // Slow enough for the provider to go away before it is asked for the second part.
    world.provider.next('refundPayment', { say: 'slow', ms: 500 });
    const refunding = order.send('refund', command);
    await until(() => world.provider.count('refundPayment') > asked);
    world.provider.away('refundPayment');
    await until(() => world.provider.count('refundPayment') > asked + 1);
    await world.pass('25 hours');
    await until(() => order.state().attention?.code === 'payment_unknown');
    await order.send('resolve', { resolution: 'dismiss' });
    expect(await refunding).toMatchObject({ outcome: 'done', paymentStatus: 'partially_refunded' });
    expect(refunds(order)).toEqual([{ amount: 4000, status: 'succeeded', lines: onePot }]);
    expect(order.state().attention).toMatchObject({ code: 'refund_failed', detail: expect.stringMatching(/an operator dismissed it/) });
    world.provider.away('refundPayment', false);
    expect(await order.send('refund', command)).toMatchObject({ outcome: 'done' });
    expect(refunds(order)).toHaveLength(1);
    await expectRefundable(order);
    await end(order);
  });

  it('of which the first part is refused has changed nothing', async () => {
    const order = await delivered();
    world.provider.next('refundPayment', { say: 'failed', code: 'charge_disputed' });
    expect(await order.send('refund', { refundId: refundId(), ...pots })).toMatchObject({ outcome: 'rejected', refusal: { code: 'refund_failed' } });
    expect(order.state()).toMatchObject({ attention: null, paymentStatus: 'paid' });
    expect(units(order)).toEqual([0, 0]);
    expect(await order.send('refund', { refundId: refundId(), ...pots })).toMatchObject({ outcome: 'done' });
    await end(order);
  });

  it('whose paid part bounces later gives its own units back, not the other part’s', async () => {
    const order = await delivered();
    await order.send('refund', { refundId: refundId(), ...pots });
    const refundRef = order.state().refunds[0]!.providerRef!;
    world.provider.settleRefund(refundRef, 'failed');
    await order.signal({ kind: 'refund', refundRef });
    await expectRefundable(order);
    await end(order);
  });
});
