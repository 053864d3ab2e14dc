import { randomBytes, randomUUID } from 'node:crypto';
import { newId } from '#domain/ids.ts';
import { openDatabase, openOwnerDatabase } from '#entities/database.ts';
import { loadEnv } from '#platform/env.ts';
import { apiKeyLabel, hashApiKey, newApiKey } from '#platform/api-keys.ts';
import { KeyRing } from '#platform/keyring.ts';
import { createLogger } from '#platform/logger.ts';
import { createTemporalClient } from '#platform/temporal.ts';
import { createTestDatabase } from '#test/environment/index.ts';
import { buildApp } from '../app.ts';
import { scopes } from '../scopes.ts';
import { checkResponses } from './response-check.ts';

/** A tenant of a test, with a key of its own that may do everything. */
export interface TestTenant {
  tenantId: string;
  livemode: boolean;
  key: string;
}

/** A parsed answer. What a test reads is what it asserts: naming each answer's type would say it twice. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = any;

export interface Answered {
  status: number;
  headers: Record<string, string | string[] | number | undefined>;
  body: Json;
}

export type Ask = (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, body?: unknown, headers?: Record<string, string>) => Promise<Answered>;

/** The API on a database of its own, for tests of routes that only read and write rows: Temporal is never reached. */
export async function startTestApp() {
  const address = await createTestDatabase();
  const env = loadEnv({
    DATABASE_URL: address.url,
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    PERDURA_KEYS: `test:${randomBytes(32).toString('base64')}`,
    SMTP_URL: 'smtp://127.0.0.1:1',
    PUBLIC_URL: 'https://shop.example',
    LOG_LEVEL: 'silent',
  });
  const keyRing = new KeyRing(env.PERDURA_KEYS);
  const database = await openDatabase(address.url, 10);
  const owner = await openOwnerDatabase(address.ownerUrl);
  const temporal = createTemporalClient(env, keyRing);
  const app = await buildApp({ env, database, keyRing, temporal, logger: createLogger('test', 'silent'), extend: checkResponses });

  async function createTenant(livemode = false, keyScopes: readonly string[] = scopes): Promise<TestTenant> {
    const tenantId = newId('tenant');
    await owner.em.fork().getKysely().insertInto('tenants').values({ id: tenantId, name: 'Test', slug: tenantId, created_at: new Date() }).execute();
    return { tenantId, livemode, key: await createKey(tenantId, livemode, keyScopes) };
  }

  async function createKey(tenantId: string, livemode: boolean, keyScopes: readonly string[]): Promise<string> {
    const key = newApiKey('secret', livemode);
    await owner.em.fork().getKysely()
      .insertInto('api_keys')
      .values({
        id: newId('apiKey'), tenant_id: tenantId, livemode, kind: 'secret', name: 'Test', hash: hashApiKey(key), ...apiKeyLabel(key),
        scopes: [...keyScopes], created_at: new Date(),
      })
      .execute();
    return key;
  }

  /** Asks as that key; each POST gets an Idempotency-Key of its own unless it names one. */
  const as = (key: string): Ask => async (method, url, body, headers = {}) => {
    const csv = typeof body === 'string';
    const response = await app.inject({
      method,
      url,
      headers: {
        authorization: `Bearer ${key}`,
        ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
        ...(body === undefined ? {} : { 'content-type': csv ? 'text/csv' : 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: csv ? body : JSON.stringify(body) }),
    });
    return { status: response.statusCode, headers: response.headers, body: response.body === '' ? undefined : response.json() };
  };

  async function stop(): Promise<void> {
    await app.close();
    await temporal.connection.close();
    await database.close(true);
    await owner.close(true);
    await address.drop();
  }

  return { app, env, database, owner, keyRing, address, createTenant, createKey, as, stop };
}

export type TestApp = Awaited<ReturnType<typeof startTestApp>>;
