import type { FastifyInstance } from 'fastify';

/**
 * Every route under /api says which scopes it needs, or that it is public, and describes itself. One that
 * doesn't stops the start: a forgotten check must not become an open door.
 */
export function requireDeclarations(app: FastifyInstance): void {
  app.addHook('onRoute', ({ url, method, config, schema }) => {
    if (!url.startsWith('/api/') || schema?.hide) return;
    const route = `${String(method)} ${url}`;
    if (!config?.public && !config?.scopes?.length) throw new Error(`${route} declares neither config.scopes nor config.public`);
    for (const field of ['operationId', 'summary', 'tags', 'response'] as const) {
      if (!schema?.[field]) throw new Error(`${route} has no schema.${field}`);
    }
  });
}
