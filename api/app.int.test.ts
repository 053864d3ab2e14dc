import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { newId } from '#domain/ids.ts';
import { createLogger } from '#platform/logger.ts';
import { createTemporalClient } from '#platform/temporal.ts';
import { buildApp } from './app.ts';
import { startTestApp, type TestApp, type TestTenant } from './routes/test-app.ts';

let base: TestApp;
let tenant: TestTenant;

beforeAll(async () => {
  base = await startTestApp();
  tenant = await base.createTenant();
});
afterAll(() => base.stop());

const list = (headers: Record<string, string>, app = base.app) => app.inject({ url: '/api/orders', headers });
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const changeKey = (tenantId: string, change: { revoked_at?: Date; expires_at?: Date }) =>
  base.owner.em.fork().getKysely().updateTable('api_keys').set(change).where('tenant_id', '=', tenantId).execute();

describe('a key', () => {
  it('is asked for, in words that help', async () => {
    const answer = await list({});
    expect([answer.statusCode, answer.headers['www-authenticate'], answer.json().code]).toEqual([401, 'Bearer realm="perdura"', 'unauthenticated']);
    expect((await list({ authorization: 'Basic abc' })).statusCode).toBe(401);
    expect((await list(bearer('sk_test_nobody_has_this_key'))).statusCode).toBe(401);
  });

  it('opens what its scopes allow, and names what is missing', async () => {
    expect((await list(bearer(tenant.key))).statusCode).toBe(200);
    const reader = await base.createKey(tenant.tenantId, false, ['orders:read']);
    const answer = await base.app.inject({ method: 'POST', url: '/api/orders', payload: {}, headers: bearer(reader) });
    expect([answer.statusCode, answer.json().required_scopes]).toEqual([403, ['orders:write']]);
  });

  it('no longer works once revoked or expired', async () => {
    const revoked = await base.createTenant();
    const expired = await base.createTenant();
    await changeKey(revoked.tenantId, { revoked_at: new Date() });
    await changeKey(expired.tenantId, { expires_at: new Date(Date.now() - 1000) });
    expect([(await list(bearer(revoked.key))).statusCode, (await list(bearer(expired.key))).statusCode]).toEqual([401, 401]);
  });

  it('is remembered, so that a change counts after seconds, and its use is written down in the background', async () => {
    const other = await base.createTenant();
    expect((await list(bearer(other.key))).statusCode).toBe(200);
    await changeKey(other.tenantId, { revoked_at: new Date() });
    expect((await list(bearer(other.key))).statusCode).toBe(200);
    base.app.apiKeys.clear();
    expect((await list(bearer(other.key))).statusCode).toBe(401);
    await base.app.apiKeys.settled();
    const used = await base.owner.em.fork().getKysely().selectFrom('api_keys').select('last_used_at').where('tenant_id', '=', other.tenantId).executeTakeFirstOrThrow();
    expect(used.last_used_at).toBeInstanceOf(Date);
  });
});

describe('the rate limit', () => {
  it('counts each key on its own and says when to come back', async () => {
    const app = await buildApp({
      env: { ...base.env, RATE_LIMIT_PER_MINUTE: 3 }, database: base.database, keyRing: base.keyRing,
      temporal: createTemporalClient(base.env, base.keyRing), logger: createLogger('test', 'silent'),
    });
    const answers = await Promise.all(Array.from({ length: 5 }, () => list(bearer(tenant.key), app)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 200, 200, 429, 429]);
    const allowed = answers.find(({ statusCode }) => statusCode === 200)!;
    expect(allowed.headers['ratelimit-policy']).toBe('"default";q=3;w=60');
    expect(allowed.headers.ratelimit).toMatch(/^"default";r=\d;t=\d+$/);
    const refused = answers.find(({ statusCode }) => statusCode === 429)!;
    expect(refused.json()).toMatchObject({ code: 'rate_limited', status: 429, request_id: refused.headers['x-request-id'] });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await list(bearer((await base.createTenant()).key), app)).statusCode).toBe(200);
    await app.close();
  });

  it('lets two hundred racing requests through as it is delivered', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => list(bearer(tenant.key))));
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
  });
});

describe('a list', () => {
  it('goes on from its cursor and says when it has ended', async () => {
    const ask = base.as(tenant.key);
    const made: string[] = [];
    for (let index = 0; index < 5; index += 1) made.push((await ask('POST', '/api/locations', { code: `l${index}`, name: 'L' })).body.id);
    const seen: string[] = [];
    let url: string | null = '/api/locations?limit=2';
    for (let pages = 0; url && pages < 9; pages += 1) {
      const { body }: { body: { data: { id: string }[]; has_more: boolean; next_cursor: string | null } } = await ask('GET', url);
      seen.push(...body.data.map(({ id }) => id));
      expect(body.has_more).toBe(body.next_cursor !== null);
      url = body.next_cursor && `/api/locations?limit=2&starting_after=${body.next_cursor}`;
    }
    expect(seen).toEqual([...made].sort().reverse());
  });

  it('refuses a limit and a cursor that make no sense', async () => {
    const ask = base.as(tenant.key);
    expect((await ask('GET', '/api/orders?limit=101')).body.errors).toEqual([{ pointer: '?limit', detail: 'must be <= 100' }]);
    expect((await ask('GET', '/api/orders?starting_after=12')).body.errors).toEqual([expect.objectContaining({ pointer: '?starting_after' })]);
    expect((await ask('GET', '/api/orders?staus=pending')).body.errors).toEqual([{ pointer: '?staus', detail: 'is not a field of this request' }]);
  });
});

describe('readiness', () => {
  it('names what is missing, while health goes on', async () => {
    const service = { getSystemInfo: async () => ({}), describeTaskQueue: async () => ({ pollers: [] }) };
    const temporal = { options: { namespace: 'x' }, workflowService: service, withDeadline: (_at: Date, call: () => Promise<unknown>) => call() };
    const app = await buildApp({ ...base, temporal: temporal as unknown as Client, logger: createLogger('test', 'silent') });
    const ready = await app.inject('/readyz');
    expect([ready.statusCode, ready.json()]).toEqual([503, { status: 'not_ready', checks: { postgres: 'ok', temporal: 'ok', workers: 'failing' } }]);
    expect((await app.inject('/healthz')).statusCode).toBe(200);
    await app.close();
  });

  it('publishes measures without names of tenants', async () => {
    await list(bearer(tenant.key));
    const { body } = await base.app.inject('/metrics');
    expect(body).toMatch(/perdura_http_request_duration_seconds_bucket\{.*route="\/api\/orders"/);
    expect(body).not.toContain(tenant.tenantId);
  });
});

describe('an order that nobody knows', () => {
  it('is not found', async () => {
    const ask = base.as(tenant.key);
    expect((await ask('GET', `/api/orders/${newId('order')}`)).body.code).toBe('not_found');
    expect((await ask('GET', '/api/orders/42')).body.errors[0].pointer).toBe('id');
  });
});
