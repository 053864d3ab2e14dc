import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { isId } from '#domain/ids.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { checkCursor, pageOf, pageQuery, rowsToRead, toPage } from '../../pagination.ts';
import { Id, problemsOf, ref } from '../../schemas/common.ts';
import { WebhookEvent, webhookEventSchemas, WebhookEventStatus } from './schemas.ts';
import { listWebhookEvents, readWebhookEvent, redriveWebhookEvent } from './webhook-events.ts';

const tags = ['Webhook events'];
const params = Type.Object({ id: Id('webhookEvent') });

/** What payment providers told us, and what became of it. */
export const webhookEventRoutes: FastifyPluginAsyncTypebox = async (app) => {
  for (const schema of webhookEventSchemas) app.addSchema(schema);

  app.get('/webhook-events', {
    config: { scopes: ['webhook_events:read'] },
    schema: {
      operationId: 'listWebhookEvents',
      summary: 'List the events that providers sent',
      description: 'Newest first.',
      tags,
      querystring: Type.Object({
        ...pageQuery,
        status: Type.Optional(WebhookEventStatus),
        type: Type.Optional(Type.String({ minLength: 1, maxLength: 100, examples: ['payment_intent.succeeded'] })),
        order_id: Type.Optional(Id('order')),
        connection_id: Type.Optional(Id('connection')),
      }),
      response: { 200: pageOf(ref(WebhookEvent)), ...problemsOf() },
    },
  }, async (request) => {
    const { query } = request;
    const after = checkCursor(query, (value) => isId('webhookEvent', value));
    const rows = await inTenant(app.database, request.scope, (sql) => listWebhookEvents(sql, query, after, rowsToRead(query)));
    return toPage(rows, query);
  });

  app.get('/webhook-events/:id', {
    config: { scopes: ['webhook_events:read'] },
    schema: {
      operationId: 'getWebhookEvent',
      summary: 'Read an event',
      tags,
      params,
      response: { 200: ref(WebhookEvent), ...problemsOf('not_found') },
    },
  }, async (request) => inTenant(app.database, request.scope, (sql) => readWebhookEvent(sql, request.params.id)));

  app.post('/webhook-events/:id/redrive', {
    config: { scopes: ['webhook_events:write'] },
    schema: {
      operationId: 'redriveWebhookEvent',
      summary: 'Have an event applied once more',
      description: 'The sweeper takes it up at its next round. Safe to repeat: an event that changes nothing is ignored.',
      tags,
      params,
      response: { 202: ref(WebhookEvent), ...problemsOf('not_found') },
    },
  }, async (request, reply) => {
    const event = await inTenant(app.database, request.scope, (sql) => redriveWebhookEvent(sql, request.params.id, new Date()));
    return reply.code(202).header('location', `/api/webhook-events/${event.id}`).header('retry-after', '10').send(event);
  });
};
