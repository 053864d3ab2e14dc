import type { ConnectionCapabilities } from '#domain/payments/capabilities.ts';
import type { PaymentProvider } from '#domain/payments/port.ts';
import type { TenantRef } from '#domain/tenant.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { openCredentials } from '#platform/connection-secrets.ts';
import type { PaymentDeps } from './create.ts';
import { failure } from './failure.ts';
import { pause } from './pause.ts';
import { createStripeClient } from './stripe/client.ts';
import { customerRows } from './stripe/customer-rows.ts';
import { createStripeProvider } from './stripe/provider.ts';

/** A changed connection (new key, other capabilities) is noticed within this time. */
const keptMs = 30_000;
const missingDelayMs = 60_000;

interface Kept {
  until: number;
  provider: Promise<PaymentProvider>;
}

/** Finds the provider behind a connection: its row, read under its tenant, with a client that is kept for a while. */
export function createConnections(deps: PaymentDeps): (scope: TenantRef, connectionId: string) => Promise<PaymentProvider> {
  const kept = new Map<string, Kept>();
  return (scope, connectionId) => {
    // The tenant is part of the name: another tenant's workflow must not reach this connection by its id.
    const name = `${scope.tenantId}/${scope.livemode}/${connectionId}`;
    const known = kept.get(name);
    if (known && known.until > Date.now()) return known.provider;
    const provider = open(deps, scope, connectionId);
    kept.set(name, { until: Date.now() + keptMs, provider });
    provider.catch(() => kept.delete(name));
    return provider;
  };
}

/** A disabled connection takes no new payments (the API and placing see to that); what was begun on it is finished. */
async function open(deps: PaymentDeps, scope: TenantRef, connectionId: string): Promise<PaymentProvider> {
  const { database, keyRing } = deps;
  const row = await inTenant(database, scope, (sql) =>
    sql.selectFrom('payment_gateway_connections').where('id', '=', connectionId).select(['provider', 'credentials_sealed', 'capabilities']).executeTakeFirst(),
  );
  if (row?.provider !== 'stripe') {
    const what = row ? `is of the unknown provider ${row.provider}` : 'does not exist';
    throw failure('ConnectionMissing', `Connection ${connectionId} ${what}`, { delayMs: missingDelayMs });
  }
  const credentials = openCredentials(keyRing, connectionId, row.credentials_sealed);
  return createStripeProvider({
    client: createStripeClient(credentials.secret_key, deps.stripe),
    settings: deps.stripe,
    capabilities: row.capabilities as unknown as ConnectionCapabilities,
    now: deps.clock ?? (() => new Date()),
    seal: (value, context) => keyRing.seal(value, context),
    pause,
    customers: customerRows(database, connectionId),
  });
}
