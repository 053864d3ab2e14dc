import { newId } from '#domain/ids.ts';
import { stripeCapabilities } from '#domain/payments/capabilities.ts';
import type { Sql, TenantScope } from '#entities/unit-of-work.ts';
import { sealCredentials, sealWebhookSecrets } from '#platform/connection-secrets.ts';
import type { KeyRing } from '#platform/keyring.ts';
import { Problem } from '../../problem.ts';
import { withConstraints } from '../sql-errors.ts';
import { noConnection } from './read-connections.ts';
import type { ConnectionChangeBody, ConnectionInputBody } from './schemas.ts';

/** @throws {Problem} validation_failed for a key of the other mode */
export async function createConnection(db: Sql, scope: TenantScope, keyRing: KeyRing, input: ConnectionInputBody, now: Date): Promise<string> {
  checkMode(scope, input.credentials.secret_key);
  const id = newId('connection');
  const { provider, name, credentials, webhook_secrets, capabilities } = input;
  const isDefault = input.is_default || !(await hasDefault(db, provider));
  if (isDefault) await clearDefault(db, provider, now);
  await db
    .insertInto('payment_gateway_connections')
    .values({
      id, tenant_id: scope.tenantId, livemode: scope.livemode, provider, name,
      credentials_sealed: sealCredentials(keyRing, id, credentials),
      webhook_secrets_sealed: webhook_secrets?.length ? sealWebhookSecrets(keyRing, id, webhook_secrets) : null,
      capabilities: { ...stripeCapabilities(scope.livemode), ...capabilities },
      is_default: isDefault, status: 'active', created_at: now, updated_at: now,
    })
    .execute();
  return id;
}

/**
 * @param version what `connectionVersion` made of the representation that the change was made for
 * @throws {Problem} not_found, precondition_failed, validation_failed
 */
export async function updateConnection(
  db: Sql, scope: TenantScope, keyRing: KeyRing, id: string, version: number, change: ConnectionChangeBody, now: Date,
): Promise<void> {
  const row = await db
    .selectFrom('payment_gateway_connections')
    .select(['provider', 'capabilities', 'updated_at'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw noConnection(id);
  if (connectionVersion(row.updated_at) !== version) throw new Problem('precondition_failed');
  const { credentials, webhook_secrets, capabilities, is_default, ...columns } = change;
  if (credentials) checkMode(scope, credentials.secret_key);
  if (is_default) await clearDefault(db, row.provider, now);
  await db
    .updateTable('payment_gateway_connections')
    .set({
      ...columns,
      ...(is_default === undefined ? {} : { is_default }),
      ...(credentials ? { credentials_sealed: sealCredentials(keyRing, id, credentials) } : {}),
      ...(webhook_secrets ? { webhook_secrets_sealed: webhook_secrets.length ? sealWebhookSecrets(keyRing, id, webhook_secrets) : null } : {}),
      ...(capabilities ? { capabilities: { ...row.capabilities, ...capabilities } } : {}),
      // The version is made of this instant: no two changes share one.
      updated_at: new Date(Math.max(now.getTime(), row.updated_at.getTime() + 1)),
    })
    .where('id', '=', id)
    .execute();
}

/** @throws {Problem} not_found; in_use once there were payments or events */
export async function deleteConnection(db: Sql, id: string): Promise<void> {
  const detail = 'Payments or events refer to the connection: set status to disabled instead.';
  const deleted = await withConstraints({ '*': { code: 'in_use', detail } }, () =>
    db.deleteFrom('payment_gateway_connections').where('id', '=', id).returning('id').executeTakeFirst(),
  );
  if (!deleted) throw noConnection(id);
}

/** Connections carry no counter: the millisecond of their last change takes its place. */
export const connectionVersion = (updatedAt: Date): number => updatedAt.getTime() % 1_000_000_000;

async function hasDefault(db: Sql, provider: string): Promise<boolean> {
  const row = await db
    .selectFrom('payment_gateway_connections')
    .select('id')
    .where('provider', '=', provider)
    .where('is_default', '=', true)
    .executeTakeFirst();
  return row !== undefined;
}

async function clearDefault(db: Sql, provider: string, now: Date): Promise<void> {
  await db
    .updateTable('payment_gateway_connections')
    .set({ is_default: false, updated_at: now })
    .where('provider', '=', provider)
    .where('is_default', '=', true)
    .execute();
}

function checkMode({ livemode }: TenantScope, secretKey: string): void {
  const mode = livemode ? 'live' : 'test';
  if (secretKey.split('_')[1] === mode) return;
  throw new Problem('validation_failed', {
    errors: [{ pointer: '/credentials/secret_key', detail: `must be a ${mode} key, since your API key is one` }],
  });
}
