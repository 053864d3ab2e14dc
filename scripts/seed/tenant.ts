import { newId } from '#domain/ids.ts';
import { openOwnerDatabase } from '#entities/database.ts';
import type { Sql, TenantScope } from '#entities/unit-of-work.ts';
import { publishableScopes, scopes } from '#api/scopes.ts';
import { apiKeyLabel, hashApiKey } from '#platform/api-keys.ts';
import type { ApiKeyKind } from '#platform/api-keys.ts';

const slug = 'demo';

/** The demo tenant's id. Tenants have no row-level policy for the application to insert under: the owner does it. */
export async function ensureTenant(ownerUrl: string, now: Date): Promise<string> {
  const orm = await openOwnerDatabase(ownerUrl);
  try {
    const db = orm.em.fork().getKysely();
    await db
      .insertInto('tenants')
      .values({
        id: newId('tenant'), name: 'Perdura Demo', slug, created_at: now,
        settings: { notificationEmail: 'merchant@demo.perdura.test' },
      })
      .onConflict((conflict) => conflict.column('slug').doNothing())
      .execute();
    const { id } = await db.selectFrom('tenants').select('id').where('slug', '=', slug).executeTakeFirstOrThrow();
    return id;
  } finally {
    await orm.close(true);
  }
}

/** Makes the given key known, as its hash, with all scopes that its kind may have. */
export async function ensureApiKey(db: Sql, scope: TenantScope, kind: ApiKeyKind, key: string, now: Date): Promise<void> {
  await db
    .insertInto('api_keys')
    .values({
      id: newId('apiKey'), tenant_id: scope.tenantId, livemode: scope.livemode, kind, name: `Demo ${kind} key`,
      hash: hashApiKey(key), ...apiKeyLabel(key),
      scopes: [...(kind === 'secret' ? scopes : publishableScopes)], created_at: now,
    })
    // A later version may know more scopes.
    .onConflict((conflict) => conflict.column('hash').doUpdateSet((eb) => ({ scopes: eb.ref('excluded.scopes') })))
    .execute();
}
