import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { problemResponses } from '../../schemas/common.ts';
import { createReadiness } from './checks.ts';

const Check = Type.Enum(['ok', 'failing']);
const Readiness = Type.Object(
  {
    status: Type.Enum(['ready', 'not_ready']),
    checks: Type.Object({ postgres: Check, temporal: Check, workers: Check }),
  },
  { $id: 'Readiness', examples: [{ status: 'ready', checks: { postgres: 'ok', temporal: 'ok', workers: 'ok' } }] },
);

/** For load balancers and supervisors: no key, no rate limit, nothing but yes and no. */
export const healthRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const readiness = createReadiness(app.database, app.temporal);
  const config = { public: true, rateLimit: false } as const;

  app.get('/healthz', {
    // Asked every second or so: its answers are for probes, not for the log.
    logLevel: 'silent',
    config,
    schema: {
      operationId: 'getHealth',
      summary: 'Is the process alive',
      description: 'Answers as long as the process can. Says nothing about what it depends on.',
      tags: ['Operators'],
      security: [],
      response: { 200: Type.Object({ status: Type.Literal('ok') }, { examples: [{ status: 'ok' }] }), ...problemResponses('rate_limited') },
    },
  }, async () => ({ status: 'ok' as const }));

  app.get('/readyz', {
    logLevel: 'silent',
    config,
    schema: {
      operationId: 'getReadiness',
      summary: 'Can it take orders',
      description: 'Postgres answers, Temporal answers, and workers take tasks of orders and payments. Looked at afresh every 1.5 s.',
      tags: ['Operators'],
      security: [],
      response: { 200: Readiness, 503: Readiness, ...problemResponses('rate_limited') },
    },
  }, async (_request, reply) => {
    const found = await readiness();
    const word = (ok: boolean) => (ok ? ('ok' as const) : ('failing' as const));
    const ready = found.postgres && found.temporal && found.workers;
    return reply.code(ready ? 200 : 503).send({
      status: ready ? 'ready' : 'not_ready',
      checks: { postgres: word(found.postgres), temporal: word(found.temporal), workers: word(found.workers) },
    });
  });
};
