import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { newId } from '#domain/ids.ts';
import { createTestDatabase } from '#test/environment/index.ts';
import type { TestDatabase } from '#test/environment/index.ts';
import { openDatabase, openOwnerDatabase } from './database.ts';
import type { Database } from './database.ts';
import { inTenant, withoutTenant } from './unit-of-work.ts';
import type { TenantScope } from './unit-of-work.ts';

let address: TestDatabase;
let database: Database;
const ours: TenantScope = { tenantId: newId('tenant'), livemode: false };
const theirs: TenantScope = { tenantId: newId('tenant'), livemode: false };
const oursLive: TenantScope = { ...ours, livemode: true };

const location = (scope: TenantScope) => ({
  id: newId('location'), tenant_id: scope.tenantId, livemode: scope.livemode, code: 'x', name: 'X', status: 'active',
  created_at: new Date(), updated_at: new Date(),
});

beforeAll(async () => {
  address = await createTestDatabase();
  const owner = await openOwnerDatabase(address.ownerUrl);
  const tenants = [ours, theirs].map(({ tenantId }) => ({ id: tenantId, name: 'T', slug: tenantId, created_at: new Date() }));
  await owner.em.fork().getKysely().insertInto('tenants').values(tenants).execute();
  await owner.close(true);
  database = await openDatabase(address.url, 2);
  for (const scope of [ours, theirs, oursLive]) await inTenant(database, scope, (db) => db.insertInto('locations').values(location(scope)).execute());
});
afterAll(async () => {
  await database.close(true);
  await address.drop();
});

describe('inTenant', () => {
  it.each([['ours', ours], ['theirs', theirs], ['ours, live', oursLive]])('shows %s rows only, though the query forgets to filter', async (_name, scope) => {
    const rows = await inTenant(database, scope, (db) => db.selectFrom('locations').select(['tenant_id', 'livemode']).execute());
    expect(rows).toEqual([{ tenant_id: scope.tenantId, livemode: scope.livemode }]);
  });

  it('changes and deletes nothing of another tenant, though the query forgets to filter', async () => {
    const changed = await inTenant(database, ours, (db) => db.updateTable('locations').set({ name: 'Mine' }).returning('tenant_id').execute());
    expect(changed).toEqual([{ tenant_id: ours.tenantId }]);
    const rows = await inTenant(database, theirs, (db) => db.selectFrom('locations').select('name').execute());
    expect(rows).toEqual([{ name: 'X' }]);
  });

  it.each([['another tenant', theirs], ['the other mode', oursLive]])('refuses to write a row for %s', async (_name, scope) => {
    const write = inTenant(database, ours, (db) => db.insertInto('locations').values({ ...location(scope), code: 'y' }).execute());
    await expect(write).rejects.toMatchObject({ code: '42501' });
  });

  it('leaves nothing behind on the connection, whether the work ends well or not', async () => {
    await inTenant(database, ours, async () => undefined);
    await expect(inTenant(database, ours, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const rows = await Promise.all(Array.from({ length: 4 }, () => withoutTenant(database).selectFrom('locations').select('id').execute()));
    expect(rows.flat()).toEqual([]);
  });

  it('rolls back what the work wrote before it failed', async () => {
    await expect(
      inTenant(database, ours, async (db) => {
        await db.insertInto('locations').values({ ...location(ours), code: 'z' }).execute();
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    const rows = await inTenant(database, ours, (db) => db.selectFrom('locations').select('code').execute());
    expect(rows).toEqual([{ code: 'x' }]);
  });
});

describe('the application login', () => {
  it('acts as a role that can neither pass row-level security nor take it off', async () => {
    const { rows } = await sql<{ role: string }>`select current_user as role`.execute(withoutTenant(database));
    expect(rows).toEqual([{ role: 'perdura_app' }]);
    await expect(sql`alter table locations disable row level security`.execute(withoutTenant(database))).rejects.toMatchObject({ code: '42501' });
    await expect(sql`select protect_table('locations', 'all')`.execute(withoutTenant(database))).rejects.toMatchObject({ code: '42501' });
  });

  it('loses no connection of the pool when the server ends them in the middle of a transaction', async () => {
    const poolSize = 2;
    const owner = await openOwnerDatabase(address.ownerUrl);
    const assassin = withoutTenant(owner);
    for (let round = 0; round < poolSize + 1; round += 1) {
      const broken = inTenant(database, ours, async (db) => {
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
        await sql`select pg_terminate_backend(${rows[0]!.pid}, 1000)`.execute(assassin);
        await sql`select 1`.execute(db);
      });
      await expect(broken).rejects.toThrow();
    }
    await owner.close(true);
    const rows = await inTenant(database, ours, (db) => db.selectFrom('locations').select('tenant_id').execute());
    expect(rows).toEqual([{ tenant_id: ours.tenantId }]);
  });
});
