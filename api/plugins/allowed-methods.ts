import type { FastifyInstance } from 'fastify';

/** Tells which methods a path takes, in the order of the alphabet; none for a path that does not exist. */
export type AllowedMethods = (path: string) => string[];

/**
 * Notes every route that is registered from here on: the router itself says only that nothing was found, not whether
 * another method would have been. Looked at for requests that met no route, so it costs nothing else.
 */
export function noteMethods(app: FastifyInstance): AllowedMethods {
  const routes = new Map<string, { pattern: RegExp; methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    // The preflight of CORS, for paths that exist and those that don't.
    if (url === '*') return;
    const route = routes.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    for (const one of [method].flat()) route.methods.add(one);
    routes.set(url, route);
  });
  return (path) => {
    const found = [...routes.values()].filter(({ pattern }) => pattern.test(path));
    return [...new Set(found.flatMap(({ methods }) => [...methods]))].sort();
  };
}

/** `/api/orders/:id` as an expression: a parameter is one segment, `*` the rest. */
function patternOf(url: string): RegExp {
  const parts = url.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')));
  return new RegExp(`^${parts.join('/')}$`);
}
