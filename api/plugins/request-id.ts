import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { newId } from '#domain/ids.ts';

/** What may come in: enough for any tracer's format, nothing that could break a log line. */
const safe = /^[A-Za-z0-9._:-]{8,128}$/;

/** The caller's X-Request-Id when it is safe to log, else a new one. */
export function requestId(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && safe.test(given) ? given : newId('request');
}

/** Every answer names its request. */
export function registerRequestId(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
}
