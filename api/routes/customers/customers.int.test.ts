import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '#domain/ids.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { startTestApp } from '../test-app.ts';
import type { Ask, TestApp, TestTenant } from '../test-app.ts';

let api: TestApp;
let tenant: TestTenant;
let ask: Ask;
let foreign: Ask;

beforeAll(async () => {
  api = await startTestApp();
  tenant = await api.createTenant();
  ask = api.as(tenant.key);
  foreign = api.as((await api.createTenant()).key);
});
afterAll(() => api.stop());

const home = { kind: 'shipping', name: 'Ada Byron', line1: '12 Analytical Way', city: 'Portland', region: 'OR', postal_code: '97201', country: 'US' };

describe('customers', () => {
  it('are created and read as they were written, and rest encrypted', async () => {
    const made = await ask('POST', '/api/customers', { email: 'Ada@Example.com', name: 'Ada Byron', tags: ['vip'], notes: 'Rings twice.' });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      email: 'Ada@Example.com', name: 'Ada Byron', phone: null, status: 'active', tags: ['vip'], notes: 'Rings twice.', order_count: 0,
      first_order_at: null, version: 1,
    });
    expect((await ask('GET', `/api/customers/${made.body.id}`)).body).toEqual(made.body);
    const row = await inTenant(api.database, tenant, (db) => db.selectFrom('customers').selectAll().executeTakeFirstOrThrow());
    expect(JSON.stringify(row)).not.toMatch(/@example|byron|rings/i);
  });

  it('are one per e-mail, however it is spelt, within a tenant', async () => {
    expect((await ask('POST', '/api/customers', { email: 'ADA@example.com' })).body).toMatchObject({ status: 409, code: 'already_exists' });
    expect((await foreign('POST', '/api/customers', { email: 'ada@example.com' })).status).toBe(201);
  });

  it('are found by e-mail, status and tag', async () => {
    await ask('POST', '/api/customers', { email: 'bob@example.com', status: 'blocked', tags: ['late payer', 'vip'] });
    const emails = async (query: string) => (await ask('GET', `/api/customers?${query}`)).body.data.map(({ email }: { email: string }) => email);
    expect(await emails('email=aDa@example.com')).toEqual(['Ada@Example.com']);
    expect(await emails('email=nobody@example.com')).toEqual([]);
    expect(await emails('status=blocked')).toEqual(['bob@example.com']);
    expect(await emails('tag=vip')).toEqual(['bob@example.com', 'Ada@Example.com']);
    expect(await emails('tag=late%20payer&status=active')).toEqual([]);
  });

  it('change by version; null takes away, what is not named stays', async () => {
    const { body } = await ask('POST', '/api/customers', { email: 'eve@example.com', name: 'Eve', phone: '+1 555 0100', notes: 'x' });
    const url = `/api/customers/${body.id}`;
    const changed = await ask('PATCH', url, { email: 'eve@new.example', phone: null, notes: null, tags: ['a'] }, { 'if-match': '"v1"' });
    expect(changed.body).toMatchObject({ email: 'eve@new.example', name: 'Eve', phone: null, notes: null, tags: ['a'], version: 2 });
    expect((await ask('GET', '/api/customers?email=eve@new.example')).body.data).toHaveLength(1);
    expect((await ask('GET', '/api/customers?email=eve@example.com')).body.data).toEqual([]);
    expect((await ask('PATCH', url, { email: 'ada@example.com' }, { 'if-match': '"v2"' })).body).toMatchObject({ code: 'already_exists' });
    expect((await ask('PATCH', url, { name: 'Late' }, { 'if-match': '"v1"' })).status).toBe(412);
    expect((await ask('DELETE', url)).status).toBe(204);
    expect((await ask('GET', url)).status).toBe(404);
  });

  it('list their saved payment methods', async () => {
    const { body } = await ask('POST', '/api/customers', { email: 'pm@example.com' });
    const connection = (await ask('POST', '/api/connections', { provider: 'stripe', name: 'S', credentials: { secret_key: 'sk_test_abc' } })).body;
    await inTenant(api.database, tenant, (db) =>
      db
        .insertInto('customer_payment_methods')
        .values({
          id: newId('paymentMethod'), tenant_id: tenant.tenantId, livemode: false, customer_id: body.id, connection_id: connection.id,
          provider_ref: 'pm_1', brand: 'visa', last_four: '4242', exp_month: 4, exp_year: 2031, is_default: true, created_at: new Date(),
        })
        .execute());
    const list = await ask('GET', `/api/customers/${body.id}/payment-methods`);
    expect(list.body.data).toMatchObject([{ brand: 'visa', last_four: '4242', is_default: true }]);
    expect((await foreign('GET', `/api/customers/${body.id}/payment-methods`)).status).toBe(404);
  });
});

describe("customers' addresses", () => {
  it('are added, replaced and deleted; one of each kind is the default', async () => {
    const { body } = await ask('POST', '/api/customers', { email: 'addr@example.com' });
    const url = `/api/customers/${body.id}/addresses`;
    const first = await ask('POST', url, home);
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({ ...home, is_default: true, company: null, line2: null });
    const second = await ask('POST', url, { ...home, line1: '2 Other St' });
    expect(second.body.is_default).toBe(false);
    expect((await ask('POST', url, { ...home, kind: 'billing' })).body.is_default).toBe(true);
    await ask('PUT', `${url}/${second.body.id}`, { ...home, line1: '3 New St', is_default: true });
    const defaults = (await ask('GET', url)).body.data.filter((address: { is_default: boolean }) => address.is_default);
    expect(defaults.map(({ kind, line1 }: { kind: string; line1: string }) => [kind, line1])).toEqual([['billing', home.line1], ['shipping', '3 New St']]);
    expect((await ask('DELETE', `${url}/${second.body.id}`)).status).toBe(204);
    expect((await ask('GET', `${url}/${second.body.id}`)).status).toBe(404);
  });

  it('name a country and a region that exist', async () => {
    const { body } = await ask('POST', '/api/customers', { email: 'geo@example.com' });
    const url = `/api/customers/${body.id}/addresses`;
    expect((await ask('POST', url, { ...home, country: 'UK' })).body).toMatchObject({ status: 422, errors: [{ pointer: '/country' }] });
    expect((await ask('POST', url, { ...home, region: 'CA-ON' })).body).toMatchObject({ status: 422, errors: [{ pointer: '/region' }] });
    expect((await ask('POST', url, { ...home, region: 'US-OR' })).status).toBe(201);
  });
});

describe("another tenant's customer", () => {
  it('is not there, whatever is asked', async () => {
    const { body } = await ask('POST', '/api/customers', { email: 'mine@example.com' });
    const url = `/api/customers/${body.id}`;
    const { body: address } = await ask('POST', `${url}/addresses`, home);
    const { body: own } = await foreign('POST', '/api/customers', { email: 'own@example.com' });
    const attempts = [
      await foreign('GET', url),
      await foreign('PATCH', url, { name: 'Stolen' }, { 'if-match': '"v1"' }),
      await foreign('DELETE', url),
      await foreign('POST', `${url}/addresses`, home),
      await foreign('GET', `${url}/addresses`),
      await foreign('GET', `${url}/addresses/${address.id}`),
      await foreign('PUT', `${url}/addresses/${address.id}`, home),
      await foreign('DELETE', `${url}/addresses/${address.id}`),
      await foreign('GET', `/api/customers/${own.id}/addresses/${address.id}`),
    ];
    expect(attempts.map(({ status }) => status)).toEqual(attempts.map(() => 404));
    expect((await ask('GET', url)).body).toEqual(body);
    expect((await ask('GET', `${url}/addresses`)).body.data).toEqual([address]);
  });

  it('is not seen from the other mode of the same tenant either', async () => {
    const live = api.as(await api.createKey(tenant.tenantId, true, ['customers:read']));
    const { body } = await ask('POST', '/api/customers', { email: 'test-mode@example.com' });
    expect((await live('GET', `/api/customers/${body.id}`)).status).toBe(404);
    expect((await live('GET', '/api/customers')).body.data).toEqual([]);
  });
});
