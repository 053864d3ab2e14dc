import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { OrderBody } from '#api/routes/orders/schemas.ts';
import { added } from './support/provider.ts';
import { Shop, type Placement, type Problem } from './support/shop.ts';
import { each, eventuallyHolds } from './support/wait.ts';

let shop: Shop;
let deadlocks: number;
beforeAll(async () => {
  shop = await Shop.open();
  deadlocks = await shop.rows.deadlocks();
}, 180_000);
afterAll(() => shop?.close());

/** Placed or refused: whichever it is, the members of both. */
type Outcome = Omit<OrderBody, 'status'> & Omit<Problem, 'status'>;

/** A client that asks again with its key where the answer takes longer than ten seconds. */
const place = (placement: Placement) => shop.insist<Outcome>('/api/orders', shop.placement(placement), randomUUID(), 60_000);

const count = (statuses: readonly number[]) => statuses.reduce<Record<number, number>>((counts, status) => ({ ...counts, [status]: (counts[status] ?? 0) + 1 }), {});

describe('the last units', () => {
  it('200 requests for 10 units: 10 orders, 10 authorisations, 190 clear refusals', async () => {
    const sku = await shop.goods({ price: 1000, currency: 'CHF', stock: 10 });
    const before = await shop.provider.books('CHF');
    const replies = await Promise.all(Array.from({ length: 200 }, () => place({ sku, currency: 'CHF' })));

    expect(count(replies.map(({ status }) => status))).toEqual({ 201: 10, 409: 190 });
    for (const { status, body } of replies) {
      if (status === 201) expect(body).toMatchObject({ status: 'confirmed', payment_status: 'authorized' });
      else expect(body).toMatchObject({ code: 'out_of_stock', skus: [sku], out_of_stock: [{ sku, requested: 1, available: 0 }] });
    }
    expect(await shop.rows.stock(sku)).toEqual({ on_hand: 10, reserved: 10 });
    expect(added(before, await shop.provider.books('CHF'))).toMatchObject({ authorized: 10_000, charges: 10, charges_failed: 0, capturable: 10_000 });
    const ids = replies.filter(({ status }) => status === 201).map(({ body }) => body.id);
    expect(new Set(ids).size).toBe(10);
    const intents = await shop.provider.intents();
    for (const id of ids) expect(intents.filter(({ metadata }) => metadata.perdura_order === id)).toHaveLength(1);
    const rows = await shop.rows.query<{ n: number }>('select count(distinct order_id)::int as n from order_lines where sku = $1', [sku]);
    expect(rows).toEqual([{ n: 10 }]);
  }, 60_000);

  it('two SKUs in any order of lines, a third of the cards declining: never more than 10 of each, and nothing stays reserved', async () => {
    const [a, b] = [await shop.goods({ price: 700, currency: 'SEK', stock: 10 }), await shop.goods({ price: 300, currency: 'SEK', stock: 10 })];
    const before = await shop.provider.books('SEK');
    const replies = await Promise.all(
      Array.from({ length: 200 }, (_, n) => {
        const lines = [{ sku: a, quantity: 1 }, { sku: b, quantity: 1 }];
        // By number, not by chance: every run is the same mix of both orders and of 30 % declines.
        return place({ lines: n % 2 ? lines.reverse() : lines, currency: 'SEK', card: n % 10 < 3 ? 'pm_card_visa_chargeDeclined' : 'pm_card_visa' });
      }),
    );
    const statuses = count(replies.map(({ status }) => status));
    expect(Object.keys(statuses).filter((status) => !['201', '402', '409'].includes(status))).toEqual([]);
    const winners = replies.filter(({ status }) => status === 201).map(({ body }) => body);
    expect(winners.length).toBeLessThanOrEqual(10);
    for (const sku of [a, b]) expect(await shop.rows.stock(sku)).toEqual({ on_hand: 10, reserved: winners.length });

    // What declined cards gave back is there for others.
    while (winners.length < 10) {
      const { status, body } = await place({ lines: [{ sku: a, quantity: 1 }, { sku: b, quantity: 1 }], currency: 'SEK' });
      expect(status).toBe(201);
      winners.push(body);
    }
    expect((await shop.place({ sku: a, currency: 'SEK' })).status).toBe(409);

    const ended = await each(winners, 10, (order, n) => (n % 2 ? shop.ship(order) : shop.command(order, 'cancel')));
    expect(ended.map(({ status }) => status)).toEqual(winners.map(() => 200));
    for (const sku of [a, b]) expect(await shop.rows.stock(sku)).toEqual({ on_hand: 5, reserved: 0 });
    expect(added(before, await shop.provider.books('SEK'))).toMatchObject({ charges: 10, captured: 5000, capturable: 0, refunded: 0 });
    expect(await shop.rows.ledger(winners.map(({ id }) => id))).toEqual({ cash_at_provider: 5000, revenue: -5000 });
    const refused = replies.filter(({ status }) => status === 402).map(({ body }) => body.order_id!);
    expect(await shop.rows.query(`select status, payment_status, count(*)::int as n from orders where id = any($1) group by 1, 2`, [refused])).toEqual(
      refused.length > 0 ? [{ status: 'pending', payment_status: 'failed', n: refused.length }] : [],
    );
    await eventuallyHolds(async () => expect(await shop.mailbox.about(winners[1]!.id)).toEqual(['order_confirmation', 'payment_receipt', 'order_shipped']), 30_000);
  }, 90_000);

  it('never met a deadlock', async () => {
    expect(await shop.rows.deadlocks()).toBe(deadlocks);
  });
});
