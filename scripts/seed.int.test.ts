import { randomBytes } from 'node:crypto';
import { stripeEventTypes } from '#domain/webhooks/stripe-events.ts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Stripe from 'stripe';
import { openDatabase } from '#entities/database.ts';
import type { Database } from '#entities/database.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { newApiKey } from '#platform/api-keys.ts';
import { openWebhookSecrets } from '#platform/connection-secrets.ts';
import { KeyRing } from '#platform/keyring.ts';
import { startSandbox } from '#sandbox/server.ts';
import { createTestDatabase } from '#test/environment/index.ts';
import type { TestDatabase } from '#test/environment/index.ts';
import { seedDemo, seedOptionsFrom } from './seed.ts';
import type { SeedOptions } from './seed.ts';

let address: TestDatabase;
let database: Database;
let sandbox: Awaited<ReturnType<typeof startSandbox>>;
let options: SeedOptions;

beforeAll(async () => {
  address = await createTestDatabase();
  database = await openDatabase(address.url, 2);
  sandbox = await startSandbox({ port: 0, databasePath: ':memory:' });
  options = {
    databaseUrl: address.url,
    databaseOwnerUrl: address.ownerUrl,
    keys: `k1:${randomBytes(32).toString('base64')}`,
    publicUrl: 'http://127.0.0.1:3111',
    stripe: { secretKey: 'sk_test_sandbox', apiUrl: sandbox.url },
    secretKey: newApiKey('secret', false),
    publishableKey: newApiKey('publishable', false),
  };
});
afterAll(async () => {
  await sandbox.close();
  await database.close(true);
  await address.drop();
});

const endpoints = () => {
  const { hostname, port } = new URL(sandbox.url);
  return new Stripe('sk_test_sandbox', { host: hostname, port, protocol: 'http' }).webhookEndpoints.list().then(({ data }) => data);
};

describe('seedDemo', () => {
  it('makes a tenant that can sell: goods, stock, keys and a connection whose events arrive', async () => {
    const seeded = await seedDemo(options);
    expect(seeded).toMatchObject({ livemode: false, webhook: true, secretKey: options.secretKey });
    expect(Object.keys(seeded.locationIds)).toEqual(['london', 'rotterdam']);
    const rows = await inTenant(database, seeded, async (db) => ({
      variants: await db.selectFrom('variants').select('sku').execute(),
      prices: await db.selectFrom('prices').select(['currency', 'amount']).execute(),
      stock: await db.selectFrom('stock_levels').select(['sku', 'on_hand']).execute(),
      keys: await db.selectFrom('api_keys').select(['kind', 'scopes']).orderBy('kind').execute(),
      connection: await db.selectFrom('payment_gateway_connections').selectAll().executeTakeFirstOrThrow(),
    }));
    expect(rows.variants).toHaveLength(12);
    expect(new Set(rows.prices.map(({ currency }) => currency))).toEqual(new Set(['USD', 'GBP', 'EUR']));
    expect(rows.prices).toHaveLength(36);
    expect(rows.stock.every(({ on_hand }) => on_hand > 0)).toBe(true);
    expect(rows.stock).toHaveLength(24);
    expect(rows.keys).toMatchObject([{ kind: 'publishable', scopes: ['products:read'] }, { kind: 'secret' }]);
    const secrets = openWebhookSecrets(new KeyRing(options.keys), rows.connection.id, rows.connection.webhook_secrets_sealed);
    expect(secrets).toEqual([expect.stringMatching(/^whsec_/)]);
    expect(await endpoints()).toMatchObject([{ url: `http://127.0.0.1:3111/webhooks/stripe/${seeded.connectionId}`, enabled_events: [...stripeEventTypes] }]);
  });

  it('changes nothing when it runs again, but follows the address of the API', async () => {
    const first = await seedDemo(options);
    await inTenant(database, first, (db) => db.updateTable('products').set({ title: 'Renamed' }).execute());
    const again = await seedDemo({ ...options, publicUrl: 'http://127.0.0.1:3222' });
    expect(again).toEqual(first);
    const rows = await inTenant(database, first, async (db) => ({
      titles: await db.selectFrom('products').select('title').distinct().execute(),
      adjustments: await db.selectFrom('stock_adjustments').select('id').execute(),
    }));
    expect(rows.titles).toEqual([{ title: 'Renamed' }]);
    expect(rows.adjustments).toHaveLength(24);
    expect((await endpoints()).map(({ url }) => url)).toEqual([`http://127.0.0.1:3222/webhooks/stripe/${first.connectionId}`]);
  });
});

describe('seedOptionsFrom', () => {
  const env = {
    DATABASE_URL: 'postgres://x', PERDURA_KEYS: 'k:x', PUBLIC_URL: 'http://x', SEED_SECRET_KEY: 'sk_test_x', SEED_PUBLISHABLE_KEY: 'pk_test_x',
    STRIPE_API_URL: 'http://x',
  };

  it('takes any key for the sandbox, and a test key for Stripe', () => {
    expect(seedOptionsFrom(env).stripe).toEqual({ secretKey: 'sk_test_sandbox', apiUrl: 'http://x' });
    expect(seedOptionsFrom({ ...env, STRIPE_API_URL: '', STRIPE_SECRET_KEY: 'sk_test_real', STRIPE_WEBHOOK_SECRET: 'whsec_x' }).stripe).toEqual({
      secretKey: 'sk_test_real', webhookSecret: 'whsec_x',
    });
    expect(() => seedOptionsFrom({ ...env, STRIPE_SECRET_KEY: 'sk_live_real' })).toThrow(/STRIPE_SECRET_KEY/);
  });

  it.each(['DATABASE_URL', 'PERDURA_KEYS', 'PUBLIC_URL', 'SEED_SECRET_KEY', 'SEED_PUBLISHABLE_KEY'])('names %s when it is missing', (name) => {
    expect(() => seedOptionsFrom({ ...env, [name]: '' })).toThrow(name);
  });
});
