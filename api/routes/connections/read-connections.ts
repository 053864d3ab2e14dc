import type { ConnectionCapabilities } from '#domain/payments/capabilities.ts';
import type { Sql } from '#entities/unit-of-work.ts';
import { openCredentials, openWebhookSecrets } from '#platform/connection-secrets.ts';
import type { KeyRing } from '#platform/keyring.ts';
import { Problem } from '../../problem.ts';
import type { ConnectionBody } from './schemas.ts';

/** What showing a connection takes besides its row. */
export interface ConnectionView {
  keyRing: KeyRing;
  publicUrl: string;
}

function connectionQuery(db: Sql) {
  return db
    .selectFrom('payment_gateway_connections')
    .select([
      'id', 'provider', 'name', 'credentials_sealed', 'webhook_secrets_sealed', 'capabilities', 'is_default', 'status', 'created_at', 'updated_at',
    ]);
}

type ConnectionRow = Awaited<ReturnType<ReturnType<typeof connectionQuery>['executeTakeFirstOrThrow']>>;

function toBody({ keyRing, publicUrl }: ConnectionView, row: ConnectionRow): ConnectionBody {
  const { credentials_sealed, webhook_secrets_sealed, ...shown } = row;
  const { secret_key } = openCredentials(keyRing, row.id, credentials_sealed);
  return {
    ...shown,
    key: { prefix: secret_key.slice(0, 8), last_four: secret_key.slice(-4) },
    webhook_url: new URL(`/webhooks/${row.provider}/${row.id}`, publicUrl).href,
    webhook_secret_count: openWebhookSecrets(keyRing, row.id, webhook_secrets_sealed).length,
    capabilities: row.capabilities as unknown as ConnectionCapabilities,
    status: row.status as ConnectionBody['status'],
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}

/** Newest first; up to `limit` connections after the one named by `after`. */
export async function listConnections(db: Sql, view: ConnectionView, after: string | undefined, limit: number): Promise<ConnectionBody[]> {
  const rows = await connectionQuery(db)
    .$if(after !== undefined, (query) => query.where('id', '<', after!))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => toBody(view, row));
}

/** @throws {Problem} not_found */
export async function readConnection(db: Sql, view: ConnectionView, id: string): Promise<ConnectionBody> {
  const row = await connectionQuery(db).where('id', '=', id).executeTakeFirst();
  if (!row) throw noConnection(id);
  return toBody(view, row);
}

export const noConnection = (id: string) => new Problem('not_found', { detail: `There is no connection ${id}.` });
