import type { FastifyInstance, FastifyRequest } from 'fastify';
import { newId } from '#domain/ids.ts';
import { firstLookMs, ownDoingMs } from '#domain/webhooks/retry.ts';
import { claimOf, isOurDoing, objectIdOf, type StripeEvent } from '#domain/webhooks/stripe-claim.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { handleWebhookEvent } from '#entities/webhook-inbox/handle.ts';
import { jsonb } from '#entities/values.ts';
import { createOwnerTeller } from '#workflows/late-payment-event/client.ts';
import { Problem } from '../../problem.ts';
import { createConnectionLookup, type WebhookConnection } from './connections.ts';
import { verifiedEvent } from './verify.ts';

const mostBytes = 1_048_576;
/** All that is kept of the headers: what helps to find the delivery at Stripe. */
const keptHeaders = ['stripe-signature', 'user-agent', 'content-type', 'request-id'];

/**
 * `POST /webhooks/stripe/:connection_id`: verify the bytes as they came, store the event once, answer. Only then is it
 * decided about; what fails there is taken up by the sweeper.
 */
export async function stripeWebhooks(app: FastifyInstance): Promise<void> {
  const lookup = createConnectionLookup(app.database, app.keyRing);
  const tellOwner = createOwnerTeller(app.temporal);
  const after = new Set<Promise<void>>();

  // The signature is over the bytes: they are not parsed before it is checked. In this plugin's scope only.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: mostBytes }, (_request, body, done) => done(null, body));

  app.post<{ Params: { connection_id: string } }>(
    '/webhooks/stripe/:connection_id',
    { bodyLimit: mostBytes, config: { public: true, rateLimit: false }, schema: { hide: true } },
    async (request) => {
      const connection = await lookup(request.params.connection_id);
      if (!connection) throw new Problem('not_found', { detail: 'There is no such webhook endpoint.' });
      const event = verifiedEvent(request.body, request.headers['stripe-signature'], connection.secrets);
      if (!event) throw new Problem('unauthenticated', { detail: 'The signature is not valid.' });
      const id = await store(request, connection, event);
      if (id && claimOf(event)) follow(id, connection, isOurDoing(event) ? ownDoingMs : 0);
      return { received: true };
    },
  );

  /** After the answer: Stripe does not wait for us, and what our own request did is recorded first. */
  function follow(id: string, { scope }: WebhookConnection, delayMs: number): void {
    const { database, keyRing } = app;
    const work = new Promise<void>((resolve) => setTimeout(resolve, delayMs).unref())
      .then(() => handleWebhookEvent({ database, keyRing, tellOwner }, { id, scope }))
      .catch((error: unknown) => app.log.warn({ err: error, webhook_event_id: id }, 'left to the sweeper'))
      .finally(() => after.delete(work));
    if (delayMs === 0) after.add(work);
  }

  app.addHook('onClose', () => Promise.all(after));
}

/** Stores an event once, sealed. Answers its id, or undefined when it was stored before. */
async function store(request: FastifyRequest, connection: WebhookConnection, event: StripeEvent): Promise<string | undefined> {
  const { database, keyRing } = request.server;
  const id = newId('webhookEvent');
  const now = new Date();
  const kept = claimOf(event) === undefined;
  const headers = Object.fromEntries(keptHeaders.flatMap((name) => (request.headers[name] ? [[name, request.headers[name]]] : [])));
  const row = await inTenant(database, connection.scope, (sql) =>
    sql
      .insertInto('webhook_events')
      .values({
        id, tenant_id: connection.scope.tenantId, livemode: connection.scope.livemode, connection_id: connection.id,
        provider_event_id: event.id, type: event.type, object_id: objectIdOf(event), provider_created_at: new Date(event.created * 1000),
        payload_sealed: keyRing.seal(event, id), headers: jsonb(headers), status: kept ? 'ignored' : 'received',
        attempts: 0, next_attempt_at: kept ? null : new Date(now.getTime() + firstLookMs), received_at: now,
      })
      .onConflict((conflict) => conflict.columns(['connection_id', 'provider_event_id']).doNothing())
      .returning('id')
      .executeTakeFirst(),
  );
  return row?.id;
}
