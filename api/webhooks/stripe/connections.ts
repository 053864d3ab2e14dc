import { sql as raw } from 'kysely';
import type { TenantRef } from '#domain/tenant.ts';
import type { Database } from '#entities/database.ts';
import { withoutTenant } from '#entities/unit-of-work.ts';
import { openWebhookSecrets } from '#platform/connection-secrets.ts';
import type { KeyRing } from '#platform/keyring.ts';

/** Whose events arrive at an address, and what signs them. */
export interface WebhookConnection {
  id: string;
  scope: TenantRef;
  secrets: string[];
}

/** A rotated secret is noticed within this time. */
const keptMs = 10_000;
/** Anyone may ask for any id: so many are remembered, then all are forgotten. */
const mostKept = 1_000;

interface Row {
  id: string;
  tenant_id: string;
  livemode: boolean;
  provider: string;
  webhook_secrets_sealed: string | null;
}

/** Finds a Stripe connection by the id in a webhook's address. A disabled one still hears what becomes of its payments. */
export function createConnectionLookup(database: Database, keyRing: KeyRing): (id: string) => Promise<WebhookConnection | undefined> {
  const kept = new Map<string, { until: number; connection: WebhookConnection | undefined }>();
  return async (id) => {
    const known = kept.get(id);
    if (known && known.until > Date.now()) return known.connection;
    const { rows } = await raw<Row>`select id, tenant_id, livemode, provider, webhook_secrets_sealed from find_payment_connection(${id})`.execute(withoutTenant(database));
    const row = rows[0];
    const connection =
      row?.provider === 'stripe'
        ? { id, scope: { tenantId: row.tenant_id, livemode: row.livemode }, secrets: openWebhookSecrets(keyRing, id, row.webhook_secrets_sealed) }
        : undefined;
    if (kept.size >= mostKept) kept.clear();
    kept.set(id, { until: Date.now() + keptMs, connection });
    return connection;
  };
}
