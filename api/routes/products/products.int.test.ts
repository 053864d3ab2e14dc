import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql as sqlText } from 'kysely';
import { newId } from '#domain/ids.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { startTestApp } from '../test-app.ts';
import type { Ask, Json, TestApp } from '../test-app.ts';

let api: TestApp;
let ask: Ask;
let foreign: Ask;

beforeAll(async () => {
  api = await startTestApp();
  ask = api.as((await api.createTenant()).key);
  foreign = api.as((await api.createTenant()).key);
});
afterAll(() => api.stop());

const lamp = (sku: string) => ({
  title: 'Lamp',
  variants: [{ sku, prices: [{ amount: 1999, currency: 'USD' }, { amount: 1200, currency: 'JPY' }], weight_grams: 800 }],
});

describe('products', () => {
  it('are created with variants and prices, read and listed as they were written', async () => {
    const made = await ask('POST', '/api/products', lamp('L1'));
    expect(made.status).toBe(201);
    expect(made.headers.location).toBe(`/api/products/${made.body.id}`);
    expect(made.headers.etag).toBe('"v1"');
    expect(made.body).toMatchObject({
      title: 'Lamp', description: null, status: 'active', metadata: {}, version: 1,
      variants: [{
        sku: 'L1', title: null, weight_grams: 800, length_mm: null, tax_category: 'standard',
        prices: [{ amount: 1200, currency: 'JPY' }, { amount: 1999, currency: 'USD' }],
      }],
    });
    expect((await ask('GET', `/api/products/${made.body.id}`)).body).toEqual(made.body);
    expect((await ask('GET', '/api/products?sku=L1')).body).toEqual({ data: [made.body], has_more: false, next_cursor: null });
  });

  it('answer a repeated request with the first answer, and refuse the key for another one', async () => {
    const headers = { 'idempotency-key': 'once' };
    const first = await ask('POST', '/api/products', lamp('L2'), headers);
    const again = await ask('POST', '/api/products', lamp('L2'), headers);
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect((await ask('POST', '/api/products', lamp('L3'), headers)).body).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
    const response = await api.app.inject({ method: 'POST', url: '/api/products', headers: { authorization: (await keyOf()) }, payload: lamp('L3') });
    expect(response.json()).toMatchObject({ status: 400, code: 'idempotency_key_required' });
  });

  it('keep SKUs unique within a tenant, not between tenants', async () => {
    await ask('POST', '/api/products', lamp('L4'));
    expect((await ask('POST', '/api/products', lamp('L4'))).body).toMatchObject({ status: 409, code: 'sku_taken' });
    expect((await foreign('POST', '/api/products', lamp('L4'))).status).toBe(201);
  });

  it.each([
    ['a float', { title: 'X', variants: [{ sku: 'X', prices: [{ amount: 19.99, currency: 'USD' }] }] }, '/variants/0/prices/0/amount'],
    ['a currency that there is not', { title: 'X', variants: [{ sku: 'X', prices: [{ amount: 1, currency: 'XYZ' }] }] }, '/variants/0/prices/0/currency'],
    ['two prices in a currency', { title: 'X', variants: [{ sku: 'X', prices: [{ amount: 1, currency: 'USD' }, { amount: 2, currency: 'USD' }] }] }, '/variants/0/prices/1/currency'],
    ['a SKU named twice', { title: 'X', variants: [{ sku: 'X' }, { sku: 'X' }] }, '/variants/1/sku'],
    ['a misspelt field', { titel: 'X', title: 'X', variants: [{ sku: 'X' }] }, '/titel'],
    ['no variant', { title: 'X', variants: [] }, '/variants'],
  ])('refuse %s, pointing at it', async (_what, body, pointer) => {
    const { status, body: problem } = await ask('POST', '/api/products', body);
    expect(status).toBe(422);
    expect(problem).toMatchObject({ code: 'validation_failed', errors: expect.arrayContaining([expect.objectContaining({ pointer })]) });
  });

  it('change only for who read them last', async () => {
    const { body: product } = await ask('POST', '/api/products', lamp('L5'));
    const url = `/api/products/${product.id}`;
    expect((await ask('PATCH', url, { title: 'Desk lamp' })).body).toMatchObject({ status: 428 });
    const changed = await ask('PATCH', url, { title: 'Desk lamp', description: 'Bright.' }, { 'if-match': '"v1"' });
    expect(changed.body).toMatchObject({ title: 'Desk lamp', description: 'Bright.', version: 2 });
    expect(changed.headers.etag).toBe('"v2"');
    expect((await ask('PATCH', url, { title: 'Late' }, { 'if-match': '"v1"' })).body).toMatchObject({ status: 412, code: 'precondition_failed' });
  });

  it('are archived, not deleted, and can come back', async () => {
    const { body: product } = await ask('POST', '/api/products', lamp('L6'));
    expect((await ask('DELETE', `/api/products/${product.id}`)).body).toMatchObject({ status: 'archived', version: 2 });
    expect((await ask('GET', '/api/products?sku=L6&status=active')).body.data).toEqual([]);
    const back = await ask('PATCH', `/api/products/${product.id}`, { status: 'active' }, { 'if-match': '"v2"' });
    expect(back.body.status).toBe('active');
  });

  it('are found by a part of the title, whose wildcards are plain characters', async () => {
    await ask('POST', '/api/products', { title: '100% Wool blanket', variants: [{ sku: 'W1' }] });
    expect((await ask('GET', '/api/products?title=wool')).body.data).toHaveLength(1);
    expect((await ask('GET', '/api/products?title=100%25')).body.data).toHaveLength(1);
    expect((await ask('GET', '/api/products?title=1%25w')).body.data).toEqual([]);
  });

  it('are listed page by page without gaps or repeats', async () => {
    const tenant = api.as((await api.createTenant()).key);
    for (const sku of ['P1', 'P2', 'P3', 'P4', 'P5']) await tenant('POST', '/api/products', lamp(sku));
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body }: { body: Json } = await tenant('GET', `/api/products?limit=2${cursor && `&starting_after=${cursor}`}`);
      seen.push(...body.data.map((product: Json) => product.variants[0].sku));
      expect(body.has_more).toBe(body.next_cursor !== null);
      cursor = body.next_cursor;
    }
    expect(seen).toEqual(['P5', 'P4', 'P3', 'P2', 'P1']);
    expect((await tenant('GET', '/api/products?limit=101')).status).toBe(422);
    expect((await tenant('GET', '/api/products?starting_after=nonsense')).status).toBe(422);
  });

  async function keyOf(): Promise<string> {
    return `Bearer ${(await api.createTenant()).key}`;
  }
});

describe('variants and prices', () => {
  it('are added, changed and removed below their product, whose version they count up', async () => {
    const { body: product } = await ask('POST', '/api/products', lamp('V1'));
    const url = `/api/products/${product.id}`;
    const added = await ask('POST', `${url}/variants`, { sku: 'V2', title: 'Green', prices: [{ amount: 5, currency: 'EUR' }] });
    expect(added.status).toBe(201);
    expect(added.body.variants.map(({ sku }: Json) => sku)).toEqual(['V1', 'V2']);
    const [first, second] = added.body.variants;
    const changed = await ask('PATCH', `${url}/variants/${second.id}`, { sku: 'V2b', weight_grams: 5, title: null }, { 'if-match': '"v2"' });
    expect(changed.body.variants[1]).toMatchObject({ sku: 'V2b', weight_grams: 5, title: null, prices: [{ amount: 5, currency: 'EUR' }] });
    const priced = await ask('PUT', `${url}/variants/${second.id}/prices/EUR`, { amount: 7 });
    expect(priced.body.variants[1].prices).toEqual([{ amount: 7, currency: 'EUR' }]);
    expect((await ask('PUT', `${url}/variants/${second.id}/prices/XYZ`, { amount: 7 })).status).toBe(422);
    expect((await ask('DELETE', `${url}/variants/${second.id}/prices/EUR`)).body.variants[1].prices).toEqual([]);
    expect((await ask('DELETE', `${url}/variants/${second.id}/prices/EUR`)).status).toBe(404);
    expect((await ask('DELETE', `${url}/variants/${second.id}`)).body).toMatchObject({ version: 6, variants: [{ sku: 'V1' }] });
    expect((await ask('DELETE', `${url}/variants/${first.id}`)).body).toMatchObject({ status: 409, code: 'in_use' });
  });

  it('keep a SKU that has stock', async () => {
    const { body: product } = await ask('POST', '/api/products', { title: 'Two', variants: [{ sku: 'S1' }, { sku: 'S2' }] });
    const { body: location } = await ask('POST', '/api/locations', { code: 'v', name: 'V' });
    await ask('POST', '/api/stock/adjustments', { location_id: location.id, sku: 'S1', quantity: 3, reason: 'delivery' });
    const variant = `/api/products/${product.id}/variants/${product.variants[0].id}`;
    expect((await ask('PATCH', variant, { sku: 'S9' }, { 'if-match': '"v1"' })).body).toMatchObject({ status: 409, code: 'in_use' });
    expect((await ask('DELETE', variant)).body).toMatchObject({ status: 409, code: 'in_use' });
    expect((await ask('PATCH', variant, { weight_grams: 1 }, { 'if-match': '"v1"' })).status).toBe(200);
  });
});

describe('the product import', () => {
  const head = 'sku,title,description,price,currency,weight_grams\n';

  it('creates and changes by SKU, and reports bad lines without losing the good ones', async () => {
    const tenant = api.as((await api.createTenant()).key);
    const first = await tenant('POST', '/api/products/import', `${head}A,Lamp,Bright,19.99,USD,800\nA,Lamp,,2000,JPY,\nB,Chair,,abc,USD,\nC,,,1,USD,\nD,Desk,,99.5,USD,\n`);
    expect(first.status).toBe(200);
    expect(first.body).toEqual({
      imported: 2,
      updated: 0,
      failed: [{ line: 4, reason: 'price: "abc" is not a decimal amount.' }, { line: 5, reason: 'title is empty.' }],
    });
    const second = await tenant('POST', '/api/products/import', `${head}A,Floor lamp,,21.00,USD,\nB,Chair,,5,USD,\nA,Twice,,1,USD,\n`);
    expect(second.body).toEqual({ imported: 1, updated: 1, failed: [{ line: 4, reason: 'A in USD is already on line 2.' }] });
    const { data } = (await tenant('GET', '/api/products?sku=A')).body;
    expect(data[0]).toMatchObject({
      title: 'Floor lamp', description: 'Bright', version: 2,
      variants: [{ weight_grams: 800, prices: [{ amount: 2000, currency: 'JPY' }, { amount: 2100, currency: 'USD' }] }],
    });
  });

  it('names the variant where a product has several', async () => {
    const tenant = api.as((await api.createTenant()).key);
    await tenant('POST', '/api/products', { title: 'Shirt', variants: [{ sku: 'M' }, { sku: 'L' }] });
    await tenant('POST', '/api/products/import', `${head}M,Medium,,10,USD,\n`);
    const [product] = (await tenant('GET', '/api/products')).body.data;
    expect(product.title).toBe('Shirt');
    expect(product.variants).toMatchObject([{ sku: 'M', title: 'Medium' }, { sku: 'L', title: null }]);
  });

  it('is applied once per key, and refuses what is no product file', async () => {
    const headers = { 'idempotency-key': 'import' };
    const file = `${head}IMP1,Lamp,,1,USD,\n`;
    expect((await ask('POST', '/api/products/import', file, headers)).body).toMatchObject({ imported: 1 });
    expect((await ask('POST', '/api/products/import', file, headers)).body).toMatchObject({ imported: 1 });
    expect((await ask('POST', '/api/products/import', 'sku;title\n')).body).toMatchObject({ status: 422, code: 'file_not_readable' });
    const json = await ask('POST', '/api/products/import', { sku: 'x' });
    expect([json.status, json.headers.accept, json.body.detail]).toEqual([415, 'text/csv', 'Send the body as text/csv.']);
  });

  it('reports a SKU that another writer creates between its look-up and its insert', async () => {
    const made = await api.createTenant();
    const tenant = api.as(made.key);
    let importing: ReturnType<Ask> | undefined;
    await inTenant(api.database, made, async (sql) => {
      const product = { id: newId('product'), tenant_id: made.tenantId, livemode: false };
      await sql.insertInto('products').values({ ...product, title: 'Other', status: 'active', created_at: new Date(), updated_at: new Date() }).execute();
      await sql.insertInto('variants').values({ ...product, id: newId('variant'), product_id: product.id, sku: 'RACE', tax_category: 'standard' }).execute();
      importing = tenant('POST', '/api/products/import', `${head}RACE,Lamp,,1,USD,\nSAFE,Lamp,,1,USD,\n`);
      // It waits on the uncommitted SKU, having looked before that was to be seen.
      await waitUntilBlocked();
    });
    const { status, body } = await importing!;
    expect([status, body.imported, body.updated, body.failed]).toEqual([200, 1, 0, [{ line: 2, reason: expect.stringContaining('RACE was created') }]]);
    const { data } = (await tenant('GET', '/api/products')).body;
    expect(data.map(({ title, variants }: Json) => [title, variants[0].sku]).sort()).toEqual([['Lamp', 'SAFE'], ['Other', 'RACE']]);
  });

  async function waitUntilBlocked(): Promise<void> {
    for (let tries = 0; tries < 200; tries += 1) {
      const { rows } = await sqlText<{ waiting: number }>`select count(*)::int as waiting
        from pg_locks l join pg_stat_activity a using (pid) where not l.granted and a.datname = current_database()`.execute(api.owner.em.fork().getKysely());
      if (rows[0]!.waiting > 0) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error('nobody waits');
  }

  it('takes three thousand lines in one go', async () => {
    const tenant = api.as((await api.createTenant()).key);
    const lines = Array.from({ length: 3000 }, (_, index) => `BULK${index},Thing ${index},,1.${String(index % 100).padStart(2, '0')},GBP,`);
    expect((await tenant('POST', '/api/products/import', head + lines.join('\n'))).body).toEqual({ imported: 3000, updated: 0, failed: [] });
    expect((await tenant('POST', '/api/products/import', head + lines.join('\n'))).body).toEqual({ imported: 0, updated: 3000, failed: [] });
  });
});

describe("another tenant's product", () => {
  it('is not there, whatever is asked', async () => {
    const { body: product } = await ask('POST', '/api/products', lamp('T1'));
    const url = `/api/products/${product.id}`;
    const variant = `${url}/variants/${product.variants[0].id}`;
    const attempts = [
      await foreign('GET', url),
      await foreign('PATCH', url, { title: 'Stolen' }, { 'if-match': '"v1"' }),
      await foreign('DELETE', url),
      await foreign('POST', `${url}/variants`, { sku: 'T2' }),
      await foreign('PATCH', variant, { weight_grams: 1 }, { 'if-match': '"v1"' }),
      await foreign('PUT', `${variant}/prices/USD`, { amount: 1 }),
      await foreign('DELETE', `${variant}/prices/USD`),
      await foreign('DELETE', variant),
    ];
    expect(attempts.map(({ status }) => status)).toEqual(attempts.map(() => 404));
    expect((await ask('GET', url)).body).toEqual(product);
    expect((await foreign('GET', '/api/products?sku=T1')).body.data).toEqual([]);
  });

  it('is not reached through a product of ones own', async () => {
    const { body: theirs } = await ask('POST', '/api/products', lamp('T3'));
    const { body: own } = await foreign('POST', '/api/products', lamp('T4'));
    const crossed = `/api/products/${own.id}/variants/${theirs.variants[0].id}`;
    expect((await foreign('PUT', `${crossed}/prices/USD`, { amount: 1 })).status).toBe(404);
    expect((await foreign('DELETE', crossed)).status).toBe(404);
  });
});
