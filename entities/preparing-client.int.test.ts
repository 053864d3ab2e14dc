import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { createTestDatabase } from '#test/environment/index.ts';
import type { TestDatabase } from '#test/environment/index.ts';
import { openDatabase, openOwnerDatabase } from './database.ts';
import type { Database } from './database.ts';
import { highestNames } from './preparing-client.ts';
import { withoutTenant } from './unit-of-work.ts';

let address: TestDatabase;
let database: Database;

beforeAll(async () => {
  address = await createTestDatabase();
  database = await openDatabase(address.url, 1);
});
afterAll(async () => {
  await database.close(true);
  await address.drop();
});

async function prepared(): Promise<string[]> {
  const { rows } = await sql<{ statement: string }>`select statement from pg_prepared_statements order by name`.execute(withoutTenant(database));
  return rows.map(({ statement }) => statement);
}

const add = async (a: number, b: number) => (await sql<{ sum: number }>`select ${a}::int + ${b}::int as sum`.execute(withoutTenant(database))).rows[0]!.sum;

describe('a connection', () => {
  it('prepares what it runs a second time, once, and gives each run its own values', async () => {
    expect(await add(1, 2)).toBe(3);
    expect(await prepared()).toEqual([]);
    for (const b of [3, 4, 5, 6, 7, 8, 9]) expect(await add(1, b)).toBe(1 + b);
    expect(await prepared()).toEqual(['select $1::int + $2::int as sum']);
  });

  it('goes on when a prepared statement failed', async () => {
    const divide = async (by: number) => (await sql<{ q: number }>`select 6 / ${by}::int as q`.execute(withoutTenant(database))).rows[0]!.q;
    expect([await divide(1), await divide(2)]).toEqual([6, 3]);
    await expect(divide(0)).rejects.toMatchObject({ code: '22012' });
    expect(await divide(3)).toBe(2);
  });

  it('runs on what a migration has given another type, after one failure', async () => {
    const owner = await openOwnerDatabase(address.ownerUrl);
    const migrate = (text: string) => sql.raw(text).execute(withoutTenant(owner));
    await migrate('create table changing (a int); insert into changing values (1); grant select on changing to perdura_app');
    const read = async () => (await sql<{ a: unknown }>`select a from changing where a > ${0}`.execute(withoutTenant(database))).rows[0]!.a;
    expect([await read(), await read()]).toEqual([1, 1]);
    await migrate('alter table changing alter column a type numeric(9, 2)');
    await owner.close(true);
    await expect(read()).rejects.toMatchObject({ code: '0A000' });
    expect([await read(), await read(), await read()]).toEqual(['1.00', '1.00', '1.00']);
  });

  it('prepares no more than it may', async () => {
    const run = (text: number) => sql`select ${1}::int as ${sql.id(`c${text}`)}`.execute(withoutTenant(database));
    for (let text = 0; text < highestNames + 20; text += 1) for (let time = 0; time < 2; time += 1) await run(text);
    expect(await prepared()).toHaveLength(highestNames);
  });
});
