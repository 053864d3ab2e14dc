import type { Database } from './database.ts';

/** Whose data, and which of its two worlds: live and test never mix. */
export interface TenantScope {
  tenantId: string;
  livemode: boolean;
}

/** Typed SQL over the entities' tables (snake_case, as in the database), bound to a transaction. */
export type Sql = ReturnType<typeof kysely>;

// A function of its own, because ReturnType<> of the generic method would forget the tables.
function kysely(em: Database['em']) {
  return em.getKysely();
}

/**
 * The one unit of work: a transaction in which row-level security lets exactly this tenant and mode through.
 * The two settings are local to the transaction, so a pooled connection never carries them further.
 */
export async function inTenant<T>(database: Database, scope: TenantScope, work: (sql: Sql) => Promise<T>): Promise<T> {
  const em = database.em.fork();
  em.setSessionContext({
    variables: { 'perdura.tenant_id': scope.tenantId, 'perdura.livemode': String(scope.livemode) },
  });
  return em.transactional((tx) => work(tx.getKysely()), { clear: true });
}

/**
 * SQL without a tenant, for the named security-definer functions of the migrations only:
 * row-level security shows nothing else here.
 */
export function withoutTenant(database: Database): Sql {
  return database.em.fork().getKysely();
}
