import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { orderEnded } from '#domain/order/changes/endings.ts';
import { orderDelivered, orderReturned, orderShipped } from '#domain/order/changes/fulfilment.ts';
import { paymentSettled } from '#domain/order/changes/payments.ts';
import { newId } from '#domain/ids.ts';
import { planUnits, type Units } from '#domain/order/shipping-plan.ts';
import type { OrderState } from '#domain/order/state.ts';
import { at, Shop } from '#activities/orders/testing/shop.ts';

const cause = { at, actor: 'test' };

describe('stock', () => {
  const shop = new Shop();
  beforeAll(() => shop.start());
  afterAll(() => shop.stop());
  const confirm = async (state: OrderState): Promise<OrderState> => {
    const change = paymentSettled(state, state.payments[0]!, { outcome: 'authorized', providerRef: `pi_${state.id}`, authorizedAmount: state.totals.total }, cause);
    await shop.save(change);
    return change.state;
  };
  const ship = async (state: OrderState, units: Units[]): Promise<OrderState> => {
    const { perLine } = planUnits(state, 'ship', units);
    const change = orderShipped(state, { id: newId('shipment'), carrier: 'ups', trackingNumber: '1Z', lines: units }, perLine, undefined, cause);
    await shop.save(change);
    return change.state;
  };

  it('of the last 10 units goes to exactly 10 of 50 orders that come at once', async () => {
    await shop.stock('LAST10', 10);
    const ids = await Promise.all(Array.from({ length: 50 }, () => shop.takeIn([{ sku: 'LAST10', quantity: 1 }])));
    const results = await Promise.all(ids.map((id) => shop.open(id)));
    expect(results.filter(({ outcome }) => outcome === 'opened')).toHaveLength(10);
    expect(results.filter((result) => result.outcome === 'out_of_stock').map((result) => result.shortages)).toEqual(
      Array.from({ length: 40 }, () => [{ sku: 'LAST10', requested: 1, available: 0 }]),
    );
    expect(await shop.level('LAST10')).toEqual({ onHand: 10, reserved: 10 });
  });

  it('of two SKUs in any order of lines neither deadlocks nor oversells, with cancellations in between', async () => {
    await shop.stock('LEFT', 10);
    await shop.stock('RIGHT', 10);
    const lines = [{ sku: 'LEFT', quantity: 1 }, { sku: 'RIGHT', quantity: 1 }];
    const ids = await Promise.all(Array.from({ length: 50 }, (_, index) => shop.takeIn(index % 2 ? lines : [...lines].reverse())));
    const kept = await Promise.all(
      ids.map(async (id, index) => {
        const opened = await shop.open(id);
        if (opened.outcome !== 'opened') return 0;
        if (index % 3) return 1;
        await shop.save(orderEnded(opened.state, 'cancel', [], cause));
        return 0;
      }),
    );
    const open = kept.reduce<number>((sum, n) => sum + n, 0);
    expect(open).toBeLessThanOrEqual(10);
    for (const sku of ['LEFT', 'RIGHT']) expect(await shop.level(sku)).toEqual({ onHand: 10, reserved: open });
  });

  it('comes from one location where one has it all, and goes and comes back unit by unit', async () => {
    await shop.stock('COUNT', 2, shop.near);
    await shop.stock('COUNT', 3, shop.far);
    const order = await confirm(await shop.place([{ sku: 'COUNT', quantity: 4 }]));
    expect([await shop.level('COUNT', shop.near), await shop.level('COUNT', shop.far)]).toEqual([{ onHand: 2, reserved: 2 }, { onHand: 3, reserved: 2 }]);
    const partly = await ship(order, [{ sku: 'COUNT', quantity: 3 }]);
    const levels = async () => {
      const [near, far] = [await shop.level('COUNT', shop.near), await shop.level('COUNT', shop.far)];
      return { onHand: near.onHand + far.onHand, reserved: near.reserved + far.reserved };
    };
    expect(await levels()).toEqual({ onHand: 2, reserved: 1 });
    const gone = await ship(partly, [{ sku: 'COUNT', quantity: 1 }]);
    expect(await levels()).toEqual({ onHand: 1, reserved: 0 });
    expect(await shop.query(`select distinct status from stock_reservations where order_id = $1`, [order.id])).toEqual([{ status: 'shipped' }]);

    const delivered = orderDelivered(gone, gone.shipments.map(({ id }) => id), [4], cause);
    await shop.save(delivered);
    const kept = orderReturned(delivered.state, [1], [{ sku: 'COUNT', quantity: 1 }], false, cause);
    await shop.save(kept);
    expect(await levels()).toEqual({ onHand: 1, reserved: 0 });
    await shop.save(orderReturned(kept.state, [3], [{ sku: 'COUNT', quantity: 3 }], true, cause));
    expect(await levels()).toEqual({ onHand: 4, reserved: 0 });
    expect(await shop.query('select quantity, reason, actor from stock_adjustments where order_id = $1', [order.id])).toEqual([{ quantity: 3, reason: 'returned', actor: 'test' }]);
  });

  it('is given back unsold, once', async () => {
    await shop.stock('RELEASE', 5);
    const order = await confirm(await shop.place([{ sku: 'RELEASE', quantity: 2 }]));
    const ended = orderEnded(order, 'cancel', [], cause);
    await shop.save(ended);
    await shop.save(ended);
    expect(await shop.level('RELEASE')).toEqual({ onHand: 5, reserved: 0 });
  });

  it('that is not held is not shipped: the rows refuse, and nothing is written', async () => {
    await shop.stock('HELD', 5);
    const order = await confirm(await shop.place([{ sku: 'HELD', quantity: 1 }]));
    await shop.query(`update stock_reservations set status = 'released' where order_id = $1`, [order.id]);
    await expect(ship(order, [{ sku: 'HELD', quantity: 1 }])).rejects.toThrow('does not hold');
    expect(await shop.query('select version from orders where id = $1', [order.id])).toEqual([{ version: 2 }]);
    await expect(shop.query(`update stock_levels set reserved = on_hand + 1 where sku = 'HELD'`)).rejects.toThrow('never_oversold');
  });
});
