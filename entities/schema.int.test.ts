import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '#test/environment/index.ts';
import type { TestDatabase } from '#test/environment/index.ts';
import { openOwnerDatabase } from './database.ts';
import type { Database } from './database.ts';

let address: TestDatabase;
let owner: Database;

beforeAll(async () => {
  address = await createTestDatabase();
  owner = await openOwnerDatabase(address.ownerUrl);
});
afterAll(async () => {
  await owner.close(true);
  await address.drop();
});

interface Table {
  name: string;
  columns: string[];
  enabled: boolean;
  forced: boolean;
  policies: { name: string; role: string; using: string | null; check: string | null; command: string }[];
}

/** Every table of the schema but the migrator's own, from the catalogue: a new one is held to the same rules. */
async function readTables(): Promise<Table[]> {
  return owner.em.fork().execute<Table[]>(`
    select c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
      (select coalesce(json_agg(a.attname), '[]') from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
      (select coalesce(json_agg(json_build_object('name', p.polname, 'command', p.polcmd, 'role', r.rolname,
          'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid)) order by p.polname), '[]')
        from pg_policy p join pg_roles r on r.oid = any(p.polroles) where p.polrelid = c.oid) as policies
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relname <> 'mikro_orm_migrations' order by 1`);
}

describe('row-level security', () => {
  it('is on and forced for every table, with one policy for the tenant and one for the owner', async () => {
    const tables = await readTables();
    expect(tables.length).toBeGreaterThan(20);
    for (const { name, columns, enabled, forced, policies } of tables) {
      const tenant = columns.includes('tenant_id')
        ? '((tenant_id = perdura_tenant()) AND (livemode = perdura_livemode()))'
        : '(id = perdura_tenant())';
      expect({ name, enabled, forced, policies }).toEqual({
        name,
        enabled: true,
        forced: true,
        policies: [
          { name: 'owner', command: '*', role: 'perdura_owner', using: 'true', check: 'true' },
          { name: 'tenant', command: '*', role: 'perdura_app', using: tenant, check: tenant },
        ],
      });
    }
  });

  it('has tenant and mode on every table but that of the tenants', async () => {
    const without = (await readTables()).filter(({ columns }) => !columns.includes('tenant_id') || !columns.includes('livemode'));
    expect(without.map(({ name }) => name)).toEqual(['tenants']);
  });

  it("can't be passed or switched off by the application's role", async () => {
    const rows = await owner.em.fork().execute<object[]>(`
      select rolsuper, rolbypassrls, (select count(*)::int from pg_class c where c.relowner = r.oid) as owned
      from pg_roles r where rolname = 'perdura_app'`);
    expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false, owned: 0 }]);
  });

  it('lets what happened be added to and read, never rewritten', async () => {
    const rows = await owner.em.fork().execute<{ name: string }[]>(`
      select distinct table_name as name from information_schema.role_table_grants
      where grantee = 'perdura_app' and table_schema = 'public' and privilege_type in ('UPDATE', 'DELETE', 'TRUNCATE')`);
    const rewritable = new Set(rows.map(({ name }) => name));
    expect(['stock_adjustments', 'order_events', 'ledger_transactions', 'ledger_entries'].filter((name) => rewritable.has(name))).toEqual([]);
  });

  it('hands no function to everybody', async () => {
    const rows = await owner.em.fork().execute<{ name: string }[]>(`
      select p.proname as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname = 'public' and has_function_privilege('public', p.oid, 'execute')`);
    expect(rows).toEqual([]);
  });
});

describe('the lists', () => {
  it.each([
    'api_keys', 'customers', 'ledger_transactions', 'orders', 'outbox', 'payment_gateway_connections', 'products', 'stock_adjustments', 'webhook_events',
  ])('of %s read a tenant\'s own rows in the order of the pages, whatever others have', async (table) => {
    const rows = await owner.em.fork().execute<{ columns: string[] }[]>(`
      select (select json_agg(pg_get_indexdef(i.indexrelid, n, true) order by n) from generate_series(1, i.indnkeyatts) n) as columns
      from pg_index i where i.indrelid = '${table}'::regclass and i.indpred is null`);
    expect(rows.map(({ columns }) => columns)).toContainEqual(['tenant_id', 'livemode', 'id']);
  });
});

describe('the entities', () => {
  it('name exactly the columns that the tables have, with what may be null', async () => {
    const rows = await owner.em.fork().execute<{ table: string; column: string; nullable: boolean }[]>(`
      select table_name as table, column_name as column, is_nullable = 'YES' as nullable from information_schema.columns
      where table_schema = 'public' and table_name <> 'mikro_orm_migrations'`);
    const inDatabase = rows.map(({ table, column, nullable }) => `${table}.${column}${nullable ? ' null' : ''}`).sort();
    const inEntities = [...owner.getMetadata().getAll().values()]
      .flatMap((meta) => meta.props.flatMap((prop) => prop.fieldNames.map((column) => `${meta.tableName}.${column}${prop.nullable ? ' null' : ''}`)))
      .sort();
    expect(inEntities).toEqual(inDatabase);
  });
});
