import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { isId } from '#domain/ids.ts';
import { fulfillmentStatuses, orderStatuses, paymentStatuses } from '#domain/order/status.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { checkCursor, pageOf, pageQuery, toPage } from '../../pagination.ts';
import { Accepted, Id, problemsOf, ref } from '../../schemas/common.ts';
import { readIntake } from './intake.ts';
import { listOrders } from './list-orders.ts';
import { orderEtag } from './order-etag.ts';
import { orderUrl, outOfStock } from './outcomes.ts';
import { findOrder, noOrder } from './read-order.ts';
import { Order, OrderParams, OrderSummary } from './schemas.ts';
import { readTimeline, timelineCursor, TimelineEntry } from './timeline.ts';

const instant = (description: string) => Type.Optional(Type.String({ format: 'date-time', description }));

export const readOrderRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/orders', {
    config: { scopes: ['orders:read'] },
    schema: {
      operationId: 'listOrders',
      summary: 'List orders',
      description: 'Newest first.',
      tags: ['Orders'],
      querystring: Type.Object({
        ...pageQuery,
        status: Type.Optional(Type.Enum([...orderStatuses])),
        payment_status: Type.Optional(Type.Enum([...paymentStatuses])),
        fulfillment_status: Type.Optional(Type.Enum([...fulfillmentStatuses])),
        customer_id: Type.Optional(Id('customer')),
        number: Type.Optional(Type.Integer({ minimum: 1, description: 'The number that people see.' })),
        attention: Type.Optional(Type.Boolean({ description: 'Only those that wait for an operator, or only those that don\'t.' })),
        created_from: instant('At or after.'),
        created_before: instant('Before.'),
      }, { additionalProperties: false }),
      response: { 200: pageOf(ref(OrderSummary)), ...problemsOf() },
    },
  }, async ({ query, scope }) => {
    checkCursor(query, (value) => isId('order', value));
    return toPage(await inTenant(app.database, scope, (sql) => listOrders(sql, query)), query);
  });

  app.get('/orders/:id', {
    config: { scopes: ['orders:read'] },
    schema: {
      operationId: 'getOrder',
      summary: 'Read an order',
      description: 'The order with its lines, payments, shipments and refunds. 202 while it was taken in and is not placed yet; 409 when its goods were not there.',
      tags: ['Orders'],
      params: OrderParams,
      response: { 200: ref(Order), 202: ref(Accepted), ...problemsOf('not_found', 'out_of_stock') },
    },
  }, async (request, reply) => {
    const { id } = request.params;
    const { order, intake } = await inTenant(app.database, request.scope, async (sql) => {
      const found = await findOrder(sql, app.keyRing, id);
      return { order: found, intake: found ? undefined : await readIntake(sql, id) };
    });
    if (order) return reply.header('etag', orderEtag(order)).send(order);
    if (intake?.shortages) throw outOfStock(intake.shortages);
    if (!intake?.running) throw noOrder(id);
    return reply.code(202).header('retry-after', '2').send({ id, status_url: orderUrl(id) });
  });

  app.get('/orders/:id/timeline', {
    config: { scopes: ['orders:read'] },
    schema: {
      operationId: 'getOrderTimeline',
      summary: 'What happened to an order',
      description: 'Its history, the mails about it and the provider\'s events, oldest first.',
      tags: ['Orders'],
      params: OrderParams,
      querystring: Type.Object(pageQuery, { additionalProperties: false }),
      response: { 200: pageOf(ref(TimelineEntry)), ...problemsOf('not_found') },
    },
  }, async ({ params, query, scope }) => {
    checkCursor(query, (value) => timelineCursor.test(value));
    const entries = await inTenant(app.database, scope, (sql) => readTimeline(sql, params.id, query));
    return toPage(entries, query, (entry) => `${entry.occurred_at}~${entry.id}`);
  });
};
