import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NewApiKeyBody } from '#api/routes/api-keys/schemas.ts';
import type { OrderBody } from '#api/routes/orders/schemas.ts';
import { newEmail, Shop, type Page, type Problem } from './support/shop.ts';

let shop: Shop;
let sku: string;
beforeAll(async () => {
  shop = await Shop.open();
  sku = await shop.goods({ price: 1999, stock: 100 });
}, 180_000);
afterAll(() => shop?.close());

describe('POST /api/orders', () => {
  it('answers 201 with the confirmed order', async () => {
    const email = newEmail();
    const { status, headers, body } = await shop.place({ sku, quantity: 2, email, body: { metadata: { basket: 'b-1' } } });
    expect(status).toBe(201);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('location')).toBe(`/api/orders/${body.id}`);
    expect(headers.get('etag')).toMatch(/^"v2-[0-9a-f]{8}"$/);
    expect(body.id).toMatch(/^ord_[0-9a-z]{26}$/);
    expect(body).toMatchObject({
      number: expect.any(Number), status: 'confirmed', payment_status: 'authorized', fulfillment_status: 'unfulfilled', attention: null,
      reason: null, currency: 'USD', totals: { subtotal: 3998, discount: 0, shipping: 0, tax: 0, total: 3998 },
      authorized_amount: 3998, captured_amount: 0, refunded_amount: 0, metadata: { basket: 'b-1' }, livemode: false, version: 2,
      payment: { provider: 'stripe', status: 'requires_capture', attempt_status: 'authorized', attempt: 1, amount: 3998, authorized_amount: 3998, decline_code: null },
      next_action: null,
      customer: { email, name: 'Ada Byron', shipping_address: { name: 'Ada Byron', line1: '12 Analytical Way', city: 'Portland', region: 'OR', postal_code: '97201', country: 'US' } },
      lines: [{ sku, title: `Goods ${sku}`, quantity: 2, unit_price: 1999, subtotal: 3998, discount: 0, tax: 0, total: 3998, shipped: 0, delivered: 0, returned: 0 }],
      shipments: [], refunds: [], closed_at: null,
    });
    expect(await shop.order(body.id)).toEqual(body);
    expect(await shop.provider.intentsOf(body.id)).toMatchObject([{ id: body.payment!.provider_ref, status: 'requires_capture', amount: 3998, currency: 'usd' }]);
  });

  it('repeats its answer to the byte for the same key, and places nothing twice', async () => {
    const placement = { sku, email: newEmail() };
    const key = `repeat-${newEmail()}`;
    const first = await shop.place(placement, { key });
    const second = await shop.place(placement, { key });
    expect(first.status).toBe(201);
    expect(second.status).toBe(201);
    expect(second.text).toBe(first.text);
    for (const name of ['location', 'etag', 'content-type']) expect(second.headers.get(name)).toBe(first.headers.get(name));
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(await shop.provider.intentsOf(first.body.id)).toHaveLength(1);
  });

  it('refuses another body under the same key, and a missing key', async () => {
    const key = `reused-${newEmail()}`;
    const email = newEmail();
    expect((await shop.place({ sku, email }, { key })).status).toBe(201);
    const other = await shop.place<Problem>({ sku, email, quantity: 2 }, { key });
    expect(other.status).toBe(422);
    expect(other.headers.get('content-type')).toBe('application/problem+json');
    expect(other.body).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
    const without = await shop.place<Problem>({ sku }, { key: null });
    expect([without.status, without.body.code]).toEqual([400, 'idempotency_key_required']);
  });

  it('names the SKU that it does not know', async () => {
    const { status, body } = await shop.place<Problem>({ lines: [{ sku, quantity: 1 }, { sku: 'NO-SUCH-SKU', quantity: 1 }] });
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'validation_failed', errors: [{ pointer: '/lines/1/sku', detail: 'is not a SKU of the catalogue' }] });
  });

  it('answers 409 with the SKUs that are short, and there is no order', async () => {
    const rare = await shop.goods({ stock: 1 });
    const { status, body } = await shop.place<Problem>({ lines: [{ sku, quantity: 1 }, { sku: rare, quantity: 2 }] });
    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'out_of_stock', skus: [rare], out_of_stock: [{ sku: rare, requested: 2, available: 1 }] });
    expect(await shop.rows.stock(rare)).toEqual({ on_hand: 1, reserved: 0 });
  });

  it('takes unit_price from a key with the scope only', async () => {
    const priced = await shop.place({ lines: [{ sku, quantity: 3, unit_price: 250 }] });
    expect([priced.status, priced.body.totals.total]).toEqual([201, 750]);
    const { body: apiKey } = await shop.post<NewApiKeyBody>('/api/api-keys', { name: 'Web shop', kind: 'secret', scopes: ['orders:read', 'orders:write'] });
    const refused = await shop.place<Problem>({ lines: [{ sku, quantity: 3, unit_price: 250 }] }, { apiKey: apiKey.secret });
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ code: 'forbidden', required_scopes: ['orders:price'] });
    expect((await shop.place({ sku }, { apiKey: apiKey.secret })).status).toBe(201);
  });

  it('computes discount, shipping and tax to the cent', async () => {
    await shop.rows.setTenant({ taxRateMillionths: 75_000, shippingAmounts: { USD: 499 } });
    const { status, body } = await shop.place({ lines: [{ sku, quantity: 3, unit_price: 333 }], body: { discount: { amount: 100 } } });
    await shop.rows.setTenant({ taxRateMillionths: null, shippingAmounts: null });
    expect(status).toBe(201);
    // (999 − 100 + 499) × 7.5 % = 104.85 → 105
    expect(body.totals).toEqual({ subtotal: 999, discount: 100, shipping: 499, tax: 105, total: 1503 });
    expect((await shop.provider.intentsOf(body.id))[0]?.amount).toBe(1503);
    await shop.ship(body);
    expect(await shop.rows.ledger([body.id])).toEqual({ cash_at_provider: 1503, revenue: -899, shipping_revenue: -499, tax_payable: -105 });
  });
});

describe('GET /api/orders', () => {
  it('filters, and walks all pages of one customer without gap or double', async () => {
    const email = newEmail();
    const placed: OrderBody[] = [];
    for (let n = 0; n < 5; n += 1) placed.push((await shop.place({ sku, email })).body);
    await shop.command(placed[1]!, 'cancel');
    const customer = placed[0]!.customer_id;
    expect(new Set(placed.map(({ customer_id }) => customer_id))).toEqual(new Set([customer]));

    const seen: string[] = [];
    const sizes: number[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body } = await shop.orders(`customer_id=${customer}&limit=2${cursor && `&starting_after=${cursor}`}`);
      seen.push(...body.data.map(({ id }) => id));
      sizes.push(body.data.length);
      expect(body.has_more).toBe(body.next_cursor !== null);
      cursor = body.next_cursor;
    }
    expect(sizes).toEqual([2, 2, 1]);
    expect(seen).toEqual(placed.map(({ id }) => id).reverse());

    const ids = async (query: string) => (await shop.orders(`customer_id=${customer}&${query}`)).body.data.map(({ id }) => id);
    expect(await ids('status=cancelled')).toEqual([placed[1]!.id]);
    expect(await ids('payment_status=authorized')).toHaveLength(4);
    expect(await ids('fulfillment_status=shipped')).toEqual([]);
    expect(await ids(`number=${placed[3]!.number}`)).toEqual([placed[3]!.id]);
    expect(await ids('attention=true')).toEqual([]);
    expect(await ids(`created_before=${placed[2]!.placed_at}`)).toEqual([placed[1]!.id, placed[0]!.id]);
    expect((await shop.get<Problem>('/api/orders?starting_after=nonsense')).status).toBe(422);
    expect((await shop.get<Problem>(`/api/orders/ord_${'0'.repeat(26)}`)).status).toBe(404);
  });

  it('has the shape of every list', async () => {
    const newest = await shop.goods();
    for (const path of ['/api/orders?limit=1', '/api/products?limit=1', '/api/locations', '/api/webhook-events?limit=1']) {
      const { status, body } = await shop.get<Page<unknown>>(path);
      expect([path, status, Object.keys(body).sort()]).toEqual([path, 200, ['data', 'has_more', 'next_cursor']]);
    }
    const { body } = await shop.get<Page<{ variants: { sku: string; prices: unknown[] }[] }>>('/api/products?limit=1');
    expect(body.data[0]!.variants).toMatchObject([{ sku: newest, prices: [{ amount: 1999, currency: 'USD' }], weight_grams: 200 }]);
  });
});
