import type { FastifyInstance } from 'fastify';

/**
 * One line a request, with the path's pattern instead of the path: ids are named by handlers where they help,
 * and what a query carries may be personal.
 */
export function registerRequestLog(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const { statusCode } = reply;
    const level = statusCode >= 500 ? 'error' : statusCode >= 400 ? 'info' : 'debug';
    request.log[level](
      { method: request.method, route: request.routeOptions.url ?? 'unknown', status: statusCode, ms: Math.round(reply.elapsedTime) },
      'answered',
    );
  });
}
