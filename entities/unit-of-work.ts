import { sql } from 'kysely';
import pg from 'pg';
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
 *
 * The transaction is opened here, in one round trip with its settings, and not by `em.transactional()`: when a
 * connection dies in the middle, that one (Kysely's controlled transaction under it) fails its rollback and never
 * gives the connection back, and a pool that has seen a few restarts of Postgres is empty for ever. See the test.
 */
export async function inTenant<T>(database: Database, scope: TenantScope, work: (sql: Sql) => Promise<T>): Promise<T> {
  return withoutTenant(database)
    .connection()
    .execute(async (connection) => {
      await sql.raw(openingStatement(scope)).execute(connection);
      try {
        const result = await work(connection);
        await sql`commit`.execute(connection);
        return result;
      } catch (error) {
        // A dead connection can't roll back, and has been rolled back by the server; the pool discards it.
        await sql`rollback`.execute(connection).catch(() => undefined);
        throw error;
      }
    });
}

function openingStatement({ tenantId, livemode }: TenantScope): string {
  const tenant = pg.escapeLiteral(tenantId);
  return `begin; select set_config('perdura.tenant_id', ${tenant}, true), set_config('perdura.livemode', '${livemode ? 'true' : 'false'}', true)`;
}

/**
 * SQL without a tenant, for the named security-definer functions of the migrations only:
 * row-level security shows nothing else here.
 */
export function withoutTenant(database: Database): Sql {
  return database.em.fork().getKysely();
}
