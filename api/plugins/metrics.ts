import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';

const registry = new Registry();
collectDefaultMetrics({ register: registry, prefix: 'perdura_api_' });

const durations = new Histogram({
  name: 'perdura_http_request_duration_seconds',
  help: 'Time to answer, by method, route pattern and status.',
  labelNames: ['method', 'route', 'status'],
  buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
  registers: [registry],
});

const outcomes = new Counter({
  name: 'perdura_orders_placed_total',
  help: 'Placements delivered to the order workflow, by outcome.',
  labelNames: ['outcome'],
  registers: [registry],
});

/** Counts how a placement went. */
export function countOutcome(outcome: string): void {
  outcomes.inc({ outcome });
}

/** Measures every request, and publishes at /metrics in Prometheus' text format. Nothing in it names a tenant or a person. */
export function registerMetrics(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    durations.observe(
      { method: request.method, route: request.routeOptions.url ?? 'unknown', status: String(reply.statusCode) },
      reply.elapsedTime / 1000,
    );
  });
  app.get('/metrics', { schema: { hide: true }, config: { public: true, rateLimit: false } }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}
