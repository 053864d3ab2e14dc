import type { FastifyInstance, FastifyRequest } from 'fastify';
import { hashApiKey } from '#platform/api-keys.ts';
import { Problem } from '../problem.ts';
import type { Scope } from '../scopes.ts';
import { ApiKeyCache, type FoundKey } from './api-key-cache.ts';

const bearer = /^Bearer +([\x21-\x7e]{8,200})$/i;

/**
 * Finds out who asks, before anything else of a request is read, and holds it to the route's scopes. Routes
 * with `config.public` are left alone.
 */
export function registerAuthentication(app: FastifyInstance): void {
  const keys = new ApiKeyCache(app.database, (error) => app.log.warn({ err: error }, 'last use of a key was not recorded'));
  app.decorate('apiKeys', keys);
  app.decorateRequest('scope', null as never);
  app.addHook('onRequest', async (request) => {
    const { config } = request.routeOptions;
    if (!config.scopes || config.public) return;
    await authenticate(request, keys);
    requireScopes(request, config.scopes);
  });
  app.addHook('onClose', () => keys.settled());
}

/**
 * Sets `request.scope` from the Authorization header.
 * @throws {Problem} unauthenticated
 */
export async function authenticate(request: FastifyRequest, keys: ApiKeyCache): Promise<void> {
  const key = bearer.exec(request.headers.authorization ?? '')?.[1];
  if (!key) throw unauthenticated(request.headers.authorization ? 'The Authorization header is not Bearer and a key.' : undefined);
  const found = await keys.find(hashApiKey(key));
  if (!found || found.revokedAt || isExpired(found)) throw unauthenticated(found ? 'This key has expired or was revoked.' : 'This key is not known.');
  request.scope = {
    tenantId: found.tenantId,
    livemode: found.livemode,
    keyId: found.id,
    actor: `key:${found.id}`,
    scopes: found.scopes,
    settings: found.settings,
  };
}

/** @throws {Problem} forbidden, naming what is missing */
export function requireScopes(request: FastifyRequest, required: readonly Scope[]): void {
  const missing = required.filter((scope) => !request.scope.scopes.includes(scope));
  if (missing.length > 0) {
    throw new Problem('forbidden', { detail: `This key lacks ${missing.join(', ')}.`, required_scopes: [...required] });
  }
}

function isExpired({ expiresAt }: FoundKey): boolean {
  return expiresAt !== null && expiresAt.getTime() <= Date.now();
}

function unauthenticated(detail?: string): Problem {
  return new Problem('unauthenticated', { ...(detail ? { detail } : {}), headers: { 'www-authenticate': 'Bearer realm="perdura"' } });
}

declare module 'fastify' {
  interface FastifyInstance {
    apiKeys: ApiKeyCache;
  }
}
