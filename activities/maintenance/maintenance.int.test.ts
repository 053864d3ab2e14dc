import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { newId } from '#domain/ids.ts';
import { openDatabase, openOwnerDatabase, type Database } from '#entities/database.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { jsonb } from '#entities/values.ts';
import { createLogger } from '#platform/logger.ts';
import { createTestDatabase, type TestDatabase } from '#test/environment/index.ts';
import { createMaintenanceActivities, type MaintenanceActivities, type Redelivered, type TakenIn } from './create.ts';

let address: TestDatabase;
let database: Database;
let maintenance: MaintenanceActivities;
const scope = { tenantId: newId('tenant'), livemode: false };
const connectionId = newId('connection');
const redelivered: TakenIn[] = [];
const handled: string[] = [];
let result: Redelivered = 'arrived';
const busy = new Set<string>();
let broken: string | undefined;

beforeAll(async () => {
  address = await createTestDatabase();
  database = await openDatabase(address.url, 5);
  const owner = await openOwnerDatabase(address.ownerUrl);
  const now = new Date();
  await owner.em.fork().getKysely().insertInto('tenants').values({ id: scope.tenantId, name: 'T', slug: 't', created_at: now }).execute();
  await owner.close(true);
  await inTenant(database, scope, (sql) =>
    sql
      .insertInto('payment_gateway_connections')
      .values({
        id: connectionId, tenant_id: scope.tenantId, livemode: false, provider: 'stripe', name: 'S', credentials_sealed: 'x', capabilities: jsonb({}),
        is_default: true, status: 'active', created_at: now, updated_at: now,
      })
      .execute(),
  );
  maintenance = createMaintenanceActivities({
    database,
    logger: createLogger('test', 'silent'),
    redeliver: async (command) => {
      redelivered.push(command);
      return busy.has(command.idempotencyKey) ? 'busy' : result;
    },
    handleWebhookEvent: async ({ id }) => {
      if (id === broken) throw new Error('Temporal is away');
      handled.push(id);
      await inTenant(database, scope, (sql) => sql.updateTable('webhook_events').set({ status: 'ignored' }).where('id', '=', id).execute());
    },
  });
});
afterAll(async () => {
  await database.close(true);
  await address.drop();
});

/** As the worker runs it. */
const sweep = () => new MockActivityEnvironment().run(maintenance.sweep);

async function takeIn(key: string, ageSeconds: number): Promise<void> {
  const at = new Date(Date.now() - ageSeconds * 1000);
  await inTenant(database, scope, (sql) =>
    sql
      .insertInto('intake_commands')
      .values({
        tenant_id: scope.tenantId, livemode: false, operation: 'order.place', idempotency_key: key, body_hash: 'h', resource_id: 'ord_1',
        workflow_id: 'order/ord_1', input_sealed: 'sealed', status: 'running', lease_expires_at: at, created_at: at,
      })
      .execute(),
  );
}

async function storeEvent(dueInSeconds: number): Promise<string> {
  const [id, now] = [newId('webhookEvent'), new Date()];
  await inTenant(database, scope, (sql) =>
    sql
      .insertInto('webhook_events')
      .values({
        id, tenant_id: scope.tenantId, livemode: false, connection_id: connectionId, provider_event_id: id, type: 'refund.created', provider_created_at: now,
        payload_sealed: 'x', headers: jsonb({}), status: 'received', attempts: 0, next_attempt_at: new Date(now.getTime() + dueInSeconds * 1000), received_at: now,
      })
      .execute(),
  );
  return id;
}

describe('the sweeper', () => {
  it('finds nothing where nothing is left', async () => {
    await takeIn('young', 5);
    await storeEvent(60);
    expect(await maintenance.isAnythingLeft()).toBe(false);
    expect(await sweep()).toEqual({ commands: 0, webhookEvents: 0, failed: 0 });
  });

  it('delivers an old command until it has arrived, and no longer', async () => {
    await takeIn('old', 60);
    expect(await maintenance.isAnythingLeft()).toBe(true);
    result = 'no_answer';
    expect(await sweep()).toMatchObject({ commands: 0, failed: 1 });
    result = 'arrived';
    expect(await sweep()).toMatchObject({ commands: 1, failed: 0 });
    expect(await maintenance.isAnythingLeft()).toBe(false);
    expect(redelivered).toHaveLength(2);
    expect(redelivered[1]).toEqual({
      scope, operation: 'order.place', idempotencyKey: 'old', resourceId: 'ord_1', workflowId: 'order/ord_1', inputSealed: 'sealed',
    });
  });

  it('passes over what can\'t be delivered yet: it holds up nothing behind it', async () => {
    for (let index = 0; index < 110; index += 1) {
      busy.add(`busy-${index}`);
      await takeIn(`busy-${index}`, 300 - index);
    }
    await takeIn('behind', 60);
    expect(await sweep()).toEqual({ commands: 1, webhookEvents: 0, failed: 110 });
    busy.clear();
    expect(await sweep()).toEqual({ commands: 110, webhookEvents: 0, failed: 0 });
  });

  it('works off a backlog of events, and lets one that fails wait', async () => {
    const ids = await Promise.all(Array.from({ length: 130 }, () => storeEvent(-1)));
    broken = ids[0];
    expect(await sweep()).toEqual({ commands: 0, webhookEvents: 129, failed: 1 });
    expect(await maintenance.isAnythingLeft()).toBe(false);
    const [row] = await inTenant(database, scope, (sql) => sql.selectFrom('webhook_events').where('id', '=', broken!).selectAll().execute());
    expect(row).toMatchObject({ status: 'received', attempts: 1, last_error: 'Error' });
    expect(row!.next_attempt_at!.getTime()).toBeGreaterThan(Date.now());
  });
});
