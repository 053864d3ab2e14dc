import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { openOrder } from '#activities/orders/open-order.ts';
import { newId } from '#domain/ids.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { jsonb } from '#entities/values.ts';
import { createLogger } from '#platform/logger.ts';
import { buildApp, type App } from '../../app.ts';
import { startTestApp, type TestApp, type TestTenant } from '../test-app.ts';

/** A Temporal whose order has ended, and whose refund has ended, too, before anyone heard of it. */
let refundId = '';
let base: TestApp;
let tenant: TestTenant;
let app: App;
const resolving: object[] = [];
interface Started {
  workflowTypeOrFunc: string;
  options: { args: [{ scope: TestTenant; orderId: string; command?: { refundId?: string; commandId?: string; resolution?: string } }]; workflowId: string };
}
const temporal = {
  options: { namespace: 'test' },
  withDeadline: (_at: number, call: () => Promise<unknown>) => call(),
  workflow: {
    executeUpdateWithStart: async (_definition: unknown, { startWorkflowOperation }: { startWorkflowOperation: Started }) => {
      const { workflowTypeOrFunc: type, options: { args: [{ scope, orderId, command }], workflowId } } = startWorkflowOperation;
      if (command?.resolution) {
        resolving.push({ type, workflowId, command });
        return { outcome: 'done', orderId, version: 3, status: 'completed', paymentStatus: 'paid' };
      }
      if (command?.refundId) {
        refundId = command.refundId;
        throw Object.assign(new Error('It was started before'), { name: 'WorkflowExecutionAlreadyStartedError' });
      }
      await openOrder({ database: base.database, keyRing: base.keyRing })({ scope, orderId, workflowId, at: new Date().toISOString() });
      return { outcome: 'confirmed', orderId };
    },
    getHandle: () => ({
      executeUpdate: async () => {
        throw new WorkflowNotFoundError('ended', 'order', undefined);
      },
    }),
  },
};

beforeAll(async () => {
  base = await startTestApp();
  tenant = await base.createTenant();
  app = await buildApp({ ...base, temporal: temporal as unknown as Client, logger: createLogger('test', 'silent') });
  await inTenant(base.database, tenant, (sql) =>
    sql.insertInto('payment_gateway_connections').values({
      id: newId('connection'), tenant_id: tenant.tenantId, livemode: false, provider: 'stripe', name: 'Test', credentials_sealed: 'x',
      capabilities: jsonb({}), is_default: true, status: 'active', created_at: new Date(), updated_at: new Date(),
    }).execute(),
  );
  await post('/api/products', 'p', { title: 'Mug', variants: [{ sku: 'MUG', prices: [{ amount: 1999, currency: 'USD' }] }] });
  const location = await post('/api/locations', 'l', { code: 'main', name: 'Main' });
  await post('/api/stock/adjustments', 's', { location_id: location.body.id, sku: 'MUG', quantity: 9, reason: 'count' });
});
afterAll(async () => {
  await app.close();
  await base.stop();
});

async function post(url: string, key: string, payload: object): Promise<{ status: number; body: Record<string, unknown> & { id: string } }> {
  const answer = await app.inject({ method: 'POST', url, payload, headers: { authorization: `Bearer ${tenant.key}`, 'idempotency-key': `closed-${key}` } });
  return { status: answer.statusCode, body: answer.json() };
}

async function place(key: string): Promise<string> {
  const { status, body } = await post('/api/orders', key, {
    currency: 'USD', customer: { email: 'ada@example.com', name: 'Ada' }, lines: [{ sku: 'MUG', quantity: 1 }], payment: { provider: 'stripe', payment_method: 'pm_card_visa' },
    shipping_address: { name: 'Ada', line1: '1 Way', city: 'Portland', region: 'OR', postal_code: '97201', country: 'US' },
  });
  expect(status).toBe(201);
  return body.id;
}

it('a refund that ended before anyone heard of it is answered by its row, and another one is still refused', async () => {
  const id = await place('o');
  const refund = (key: string) => post(`/api/orders/${id}/refund`, key, { amount: 5, reason: 'damaged' });
  expect(await refund('first')).toMatchObject({ status: 409, body: { code: 'illegal_transition' } });
  // The retry of one whose answer was never kept: its row is there, under the id that its intake row holds.
  const lost = await inTenant(base.database, tenant, async (sql) => {
    const { payment_id } = await sql.selectFrom('order_payments').where('order_id', '=', id).select('id as payment_id').executeTakeFirstOrThrow();
    await sql.insertInto('order_refunds').values({
      id: refundId, tenant_id: tenant.tenantId, livemode: false, order_id: id, payment_id, status: 'succeeded', currency: 'USD', amount: 5, reason: 'damaged',
      actor: 'key:test', created_at: new Date(), updated_at: new Date(),
    }).execute();
    return sql.updateTable('intake_commands').set({ status: 'running', response_sealed: null }).where('resource_id', '=', refundId).executeTakeFirst();
  });
  expect(Number(lost.numUpdatedRows)).toBe(1);
  expect(await refund('first')).toMatchObject({ status: 200, body: { id, refunds: [{ amount: 5, status: 'succeeded' }] } });
  expect((await refund('second')).status).toBe(409);
});

it('a command whose order ended before anyone heard of it is answered by what stands, and another one is still refused', async () => {
  const id = await place('c');
  const cancel = (key: string) => post(`/api/orders/${id}/cancel`, key, {});
  expect(await cancel('cancel-1')).toMatchObject({ status: 409, body: { code: 'illegal_transition' } });
  // The retry of one that was carried out, and whose answer was never kept.
  await inTenant(base.database, tenant, async (sql) => {
    const { state } = await sql.selectFrom('orders').where('id', '=', id).select('state').executeTakeFirstOrThrow();
    const intake = await sql.selectFrom('intake_commands').where('idempotency_key', '=', 'closed-cancel-1').select('input_sealed').executeTakeFirstOrThrow();
    const { commandId } = base.keyRing.open<{ commandId: string }>(intake.input_sealed, id);
    await sql.updateTable('orders').set({ status: 'cancelled', state: jsonb({ ...state, applied: { cancel: [commandId] } }) }).where('id', '=', id).execute();
    await sql.updateTable('intake_commands').set({ status: 'running', response_sealed: null }).where('idempotency_key', '=', 'closed-cancel-1').execute();
  });
  expect(await cancel('cancel-1')).toMatchObject({ status: 200, body: { id, status: 'cancelled' } });
  expect((await cancel('cancel-2')).status).toBe(409);
});

it('the attention of an ended order is resolved by a process of its own', async () => {
  const id = await place('a');
  const answer = await post(`/api/orders/${id}/resolve`, 'resolve', { resolution: 'dismiss', reason: 'answered the bank' });
  expect(answer).toMatchObject({ status: 200, body: { id } });
  expect(resolving).toEqual([{
    type: 'resolutionWorkflow', workflowId: expect.stringMatching(/^resolution\/cmd_/),
    command: { resolution: 'dismiss', reason: 'answered the bank', actor: expect.stringMatching(/^key:/), commandId: expect.stringMatching(/^cmd_/) },
  }]);
});
