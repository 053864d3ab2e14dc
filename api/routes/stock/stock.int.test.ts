import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inTenant } from '#entities/unit-of-work.ts';
import { startTestApp } from '../test-app.ts';
import type { Ask, TestApp, TestTenant } from '../test-app.ts';

let api: TestApp;
let tenant: TestTenant;
let ask: Ask;
let foreign: Ask;
let london: string;
let theirs: string;

beforeAll(async () => {
  api = await startTestApp();
  tenant = await api.createTenant();
  ask = api.as(tenant.key);
  foreign = api.as((await api.createTenant()).key);
  london = (await ask('POST', '/api/locations', { code: 'london', name: 'London', country: 'GB', priority: 1 })).body.id;
  theirs = (await foreign('POST', '/api/locations', { code: 'london', name: 'Theirs' })).body.id;
  await ask('POST', '/api/products', { title: 'Goods', variants: ['A', 'B', 'C', 'RACE'].map((sku) => ({ sku })) });
});
afterAll(() => api.stop());

const adjust = (sku: string, quantity: number, location_id = london) =>
  ask('POST', '/api/stock/adjustments', { location_id, sku, quantity, reason: 'count' });

/** As an order would, for its line. */
const reserve = (sku: string, quantity: number) =>
  inTenant(api.database, tenant, (db) => db.updateTable('stock_levels').set({ reserved: quantity }).where('sku', '=', sku).execute());

describe('locations', () => {
  it('are created, changed by version, listed and deleted while they never held stock', async () => {
    const { body: place, headers } = await ask('POST', '/api/locations', { code: 'lab', name: 'Lab' });
    expect(place).toMatchObject({ code: 'lab', country: null, priority: 100, status: 'active', version: 1 });
    expect(headers.location).toBe(`/api/locations/${place.id}`);
    const url = `/api/locations/${place.id}`;
    expect((await ask('PATCH', url, { status: 'inactive', country: 'NL' }, { 'if-match': '"v1"' })).body).toMatchObject({ status: 'inactive', country: 'NL', version: 2 });
    expect((await ask('PATCH', url, { name: 'Late' }, { 'if-match': '"v1"' })).status).toBe(412);
    expect((await ask('GET', '/api/locations?status=inactive')).body.data).toMatchObject([{ code: 'lab' }]);
    expect((await ask('DELETE', url)).status).toBe(204);
    expect((await ask('GET', url)).status).toBe(404);
  });

  it('have a code of their own and a country that exists', async () => {
    expect((await ask('POST', '/api/locations', { code: 'london', name: 'Again' })).body).toMatchObject({ status: 409, code: 'already_exists' });
    expect((await ask('POST', '/api/locations', { code: 'x', name: 'X', country: 'UK' })).body).toMatchObject({ status: 422, errors: [{ pointer: '/country' }] });
  });

  it('stay once they held stock', async () => {
    await adjust('A', 1);
    expect((await ask('DELETE', `/api/locations/${london}`)).body).toMatchObject({ status: 409, code: 'in_use' });
  });

  it("are nobody else's", async () => {
    const url = `/api/locations/${london}`;
    expect((await foreign('GET', url)).status).toBe(404);
    expect((await foreign('PATCH', url, { name: 'Stolen' }, { 'if-match': '"v1"' })).status).toBe(404);
    expect((await foreign('DELETE', url)).status).toBe(404);
  });
});

describe('stock adjustments', () => {
  it('add to what is on hand and are kept with who and why', async () => {
    const made = await adjust('B', 10);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ sku: 'B', quantity: 10, reason: 'count', order_id: null, level: { on_hand: 10, reserved: 0, available: 10 } });
    expect(made.body.actor).toMatch(/^key:key_/);
    expect((await adjust('B', -4)).body.level).toEqual({ on_hand: 6, reserved: 0, available: 6 });
    const { data } = (await ask('GET', '/api/stock/adjustments?sku=B')).body;
    expect(data.map(({ quantity }: { quantity: number }) => quantity)).toEqual([-4, 10]);
  });

  it('never take what orders have reserved, and leave no trace when refused', async () => {
    await adjust('C', 10);
    await reserve('C', 7);
    const refused = await adjust('C', -4);
    expect(refused.body).toMatchObject({ status: 409, code: 'stock_below_reserved', sku: 'C', on_hand: 10, reserved: 7, available: 3 });
    expect((await adjust('C', -3)).body.level).toEqual({ on_hand: 7, reserved: 7, available: 0 });
    expect((await ask('GET', '/api/stock/adjustments?sku=C')).body.data).toHaveLength(2);
  });

  it('race for the last units without going below zero', async () => {
    await adjust('RACE', 10);
    const answers = await Promise.all(Array.from({ length: 15 }, () => adjust('RACE', -1)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(5);
    expect((await ask('GET', '/api/stock?sku=RACE')).body.data).toMatchObject([{ on_hand: 0, available: 0 }]);
  });

  it('are applied once per key', async () => {
    const body = { location_id: london, sku: 'A', quantity: 5, reason: 'delivery' };
    const before = (await ask('GET', '/api/stock?sku=A')).body.data[0].on_hand;
    await ask('POST', '/api/stock/adjustments', body, { 'idempotency-key': 'five' });
    await ask('POST', '/api/stock/adjustments', body, { 'idempotency-key': 'five' });
    expect((await ask('GET', '/api/stock?sku=A')).body.data[0].on_hand).toBe(before + 5);
  });

  it("refuse what is not in the catalogue and other tenants' locations", async () => {
    expect((await adjust('NONE', 1)).body).toMatchObject({ status: 422, errors: [{ pointer: '/sku' }] });
    expect((await adjust('A', 1, theirs)).body).toMatchObject({ status: 422, errors: [{ pointer: '/location_id' }] });
    expect((await adjust('A', 0)).status).toBe(422);
    expect((await foreign('GET', '/api/stock')).body.data).toEqual([]);
    expect((await foreign('GET', '/api/stock/adjustments')).body.data).toEqual([]);
  });
});

describe('a cursor of stock levels', () => {
  it('is refused when it holds what can not be compared with', async () => {
    for (const parts of [['\0', 'x'], ['x', '\0'], ['x']]) {
      const cursor = Buffer.from(JSON.stringify(parts)).toString('base64url');
      const answer = await ask('GET', `/api/stock?starting_after=${cursor}`);
      expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, '?starting_after']);
    }
  });
});

describe('the stock import', () => {
  it('applies good lines, all of a SKU at a place together, and reports the others', async () => {
    const own = api.as((await api.createTenant()).key);
    await own('POST', '/api/products', { title: 'Goods', variants: ['A', 'B', 'C'].map((sku) => ({ sku })) });
    await own('POST', '/api/locations', { code: 'x', name: 'X' });
    const file = 'sku,location_code,quantity,reason\nA,x,10,\nA,x,-3,broken\nB,x,-1,\nZ,x,1,\nA,y,1,\nC,x,0,\nC,x,4,delivery\n';
    expect((await own('POST', '/api/stock/import', file)).body).toEqual({
      imported: 3,
      failed: [
        { line: 4, reason: '-1 of B would leave less on hand than orders have reserved.' },
        { line: 5, reason: 'There is no SKU Z.' },
        { line: 6, reason: 'There is no location y.' },
        { line: 7, reason: 'quantity must not be 0.' },
      ],
    });
    const { data } = (await own('GET', '/api/stock')).body;
    expect(data).toMatchObject([{ sku: 'A', location_code: 'x', on_hand: 7, available: 7 }, { sku: 'C', on_hand: 4 }]);
    expect((await own('POST', '/api/stock/import', 'sku,location_code,quantity\nA,x,-8\nC,x,-4\n')).body).toMatchObject({ imported: 1, failed: [{ line: 2 }] });
    expect((await own('GET', '/api/stock/adjustments')).body.data).toHaveLength(4);
  });
});

describe('the list of stock', () => {
  it('goes page by page over SKUs and places', async () => {
    const own = api.as((await api.createTenant()).key);
    await own('POST', '/api/products', { title: 'Goods', variants: ['A', 'B'].map((sku) => ({ sku })) });
    for (const code of ['x', 'y']) await own('POST', '/api/locations', { code, name: code });
    await own('POST', '/api/stock/import', 'sku,location_code,quantity\nA,x,1\nA,y,2\nB,x,3\nB,y,4\n');
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body }: Awaited<ReturnType<Ask>> = await own('GET', `/api/stock?limit=3${cursor && `&starting_after=${cursor}`}`);
      seen.push(...body.data.map((level: { sku: string; location_code: string }) => level.sku + level.location_code));
      cursor = body.next_cursor;
    }
    expect(seen).toEqual(['Ax', 'Ay', 'Bx', 'By']);
    expect((await own('GET', '/api/stock?starting_after=nonsense')).status).toBe(422);
  });
});
