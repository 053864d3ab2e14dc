import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { orderShipped } from '#domain/order/changes/fulfilment.ts';
import { paymentSettled } from '#domain/order/changes/payments.ts';
import type { OrderState } from '#domain/order/state.ts';
import { at, Shop } from './testing/shop.ts';

const cause = { at, actor: 'test' };
const shipment = { id: 'shp_1', carrier: 'ups', trackingNumber: '1Z' };

describe('row work that can not succeed', () => {
  const shop = new Shop();
  beforeAll(() => shop.start());
  afterAll(() => shop.stop());
  const authorize = (state: OrderState) =>
    paymentSettled(state, state.payments[0]!, { outcome: 'authorized', providerRef: `pi_${state.id}`, authorizedAmount: state.totals.total }, cause);

  it('is told as that at once where a constraint refuses it, by its name and without values; and written once the row is mended', async () => {
    await shop.stock('HAND', 5);
    const confirmed = authorize(await shop.place([{ sku: 'HAND', quantity: 2 }]));
    await shop.save(confirmed);
    // Somebody sets the count by hand, against the reservation.
    await shop.query(`update stock_reservations set quantity = 1 where order_id = $1`, [confirmed.state.id]);
    const shipped = orderShipped(confirmed.state, { ...shipment, lines: [{ sku: 'HAND', quantity: 2 }] }, [2], undefined, cause);
    await expect(shop.save(shipped)).rejects.toMatchObject({ type: 'WriteRefused', nonRetryable: true, message: expect.stringMatching(/order\.shipped.*does not hold/) as unknown });
    expect(await shop.query('select version from orders where id = $1', [confirmed.state.id])).toEqual([{ version: 2 }]);
    await shop.query(`update stock_reservations set quantity = 2 where order_id = $1`, [confirmed.state.id]);
    expect(await shop.save(shipped)).toEqual({ outcome: 'saved' });
  });

  it('is told with the constraint, and without what it was about', async () => {
    await shop.stock('TWICE', 5);
    const confirmed = authorize(await shop.place([{ sku: 'TWICE', quantity: 1 }]));
    await shop.query(`insert into outbox (tenant_id, livemode, kind, template, subject_id, data, dedupe_key, status, next_attempt_at, created_at)
      values ($1, false, 'mail', 'order_confirmation', $2, '{}', $3, 'sent', $4, $4)`, [shop.scope.tenantId, confirmed.state.id, `order/${confirmed.state.id}/2/order_confirmation`, at]);
    const refused = await shop.save(confirmed).catch((error: unknown) => error as { type: string; message: string });
    expect(refused).toMatchObject({ type: 'WriteRefused', message: expect.stringMatching(/SQLSTATE 23505, constraint \w+, table outbox$/) as unknown });
  });

  it('is shown in the order and told to the merchant once, and taken back by the next step that is written', async () => {
    await shop.stock('SHOW', 5);
    const opened = await shop.place([{ sku: 'SHOW', quantity: 1 }]);
    const attention = { code: 'write_refused', since: at, detail: 'SQLSTATE 23514' } as const;
    for (let time = 0; time < 2; time += 1) await shop.activities.showAttention({ scope: shop.scope, orderId: opened.id, attention });
    const order = () => shop.query('select version, attention from orders where id = $1', [opened.id]);
    expect(await order()).toEqual([{ version: 1, attention }]);
    expect(await shop.query(`select template, data from outbox where subject_id = $1`, [opened.id])).toEqual([{ template: 'admin_notification', data: { code: 'write_refused' } }]);
    await shop.save(authorize(opened));
    expect(await order()).toEqual([{ version: 2, attention: null }]);
  });

  it('has nothing to show where no order was opened', async () => {
    await shop.activities.showAttention({ scope: shop.scope, orderId: 'ord_none', attention: { code: 'write_refused', since: at, detail: '' } });
    expect(await shop.query(`select 1 from outbox where subject_id = 'ord_none'`)).toEqual([]);
  });
});
