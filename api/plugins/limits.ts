import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../problem.ts';
import { WindowStore } from './limit-store.ts';

/**
 * Requests a minute per API key (per address where none is asked for; what is refused for want of a valid one is counted
 * by FailedAuthentications), with the headers of draft-ietf-httpapi-ratelimit-headers:
 * `RateLimit-Policy: "default";q=60000;w=60` and `RateLimit: "default";r=59999;t=60`.
 */
export async function registerLimits(app: FastifyInstance): Promise<void> {
  await app.register(rateLimit, {
    max: app.env.RATE_LIMIT_PER_MINUTE,
    timeWindow: 60_000,
    store: WindowStore,
    keyGenerator: (request) => (request.scope as { keyId: string } | null)?.keyId ?? request.ip,
    enableDraftSpec: true,
    errorResponseBuilder: (_request, { ttl, max }) => {
      const seconds = Math.max(1, Math.ceil(ttl / 1000));
      return new Problem('rate_limited', {
        detail: `More than ${max} requests a minute. Wait ${seconds} s.`,
        headers: { 'retry-after': String(seconds) },
      });
    },
  });
  app.addHook('onSend', async (_request, reply) => {
    const limit = reply.getHeader('ratelimit-limit');
    if (limit === undefined) return;
    reply.header('ratelimit-policy', `"default";q=${String(limit)};w=60`);
    reply.header('ratelimit', `"default";r=${String(reply.getHeader('ratelimit-remaining'))};t=${String(reply.getHeader('ratelimit-reset'))}`);
    for (const name of ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset']) reply.removeHeader(name);
  });
}
