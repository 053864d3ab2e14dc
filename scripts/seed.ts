import { openDatabase } from '#entities/database.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { KeyRing } from '#platform/keyring.ts';
import { ensureGoods, ensureLocations } from './seed/goods.ts';
import { ensureConnection, ensureWebhook } from './seed/payments.ts';
import type { StripeAccount } from './seed/payments.ts';
import { ensureApiKey, ensureTenant } from './seed/tenant.ts';
import { isTestKey } from './seed/test-key.ts';

export interface SeedOptions {
  /** The application's login. */
  databaseUrl: string;
  /** The login that migrates. Default: `databaseUrl`. */
  databaseOwnerUrl?: string;
  /** As PERDURA_KEYS. */
  keys: string;
  /** Where the provider finds the API's webhook route. None = no webhook endpoint is registered. */
  publicUrl?: string;
  stripe: StripeAccount;
  /** The keys that clients will use: stored as hashes. */
  secretKey: string;
  publishableKey: string;
}

export interface SeedResult {
  tenantId: string;
  livemode: boolean;
  connectionId: string;
  /** Ids of locations by their code. */
  locationIds: Record<string, string>;
  /** False when the provider can't reach the API: its events won't arrive. */
  webhook: boolean;
  secretKey: string;
  publishableKey: string;
}

/**
 * Makes the demo tenant, in test mode, with keys, locations, a small real catalogue, stock and a connection to
 * Stripe. What is there already is left as it is, so that it may run at every start.
 */
export async function seedDemo(options: SeedOptions): Promise<SeedResult> {
  const now = new Date();
  const tenantId = await ensureTenant(options.databaseOwnerUrl ?? options.databaseUrl, now);
  const scope = { tenantId, livemode: false };
  const keyRing = new KeyRing(options.keys);
  const database = await openDatabase(options.databaseUrl, 2);
  try {
    const { locationIds, connection } = await inTenant(database, scope, async (db) => {
      await ensureApiKey(db, scope, 'secret', options.secretKey, now);
      await ensureApiKey(db, scope, 'publishable', options.publishableKey, now);
      const locations = await ensureLocations(db, scope, now);
      await ensureGoods(db, scope, now);
      return { locationIds: locations, connection: await ensureConnection(db, scope, keyRing, options.stripe, now) };
    });
    const webhook = options.publicUrl
      ? await ensureWebhook(database, scope, keyRing, options.stripe, connection, options.publicUrl, now)
      : false;
    const { secretKey, publishableKey } = options;
    return { ...scope, connectionId: connection.id, locationIds, webhook, secretKey, publishableKey };
  } finally {
    await database.close(true);
  }
}

/** The options as `npm start` gives them. @throws {Error} naming the variable that is missing or malformed */
export function seedOptionsFrom(env: Record<string, string | undefined>): SeedOptions {
  const required = (name: string): string => {
    const value = env[name];
    if (!value) throw new Error(`${name} is missing: the demo can't be seeded without it.`);
    return value;
  };
  // The sandbox takes any test key, and keeps one world per key: always the same one.
  const stripeKey = env.STRIPE_SECRET_KEY || (env.STRIPE_API_URL ? 'sk_test_sandbox' : required('STRIPE_SECRET_KEY'));
  if (!isTestKey(stripeKey)) throw new Error('STRIPE_SECRET_KEY is not a test key: the demo tenant is in test mode.');
  return {
    databaseUrl: required('DATABASE_URL'),
    ...(env.DATABASE_OWNER_URL ? { databaseOwnerUrl: env.DATABASE_OWNER_URL } : {}),
    keys: required('PERDURA_KEYS'),
    publicUrl: required('PUBLIC_URL'),
    stripe: {
      secretKey: stripeKey,
      ...(env.STRIPE_API_URL ? { apiUrl: env.STRIPE_API_URL } : {}),
      ...(env.STRIPE_WEBHOOK_SECRET ? { webhookSecret: env.STRIPE_WEBHOOK_SECRET } : {}),
    },
    secretKey: required('SEED_SECRET_KEY'),
    publishableKey: required('SEED_PUBLISHABLE_KEY'),
  };
}

if (import.meta.main) {
  const seeded = await seedDemo(seedOptionsFrom(process.env));
  console.log(`Demo tenant ${seeded.tenantId} is ready.`);
  if (!seeded.webhook) {
    console.warn('Stripe can\'t reach this machine: run "stripe listen" and set STRIPE_WEBHOOK_SECRET, or payments that need the customer stay open.');
  }
}
