import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isWellFormedApiKey } from '#platform/api-keys.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { startTestApp } from '../test-app.ts';
import type { Ask, TestApp, TestTenant } from '../test-app.ts';

let api: TestApp;
let tenant: TestTenant;
let ask: Ask;

beforeAll(async () => {
  api = await startTestApp();
  tenant = await api.createTenant();
  ask = api.as(tenant.key);
});
afterAll(() => api.stop());

describe('API keys', () => {
  it('are shown once, work, and are kept as a hash', async () => {
    const made = await ask('POST', '/api/api-keys', { name: 'Shop', kind: 'secret', scopes: ['products:read'] });
    expect(made.status).toBe(201);
    const { secret, ...shown } = made.body;
    expect(isWellFormedApiKey(secret)).toBe(true);
    expect(secret.startsWith(shown.prefix) && secret.endsWith(shown.last_four)).toBe(true);
    const { data } = (await ask('GET', '/api/api-keys')).body;
    expect(data[0]).toEqual(shown);
    const rows = await inTenant(api.database, tenant, (db) => db.selectFrom('api_keys').selectAll().execute());
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect((await api.as(secret)('GET', '/api/products')).status).toBe(200);
    expect((await api.as(secret)('GET', '/api/customers')).body).toMatchObject({ status: 403, code: 'forbidden', required_scopes: ['customers:read'] });
  });

  it('hand out no more than their maker has', async () => {
    const weak = api.as(await api.createKey(tenant.tenantId, false, ['api_keys:write', 'products:read']));
    expect((await weak('POST', '/api/api-keys', { name: 'X', kind: 'secret', scopes: ['products:read'] })).status).toBe(201);
    expect((await weak('POST', '/api/api-keys', { name: 'X', kind: 'secret', scopes: ['orders:write'] })).body).toMatchObject({ status: 403 });
    expect((await ask('POST', '/api/api-keys', { name: 'X', kind: 'secret', scopes: ['orders:everything'] })).status).toBe(422);
  });

  it('are publishable with public scopes only', async () => {
    const { body } = await ask('POST', '/api/api-keys', { name: 'Web', kind: 'publishable', scopes: ['products:read'] });
    expect(body.secret).toMatch(/^pk_test_/);
    expect((await ask('POST', '/api/api-keys', { name: 'Web', kind: 'publishable', scopes: ['products:read', 'orders:read'] })).body).toMatchObject({ status: 422, errors: [{ pointer: '/scopes' }] });
  });

  it('are rotated with an overlap, in which both work', async () => {
    const { body: old } = await ask('POST', '/api/api-keys', { name: 'Old', kind: 'secret', scopes: ['products:read'] });
    const { status, body } = await ask('POST', `/api/api-keys/${old.id}/rotate`, { overlap_seconds: 3600 });
    expect(status).toBe(201);
    expect(body).toMatchObject({ name: 'Old', scopes: ['products:read'], expires_at: null });
    expect(body.secret).not.toBe(old.secret);
    expect((await api.as(old.secret)('GET', '/api/products')).status).toBe(200);
    expect((await api.as(body.secret)('GET', '/api/products')).status).toBe(200);
    const now = await ask('POST', `/api/api-keys/${body.id}/rotate`, { overlap_seconds: 0 });
    expect(now.status).toBe(201);
    expect((await ask('POST', `/api/api-keys/${body.id}/rotate`, { overlap_seconds: 0 })).body).toMatchObject({ status: 409, code: 'conflict' });
  });

  it('keep their expiry when they are rotated, unless another is asked for', async () => {
    const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
    const [expires_at, later] = [inDays(30), inDays(60)];
    const make = async () => (await ask('POST', '/api/api-keys', { name: 'Temp', kind: 'secret', scopes: ['products:read'], expires_at })).body.id;
    const rotate = async (body: object) => (await ask('POST', `/api/api-keys/${await make()}/rotate`, { overlap_seconds: 0, ...body })).body;
    expect(await rotate({})).toMatchObject({ expires_at });
    expect(await rotate({ expires_at: later })).toMatchObject({ expires_at: later });
    expect(await rotate({ expires_at: null })).toMatchObject({ expires_at: null });
    expect(await rotate({ expires_at: inDays(-1) })).toMatchObject({ status: 422, errors: [{ pointer: '/expires_at' }] });
  });

  it('are not rotated by a key that may do less: the answer carries the secret', async () => {
    const { body: strong } = await ask('POST', '/api/api-keys', { name: 'Strong', kind: 'secret', scopes: ['products:read', 'orders:write'] });
    const weak = api.as(await api.createKey(tenant.tenantId, false, ['api_keys:write', 'products:read']));
    const refused = await weak('POST', `/api/api-keys/${strong.id}/rotate`, { overlap_seconds: 0 });
    expect(refused.body).toMatchObject({ status: 403, code: 'forbidden', required_scopes: ['orders:write'] });
    expect((await api.as(strong.secret)('GET', '/api/products')).status).toBe(200);
  });

  it('stop to work when they are revoked or expired, and stay in the list', async () => {
    const { body } = await ask('POST', '/api/api-keys', { name: 'Gone', kind: 'secret', scopes: ['products:read'] });
    expect((await ask('DELETE', `/api/api-keys/${body.id}`)).status).toBe(204);
    expect((await api.as(body.secret)('GET', '/api/products')).status).toBe(401);
    const listed = (await ask('GET', '/api/api-keys')).body.data.find(({ id }: { id: string }) => id === body.id);
    expect(listed.revoked_at).not.toBeNull();
    const past = { name: 'Past', kind: 'secret', scopes: ['products:read'], expires_at: '2020-01-01T00:00:00Z' };
    expect((await ask('POST', '/api/api-keys', past)).body).toMatchObject({ status: 422, errors: [{ pointer: '/expires_at' }] });
  });

  it("of another tenant or mode can't be listed, rotated or revoked", async () => {
    const foreign = api.as((await api.createTenant()).key);
    const live = api.as(await api.createKey(tenant.tenantId, true, ['api_keys:read', 'api_keys:write', 'products:read']));
    const { body } = await ask('POST', '/api/api-keys', { name: 'Mine', kind: 'secret', scopes: ['products:read'] });
    for (const other of [foreign, live]) {
      expect((await other('POST', `/api/api-keys/${body.id}/rotate`, { overlap_seconds: 0 })).status).toBe(404);
      expect((await other('DELETE', `/api/api-keys/${body.id}`)).status).toBe(404);
      expect(JSON.stringify((await other('GET', '/api/api-keys')).body)).not.toContain(body.id);
    }
    const made = await live('POST', '/api/api-keys', { name: 'Live', kind: 'secret', scopes: ['products:read'] });
    expect(made.body.secret).toMatch(/^sk_live_/);
    expect((await api.as(body.secret)('GET', '/api/products')).status).toBe(200);
  });
});
