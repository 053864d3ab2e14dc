import { afterAll, describe, expect, it } from '@jest/globals';
import { Connection } from '@temporalio/client';
import pg from 'pg';
import { createTestDatabase, temporalAddress, testNamespace } from './index.ts';
import type { TestDatabase } from './index.ts';

describe('the shared test services', () => {
  const databases: TestDatabase[] = [];
  afterAll(() => Promise.all(databases.map((database) => database.drop())));

  it('give each suite a migrated database of its own, whose login row-level security binds', async () => {
    databases.push(...(await Promise.all([createTestDatabase(), createTestDatabase()])));
    expect(new Set(databases.map(({ name }) => name)).size).toBe(2);
    const client = new pg.Client({ connectionString: databases[0]?.url });
    await client.connect();
    const tables = await client.query(`select count(*)::int as n from pg_tables where schemaname = 'public'`);
    const login = await client.query('select rolsuper, rolbypassrls from pg_roles where rolname = current_user');
    await client.end();
    expect(tables.rows[0].n).toBeGreaterThan(5);
    expect(login.rows[0]).toEqual({ rolsuper: false, rolbypassrls: false });
  });

  it('give one Temporal server with 30 days of retention', async () => {
    const connection = await Connection.connect({ address: await temporalAddress() });
    const { config } = await connection.workflowService.describeNamespace({ namespace: testNamespace });
    await connection.close();
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 86_400);
  });
});
