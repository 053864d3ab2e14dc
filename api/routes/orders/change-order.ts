import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { newId } from '#domain/ids.ts';
import type { OrderStatus } from '#domain/order/status.ts';
import { inTenant, type Sql } from '#entities/unit-of-work.ts';
import { jsonb } from '#entities/values.ts';
import type { OrderUpdateName } from '#workflows/order/messages.ts';
import { Problem } from '../../problem.ts';
import { Accepted, idempotencyProblems, IfMatchHeaders, problemsOf, ref } from '../../schemas/common.ts';
import { runOrderCommand } from './command-route.ts';
import { ChangeOrder } from './inputs.ts';
import { checkOrderEtag, orderEtag } from './order-etag.ts';
import { noOrder, readOrder } from './read-order.ts';
import { Order, OrderParams, type OrderBody } from './schemas.ts';

/** Which command leads to a status. From on_hold, going on is a release, whatever the status before was. */
const commandsByStatus: Partial<Record<OrderStatus, OrderUpdateName>> = {
  confirmed: 'confirm', processing: 'process', shipped: 'ship', delivered: 'deliver', completed: 'complete', on_hold: 'hold', cancelled: 'cancel', returned: 'return',
};

export const changeOrderRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.patch('/orders/:id', {
    config: { scopes: ['orders:write'] },
    schema: {
      operationId: 'changeOrder',
      summary: 'Change an order',
      description: 'Replaces the metadata, or asks for a status: the same command as the named route. An Idempotency-Key is optional here, since If-Match tells a repetition.',
      tags: ['Orders'],
      params: OrderParams,
      headers: IfMatchHeaders,
      body: ref(ChangeOrder),
      response: {
        200: ref(Order),
        202: ref(Accepted),
        ...problemsOf(
          'not_found', 'precondition_required', 'precondition_failed', 'illegal_transition', 'lines_not_movable', 'capture_failed', 'already_shipped',
          ...idempotencyProblems.filter((code) => code !== 'idempotency_key_required'),
        ),
      },
    },
  }, async (request, reply) => {
    const { body, params, scope } = request;
    if (!request.headers['if-match']) throw new Problem('precondition_required');
    if ((body.status === undefined) === (body.metadata === undefined)) {
      throw new Problem('validation_failed', { errors: [{ pointer: '/status', detail: 'give either status or metadata' }] });
    }
    if (body.metadata !== undefined) {
      const order = await inTenant(app.database, scope, (sql) => replaceMetadata(sql, request, params.id, body.metadata!));
      void reply.header('etag', orderEtag(order));
      return order;
    }
    const { name, input, resourceId } = await inTenant(app.database, scope, (sql) => commandFor(sql, params.id, body));
    return runOrderCommand(request, reply, {
      orderId: params.id,
      name,
      command: { ...input, actor: scope.actor, ...(body.reason ? { reason: body.reason } : {}) },
      key: `if-match:${params.id}:${request.headers['if-match']}`,
      ...(resourceId ? { resourceId } : {}),
      check: async (sql) => checkOrderEtag(request, await readOrder(sql, app.keyRing, params.id)),
    });
  });

  async function replaceMetadata(sql: Sql, request: FastifyRequest, id: string, metadata: Record<string, string>): Promise<OrderBody> {
    const row = await sql.selectFrom('orders').select(['version', 'metadata']).where('id', '=', id).forUpdate().executeTakeFirst();
    if (!row) throw noOrder(id);
    checkOrderEtag(request, { version: row.version, metadata: row.metadata as Record<string, string> });
    await sql.updateTable('orders').set({ metadata: jsonb(metadata), updated_at: new Date() }).where('id', '=', id).execute();
    return readOrder(sql, app.keyRing, id);
  }
};

interface StatusChange {
  status?: OrderStatus;
  carrier?: string;
  tracking_number?: string;
}

async function commandFor(sql: Sql, id: string, { status, carrier, tracking_number }: StatusChange) {
  const row = await sql.selectFrom('orders').select('status').where('id', '=', id).executeTakeFirst();
  if (!row) throw noOrder(id);
  const name = row.status === 'on_hold' && status !== 'cancelled' ? 'release' : commandsByStatus[status!];
  if (!name) {
    throw new Problem('illegal_transition', { detail: `No command leads to ${status}.`, order_id: id, order_status: row.status });
  }
  if (name !== 'ship') return { name, input: name === 'return' ? { restock: true } : name === 'confirm' ? { paymentId: newId('payment') } : {} };
  if (!carrier || !tracking_number) {
    const missing = [carrier ? undefined : 'carrier', tracking_number ? undefined : 'tracking_number'].filter((field) => field !== undefined);
    throw new Problem('validation_failed', { errors: missing.map((field) => ({ pointer: `/${field}`, detail: 'is required with status shipped' })) });
  }
  const shipmentId = newId('shipment');
  return { name, resourceId: shipmentId, input: { shipmentId, carrier, trackingNumber: tracking_number } };
}
