import { beforeAll, describe, expect, it } from '@jest/globals';
import type { OrderWorld, Story } from '#test/support/order-world.ts';
import { sampleId } from '#test/support/sample-order.ts';
import { useOrderWorld } from '#test/support/use-order-world.ts';


describe('a card that is captured once, at an account that has multicapture', () => {
  let world: OrderWorld;
  useOrderWorld((started) => (world = started));
  beforeAll(() => void (world.provider.cardIsCapturedOnce = true));

  const payment = (n: number) => ({ payment: { paymentId: sampleId('payment', 900 + n), provider: 'stripe', saveMethod: true } });

  /** Three mugs leave first, then the tea pots: what each shipment took. */
  async function shippedInTwo(n: number, story: Story): Promise<number[]> {
    const order = await world.place({ multicapture: true, ...story });
    const ship = (part: number, lines?: object[]) =>
      order.send('ship', { shipmentId: sampleId('shipment', 900 + n * 10 + part), carrier: 'ups', trackingNumber: '1Z', ...(lines ? { lines } : {}) });
    expect(order.state().payments[0]!.capabilities.multicapture).toBe(false);
    expect(await ship(1, [{ sku: 'MUG', quantity: 3 }])).toMatchObject({ outcome: 'done' });
    expect(await ship(2)).toMatchObject({ outcome: 'done', status: 'shipped' });
    expect(order.state()).toMatchObject({ attention: null, paymentStatus: 'paid' });
    await order.send('deliver');
    await order.send('complete');
    await order.result();
    return order.state().shipments.map(({ capturedAmount }) => capturedAmount);
  }

  it('pays everything with the first shipment, by the tenant\'s choice', async () => {
    expect(await shippedInTwo(1, { settings: { splitCapture: 'capture_all' } })).toEqual([11_750, 0]);
  });

  it('pays by shipment where the tenant chose to, and its method was saved', async () => {
    expect(await shippedInTwo(2, { settings: { splitCapture: 'reauthorize' }, placement: payment(2) })).toEqual([3750, 8000]);
  });

  it('pays everything with the first shipment where the tenant chose otherwise, but no method was saved', async () => {
    const charges = world.provider.count('authorizePayment');
    expect(await shippedInTwo(3, { settings: { splitCapture: 'reauthorize' } })).toEqual([11_750, 0]);
    expect(world.provider.count('authorizePayment')).toBe(charges + 1);
  });
});
