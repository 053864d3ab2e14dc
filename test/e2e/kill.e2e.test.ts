import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { OrderBody } from '#api/routes/orders/schemas.ts';
import { added, type Books } from './support/provider.ts';
import { Shop, type Reply } from './support/shop.ts';
import { each, eventually, eventuallyHolds } from './support/wait.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open();
}, 180_000);
afterAll(() => shop?.close());
afterEach(() => shop.provider.clearFaults());

const isReady = () => eventually('ready', async () => (await fetch(new URL('/readyz', shop.system.dev.api_url))).status === 200, 60_000);

/** What must hold of orders after any accident: one payment each, books that agree, nothing lost, nothing stuck. */
async function holdsTogether(orders: readonly OrderBody[], currency: string, before: Books): Promise<void> {
  const ids = orders.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const captured = orders.reduce((sum, order) => sum + order.captured_amount, 0);
  const total = orders.reduce((sum, order) => sum + order.totals.total, 0);
  const books = added(before, await shop.provider.books(currency));
  expect(books).toMatchObject({ charges: ids.length, authorized: total, captured, charges_failed: 0 });
  const intents = await shop.provider.intents();
  expect(ids.filter((id) => intents.filter(({ metadata }) => metadata.perdura_order === id).length !== 1)).toEqual([]);
  expect((await shop.rows.ledger(ids)).cash_at_provider ?? 0).toBe(captured);
  const [rows] = await shop.rows.query<{ n: number }>('select count(*)::int as n from orders where currency = $1 and id <> all($2) and placed_at >= $3', [currency, ids, orders[0]!.placed_at]);
  expect(rows).toEqual({ n: 0 });
  await eventuallyHolds(async () => {
    const states = await each(ids, 10, (id) => shop.processes.of(id));
    expect(states.filter(({ status, pendingActivities, retrying }) => status !== 'RUNNING' || pendingActivities > 0 || retrying > 0)).toEqual([]);
  }, 30_000);
}

describe('a part killed while orders are placed and shipped', () => {
  it.each(['worker', 'api', 'temporal'])('%s: afterwards each order is there exactly once', async (part) => {
    const currency = { worker: 'NOK', api: 'DKK', temporal: 'PLN' }[part]!;
    const sku = await shop.goods({ price: 1100, currency, stock: 100 });
    const before = await shop.provider.books(currency);
    const numbers = Array.from({ length: 24 }, (_, n) => n);
    let done = 0;
    const work = each(numbers, 8, async (n) => {
      const placed = await shop.insist('/api/orders', shop.placement({ sku, currency }), randomUUID());
      expect(placed.status).toBe(201);
      done += 1;
      if (n % 2) return placed;
      return shop.insist(`/api/orders/${placed.body.id}/ship`, { carrier: 'ups', tracking_number: `T${n}` }, randomUUID());
    });
    await eventually('some orders placed', async () => done >= 6, 60_000, 10);
    await shop.system.restarted(part, await shop.system.kill(part));
    const orders = (await work).map(({ status, body }: Reply<OrderBody>) => {
      expect([200, 201]).toContain(status);
      return body;
    });
    expect(orders.map(({ status }) => status)).toEqual(numbers.map((n) => (n % 2 ? 'confirmed' : 'shipped')));
    await holdsTogether(orders, currency, before);
    expect(await shop.rows.stock(sku)).toEqual({ on_hand: 88, reserved: 12 });
    await eventuallyHolds(async () => {
      const copies = await shop.mailbox.copies();
      const missing = orders.flatMap(({ id, status }) =>
        ['2/order_confirmation', ...(status === 'shipped' ? ['3/payment_receipt', '3/order_shipped'] : [])].filter((mail) => !copies.has(`${id}/${mail}`)).map((mail) => `${id}/${mail}`),
      );
      expect(missing).toEqual([]);
      // At worst: what a killed dispatcher had claimed is sent when its lease has ended.
    }, 45_000, 500);
  }, 330_000);
});

describe('a kill at the worst moment', () => {
  it('of the API, between Temporal\'s acceptance and the answer: the retry gets the same order and one authorisation', async () => {
    const sku = await shop.goods({ price: 90_000, currency: 'CZK', stock: 5 });
    const before = await shop.provider.books('CZK');
    const slow = await shop.provider.fault({ kind: 'delay', delay_ms: 3000, count: 1, match: { method: 'POST', path: '^/v1/payment_intents$', body: 'czk' } });
    const key = randomUUID();
    const placement = shop.placement({ sku, currency: 'CZK' });
    const lost = shop.post('/api/orders', placement, { key }).then(() => 'answered', () => 'connection lost');
    await eventually('the provider is being asked', async () => (await shop.provider.hits(slow)) === 1);
    const pid = await shop.system.kill('api');
    expect(await lost).toBe('connection lost');
    await shop.system.restarted('api', pid);
    const { status, body } = await shop.insist('/api/orders', placement, key);
    expect([status, body.status]).toEqual([201, 'confirmed']);
    await holdsTogether([body], 'CZK', before);
    expect(await shop.rows.stock(sku)).toEqual({ on_hand: 5, reserved: 1 });
  }, 120_000);

  it('of Temporal, before the first workflow task: the retry gets one order and one authorisation', async () => {
    const sku = await shop.goods({ price: 90_000, currency: 'HUF', stock: 5 });
    const before = await shop.provider.books('HUF');
    const key = randomUUID();
    const placement = shop.placement({ sku, currency: 'HUF' });
    const worker = await shop.system.kill('worker', 'SIGSTOP');
    try {
      const waiting = shop.post('/api/orders', placement, { key }).catch(() => undefined);
      const [taken] = await eventually('taken in', async () => {
        const rows = await shop.rows.query<{ workflow_id: string; resource_id: string }>(`select workflow_id, resource_id from intake_commands where operation = 'order.place' and idempotency_key = $1`, [key]);
        return rows.length > 0 ? rows : undefined;
      });
      await eventually('accepted by Temporal', async () => (await shop.processes.of(taken!.resource_id)).status === 'RUNNING');
      await shop.system.restarted('temporal', await shop.system.kill('temporal'));
      await waiting;
    } finally {
      process.kill(worker, 'SIGCONT');
    }
    const { status, body } = await shop.insist('/api/orders', placement, key);
    expect([status, body.status]).toEqual([201, 'confirmed']);
    await holdsTogether([body], 'HUF', before);
    expect(await shop.rows.stock(sku)).toEqual({ on_hand: 5, reserved: 1 });
  }, 180_000);

  it('of Temporal and the API, the client never coming back: the sweeper places the order, or tells what was short', async () => {
    const sku = await shop.goods({ price: 90_000, currency: 'RON', stock: 5 });
    const soldOut = await shop.goods({ price: 90_000, currency: 'RON', stock: 0 });
    const before = await shop.provider.books('RON');
    const [key, shortKey] = [randomUUID(), randomUUID()];
    const short = shop.placement({ sku: soldOut, currency: 'RON' });
    const temporal = await shop.system.kill('temporal', 'SIGSTOP');
    let id: string;
    let shortId: string;
    try {
      const lost = Promise.allSettled([
        shop.post('/api/orders', shop.placement({ sku, currency: 'RON' }), { key }),
        shop.post('/api/orders', short, { key: shortKey }),
      ]);
      [id, shortId] = await eventually('taken in', async () => {
        const ids = await Promise.all([key, shortKey].map(async (used) => {
          const [row] = await shop.rows.query<{ resource_id: string }>(`select resource_id from intake_commands where operation = 'order.place' and idempotency_key = $1`, [used]);
          return row?.resource_id;
        }));
        return ids[0] && ids[1] ? [ids[0], ids[1]] : undefined;
      });
      const api = await shop.system.kill('api');
      await lost;
      await shop.system.restarted('api', api);
      process.kill(temporal, 'SIGKILL');
      await shop.system.restarted('temporal', temporal);
    } finally {
      try {
        process.kill(temporal, 'SIGCONT');
      } catch {
        // It was killed, as it should be.
      }
    }
    await isReady();
    expect((await shop.get(`/api/orders/${id}`)).status).toBe(202);
    expect((await shop.get(`/api/orders/${shortId}`)).status).toBe(202);
    const order = await eventually('placed by the sweeper', async () => {
      const found = await shop.get<OrderBody>(`/api/orders/${id}`);
      return found.status === 200 && found.body.status === 'confirmed' ? found.body : undefined;
    }, 120_000, 500);
    await holdsTogether([order], 'RON', before);
    const told = await eventually('told to be short by the sweeper', async () => {
      const found = await shop.get(`/api/orders/${shortId}`);
      return found.status === 202 ? undefined : found;
    }, 120_000, 500);
    expect(told).toMatchObject({ status: 409, body: { code: 'out_of_stock', skus: [soldOut] } });
    // And the same to whoever sends it again.
    expect(await shop.insist('/api/orders', short, shortKey)).toMatchObject({ status: 409, body: { skus: [soldOut] } });
  }, 240_000);
});
