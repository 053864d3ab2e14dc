import Stripe from 'stripe';
import { newId } from '#domain/ids.ts';
import { stripeCapabilities } from '#domain/payments/capabilities.ts';
import { stripeEventTypes } from '#domain/webhooks/stripe-events.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import type { Database } from '#entities/database.ts';
import type { Sql, TenantScope } from '#entities/unit-of-work.ts';
import { openCredentials, openWebhookSecrets, sealCredentials, sealWebhookSecrets } from '#platform/connection-secrets.ts';
import type { KeyRing } from '#platform/keyring.ts';

export interface StripeAccount {
  /** A test-mode key. The sandbox takes any. */
  secretKey: string;
  /** Origin of a Stripe-compatible server; none = api.stripe.com. */
  apiUrl?: string;
  /** Secret of a webhook endpoint that was registered otherwise (`stripe listen`, the dashboard). */
  webhookSecret?: string;
}

interface Connection {
  id: string;
  webhookSecrets: string[];
}

/** What we act upon; a later version that understands more asks for more at its first start. */
const enabledEvents = [...stripeEventTypes] as Stripe.WebhookEndpointCreateParams.EnabledEvent[];

/** The API version whose types the client knows; events are asked for in the same. */
const apiVersion = '2026-10-28.endive';

/** The demo's default connection to Stripe. Its key follows the environment, since an account may be switched. */
export async function ensureConnection(db: Sql, scope: TenantScope, keyRing: KeyRing, account: StripeAccount, now: Date): Promise<Connection> {
  const row = await db
    .selectFrom('payment_gateway_connections')
    .select(['id', 'credentials_sealed', 'webhook_secrets_sealed'])
    .where('provider', '=', 'stripe')
    .where('is_default', '=', true)
    .executeTakeFirst();
  const id = row?.id ?? newId('connection');
  const credentials_sealed = sealCredentials(keyRing, id, { secret_key: account.secretKey });
  if (!row) {
    await db
      .insertInto('payment_gateway_connections')
      .values({
        id, tenant_id: scope.tenantId, livemode: scope.livemode, provider: 'stripe', name: 'Stripe', credentials_sealed,
        capabilities: { ...stripeCapabilities(scope.livemode) }, is_default: true, status: 'active', created_at: now, updated_at: now,
      })
      .execute();
    return { id, webhookSecrets: [] };
  }
  const sameAccount = openCredentials(keyRing, id, row.credentials_sealed).secret_key === account.secretKey;
  if (!sameAccount) {
    await db
      .updateTable('payment_gateway_connections')
      .set({ credentials_sealed, webhook_secrets_sealed: null, updated_at: now })
      .where('id', '=', id)
      .execute();
  }
  return { id, webhookSecrets: sameAccount ? openWebhookSecrets(keyRing, id, row.webhook_secrets_sealed) : [] };
}

/**
 * Sees to it that the provider's events reach the connection: one endpoint, made once, whose address follows the
 * API's. Answers false where the provider can't reach the API and no secret was given.
 */
export async function ensureWebhook(
  database: Database, scope: TenantScope, keyRing: KeyRing, account: StripeAccount, connection: Connection, publicUrl: string, now: Date,
): Promise<boolean> {
  if (account.webhookSecret) {
    if (!connection.webhookSecrets.includes(account.webhookSecret)) await store([account.webhookSecret]);
    return true;
  }
  if (!account.apiUrl && !publicUrl.startsWith('https:')) return connection.webhookSecrets.length > 0;
  const stripe = stripeClient(account);
  const url = new URL(`/webhooks/stripe/${connection.id}`, publicUrl).href;
  const ours = await stripe.webhookEndpoints
    .list({ limit: 100 })
    .then(({ data }) => data.find((endpoint) => endpoint.url.endsWith(`/webhooks/stripe/${connection.id}`)));
  if (ours && connection.webhookSecrets.length > 0) {
    const same = ours.url === url && ours.enabled_events.toSorted().join() === enabledEvents.toSorted().join();
    if (!same) await stripe.webhookEndpoints.update(ours.id, { url, enabled_events: enabledEvents });
    return true;
  }
  // The secret is told only once: without it the endpoint is of no use.
  if (ours) await stripe.webhookEndpoints.del(ours.id);
  const created = await stripe.webhookEndpoints.create({ url, enabled_events: enabledEvents, api_version: apiVersion });
  if (!created.secret) throw new Error('Stripe made a webhook endpoint without telling its secret.');
  await store([created.secret]);
  return true;

  async function store(secrets: string[]): Promise<void> {
    await inTenant(database, scope, (db) =>
      db
        .updateTable('payment_gateway_connections')
        .set({ webhook_secrets_sealed: sealWebhookSecrets(keyRing, connection.id, secrets), updated_at: now })
        .where('id', '=', connection.id)
        .execute(),
    );
  }
}

function stripeClient({ secretKey, apiUrl }: StripeAccount): Stripe {
  if (!apiUrl) return new Stripe(secretKey, { apiVersion, maxNetworkRetries: 2 });
  const { protocol, hostname, port } = new URL(apiUrl);
  const secure = protocol === 'https:';
  return new Stripe(secretKey, {
    apiVersion, maxNetworkRetries: 2, host: hostname, port: port || (secure ? '443' : '80'), protocol: secure ? 'https' : 'http',
  });
}
