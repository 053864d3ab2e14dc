import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { inTenant } from '#entities/unit-of-work.ts';
import { etag } from '../../etag.ts';
import { problemsOf, ref } from '../../schemas/common.ts';
import { readOrder } from './read-order.ts';
import { Order, OrderParams, orderSchemas } from './schemas.ts';

export const orderRoutes: FastifyPluginAsyncTypebox = async (app) => {
  for (const schema of orderSchemas) app.addSchema(schema);

  app.get('/orders/:id', {
    config: { scopes: ['orders:read'] },
    schema: {
      operationId: 'getOrder',
      summary: 'Read an order',
      description: 'The order with its lines, payments, shipments and refunds.',
      tags: ['Orders'],
      params: OrderParams,
      response: { 200: ref(Order), ...problemsOf('not_found') },
    },
  }, async (request, reply) => {
    const order = await inTenant(app.database, request.scope, (sql) => readOrder(sql, app.keyRing, request.params.id));
    void reply.header('etag', etag(order.version));
    return order;
  });
};
