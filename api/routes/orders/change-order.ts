import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { newId } from '#domain/ids.ts';
import type { OrderState } from '#domain/order/state.ts';
import type { OrderStatus } from '#domain/order/status.ts';
import { allowedCommands } from '#domain/order/transitions.ts';
import { inTenant, type Sql } from '#entities/unit-of-work.ts';
import { jsonb } from '#entities/values.ts';
import type { OrderUpdateName } from '#workflows/order/messages.ts';
import { fingerprint } from '../../commands/fingerprint.ts';
import { Problem } from '../../problem.ts';
import { Accepted, idempotencyProblems, IfMatchHeaders, problemsOf, ref } from '../../schemas/common.ts';
import { runOrderCommand } from './command-route.ts';
import { ChangeOrder } from './inputs.ts';
import { checkOrderEtag, orderEtag } from './order-etag.ts';
import { noOrder, readOrder } from './read-order.ts';
import { Order, OrderParams, type OrderBody } from './schemas.ts';

/** Which command leads to a status, but for one on hold that is to go on: see {@link goesOn}. */
const commandsByStatus: Partial<Record<OrderStatus, OrderUpdateName>> = {
  confirmed: 'confirm', processing: 'process', shipped: 'ship', delivered: 'deliver', completed: 'complete', on_hold: 'hold', cancelled: 'cancel', returned: 'return',
};

/** From on_hold, both are a release: it leads back to where the order was. */
const goesOn: readonly OrderStatus[] = ['confirmed', 'processing'];

export const changeOrderRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.patch('/orders/:id', {
    config: { scopes: ['orders:write'] },
    schema: {
      operationId: 'changeOrder',
      summary: 'Change an order',
      description: 'Replaces the metadata, or asks for a status: the same command as the named route, which is refused where the present status does not allow it. From on_hold, confirmed and processing both are a release. An Idempotency-Key is optional here, since If-Match tells a repetition.',
      tags: ['Orders'],
      params: OrderParams,
      headers: IfMatchHeaders,
      body: ref(ChangeOrder),
      response: {
        200: ref(Order),
        202: ref(Accepted),
        ...problemsOf(
          'not_found', 'precondition_required', 'precondition_failed', 'illegal_transition', 'order_busy', 'lines_not_movable', 'capture_failed', 'payment_method_missing',
          'payment_pending', 'already_shipped',
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
    const ifMatch = `if-match:${params.id}:${request.headers['if-match']}`;
    const { name, input, resourceId } = await inTenant(app.database, scope, (sql) => commandFor(sql, request, params.id, body, ifMatch));
    return runOrderCommand(request, reply, {
      orderId: params.id,
      name,
      command: { ...input, actor: scope.actor, ...(body.reason ? { reason: body.reason } : {}) },
      key: ifMatch,
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

async function commandFor(sql: Sql, request: FastifyRequest, id: string, { status, carrier, tracking_number }: StatusChange, key: string) {
  const name = await nameOf(sql, request, id, status!, key);
  if (name !== 'ship') return { name, input: name === 'return' ? { restock: true } : name === 'confirm' ? { paymentId: newId('payment') } : {} };
  if (!carrier || !tracking_number) {
    const missing = [carrier ? undefined : 'carrier', tracking_number ? undefined : 'tracking_number'].filter((field) => field !== undefined);
    throw new Problem('validation_failed', { errors: missing.map((field) => ({ pointer: `/${field}`, detail: 'is required with status shipped' })) });
  }
  const shipmentId = newId('shipment');
  return { name, resourceId: shipmentId, input: { shipmentId, carrier, trackingNumber: tracking_number } };
}

/** @throws {Problem} not_found; illegal_transition where no command leads to that status */
async function nameOf(sql: Sql, request: FastifyRequest, id: string, status: OrderStatus, fallbackKey: string): Promise<OrderUpdateName> {
  const usual = commandsByStatus[status];
  if (!usual) throw await noCommand(sql, id, status);
  const row = await sql.selectFrom('orders').select('status').where('id', '=', id).executeTakeFirst();
  if (!row) throw noOrder(id);
  if (!goesOn.includes(status)) return usual;
  // A retry means what it meant the first time, though the order has been released, or held, since. Asked after the
  // status: whoever has moved that had claimed the key before.
  const { key, bodyHash } = fingerprint(request, `order.${usual}`, fallbackKey);
  const names = [usual, 'release'] as const;
  const claimed = await sql
    .selectFrom('intake_commands')
    .select('operation')
    .where('operation', 'in', names.map((name) => `order.${name}`))
    .where('idempotency_key', '=', key)
    .where('body_hash', '=', bodyHash)
    .executeTakeFirst();
  return names.find((name) => claimed?.operation === `order.${name}`) ?? (row.status === 'on_hold' ? 'release' : usual);
}

async function noCommand(sql: Sql, id: string, status: OrderStatus): Promise<Problem> {
  const row = await sql.selectFrom('orders').select('state').where('id', '=', id).executeTakeFirst();
  if (!row) return noOrder(id);
  const state = row.state as unknown as OrderState;
  return new Problem('illegal_transition', {
    detail: `No command leads to ${status}.`, order_id: id, order_status: state.status, allowed: allowedCommands(state),
  });
}
