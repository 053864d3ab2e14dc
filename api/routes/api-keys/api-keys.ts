import { newId } from '#domain/ids.ts';
import type { Sql, TenantScope } from '#entities/unit-of-work.ts';
import { apiKeyLabel, hashApiKey, newApiKey } from '#platform/api-keys.ts';
import type { RequestScope } from '../../context.ts';
import { Problem } from '../../problem.ts';
import { publishableScopes } from '../../scopes.ts';
import type { ApiKeyBody, ApiKeyInputBody, ApiKeyRotationBody, NewApiKeyBody } from './schemas.ts';

function keyQuery(db: Sql) {
  return db
    .selectFrom('api_keys')
    .select(['id', 'name', 'kind', 'livemode', 'prefix', 'last_four', 'scopes', 'expires_at', 'revoked_at', 'last_used_at', 'created_at']);
}

type KeyRow = Awaited<ReturnType<ReturnType<typeof keyQuery>['executeTakeFirstOrThrow']>>;

const toBody = (row: KeyRow): ApiKeyBody => ({
  ...row,
  kind: row.kind as ApiKeyBody['kind'],
  expires_at: row.expires_at?.toISOString() ?? null,
  revoked_at: row.revoked_at?.toISOString() ?? null,
  last_used_at: row.last_used_at?.toISOString() ?? null,
  created_at: row.created_at.toISOString(),
});

/** Newest first; up to `limit` keys after the one named by `after`, the revoked ones among them. */
export async function listApiKeys(db: Sql, after: string | undefined, limit: number): Promise<ApiKeyBody[]> {
  const rows = await keyQuery(db)
    .$if(after !== undefined, (query) => query.where('id', '<', after!))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(toBody);
}

/** Nobody can hand out more than they have. @throws {Problem} forbidden, validation_failed */
export async function createApiKey(db: Sql, scope: RequestScope, input: ApiKeyInputBody, now: Date): Promise<NewApiKeyBody> {
  requireOwnScopes(scope, input.scopes);
  if (input.kind === 'publishable' && input.scopes.some((wanted) => !publishableScopes.includes(wanted))) {
    const detail = `of a publishable key can only be ${publishableScopes.join(', ')}`;
    throw new Problem('validation_failed', { errors: [{ pointer: '/scopes', detail }] });
  }
  return insertKey(db, scope, { name: input.name, kind: input.kind, scopes: input.scopes, expires_at: expiryOf(input.expires_at ?? null, now) }, now);
}

function expiryOf(given: string | null, now: Date): Date | null {
  if (given === null) return null;
  const expiresAt = new Date(given);
  if (expiresAt <= now) throw new Problem('validation_failed', { errors: [{ pointer: '/expires_at', detail: 'is past' }] });
  return expiresAt;
}

function requireOwnScopes(scope: RequestScope, wanted: readonly string[]): void {
  const beyond = wanted.filter((one) => !scope.scopes.includes(one));
  if (beyond.length > 0) throw new Problem('forbidden', { detail: `Your key lacks ${beyond.join(', ')} itself.`, required_scopes: beyond });
}

/**
 * A new key with the old one's name, scopes and expiry, unless another expiry is asked for; the old one works until the
 * overlap ends. The answer carries the new secret, so who rotates must have every scope of the key.
 * @throws {Problem} not_found; forbidden; conflict for a key that is revoked or expired; validation_failed for a past expiry
 */
export async function rotateApiKey(db: Sql, scope: RequestScope, id: string, input: ApiKeyRotationBody, now: Date): Promise<NewApiKeyBody> {
  const old = await keyQuery(db).where('id', '=', id).forUpdate().executeTakeFirst();
  if (!old) throw noKey(id);
  requireOwnScopes(scope, old.scopes);
  if (old.revoked_at || (old.expires_at && old.expires_at <= now)) {
    throw new Problem('conflict', { detail: 'The key is revoked or expired: make a new one.' });
  }
  const expiresAt = input.expires_at === undefined ? old.expires_at : expiryOf(input.expires_at, now);
  const end = new Date(now.getTime() + input.overlap_seconds * 1000);
  await db
    .updateTable('api_keys')
    .set({ expires_at: old.expires_at && old.expires_at < end ? old.expires_at : end })
    .where('id', '=', id)
    .execute();
  const { name, scopes } = old;
  return insertKey(db, scope, { name, kind: old.kind as ApiKeyBody['kind'], scopes, expires_at: expiresAt }, now);
}

/** It stays in the list, and stops to work. @throws {Problem} not_found */
export async function revokeApiKey(db: Sql, id: string, now: Date): Promise<void> {
  const revoked = await db
    .updateTable('api_keys')
    .set((eb) => ({ revoked_at: eb.fn.coalesce('revoked_at', eb.val(now)) }))
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst();
  if (!revoked) throw noKey(id);
}

type NewKey = Pick<KeyRow, 'name' | 'scopes' | 'expires_at'> & { kind: ApiKeyBody['kind'] };

async function insertKey(db: Sql, { tenantId, livemode }: TenantScope, key: NewKey, now: Date): Promise<NewApiKeyBody> {
  const secret = newApiKey(key.kind, livemode);
  const row = { id: newId('apiKey'), livemode, ...key, ...apiKeyLabel(secret), created_at: now };
  await db.insertInto('api_keys').values({ ...row, tenant_id: tenantId, hash: hashApiKey(secret) }).execute();
  return { ...toBody({ ...row, revoked_at: null, last_used_at: null }), secret };
}

const noKey = (id: string) => new Problem('not_found', { detail: `There is no API key ${id}.` });
