import type { FastifyInstance, FastifyRequest } from 'fastify';
import { hashApiKey } from '#platform/api-keys.ts';
import { Problem } from '../problem.ts';
import type { Scope } from '../scopes.ts';
import { ApiKeyCache, type FoundKey } from './api-key-cache.ts';
import { FailedAuthentications } from './failed-authentications.ts';

const bearer = /^Bearer +([\x21-\x7e]{8,200})$/i;

/**
 * Finds out who asks, before anything else of a request is read, and holds it to the route's scopes. Routes
 * with `config.public` are left alone.
 */
export function registerAuthentication(app: FastifyInstance): void {
  const keys = new ApiKeyCache(app.database, (error) => app.log.warn({ err: error }, 'last use of a key was not recorded'));
  const failures = new FailedAuthentications(app.env.RATE_LIMIT_PER_MINUTE);
  app.decorate('apiKeys', keys).decorate('failedAuthentications', failures);
  app.decorateRequest('scope', null as never);
  app.addHook('onRequest', async (request) => {
    const { config } = request.routeOptions;
    if (!config.scopes || config.public) return;
    await authenticate(request, keys, failures);
    requireScopes(request, config.scopes);
  });
  app.addHook('onClose', () => keys.settled());
}

/**
 * Sets `request.scope` from the Authorization header. What fails is counted by address; a key that is not held is counted
 * before it is looked up, so that a search for keys ends before the database. A client whose key has been found
 * before passes whatever others at its address do.
 * @throws {Problem} unauthenticated, rate_limited
 */
export async function authenticate(request: FastifyRequest, keys: ApiKeyCache, failures: FailedAuthentications): Promise<void> {
  const key = bearer.exec(request.headers.authorization ?? '')?.[1];
  if (!key) {
    throw unauthenticated(failures.count(request), request.headers.authorization ? 'The Authorization header is not Bearer and a key.' : undefined);
  }
  const hash = hashApiKey(key);
  const counted = keys.holds(hash) ? undefined : failures.count(request);
  const found = await keys.find(hash).catch((error: unknown) => {
    if (counted) failures.takeBack(request);
    throw error;
  });
  if (!found || found.revokedAt || isExpired(found)) {
    throw unauthenticated(counted ?? failures.count(request), found ? 'This key has expired or was revoked.' : 'This key is not known.');
  }
  if (counted) failures.takeBack(request);
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

/** @param left headers that say how many more failures are let through */
export function unauthenticated(left: Record<string, string>, detail?: string): Problem {
  return new Problem('unauthenticated', { ...(detail ? { detail } : {}), headers: { ...left, 'www-authenticate': 'Bearer realm="perdura"' } });
}

declare module 'fastify' {
  interface FastifyInstance {
    apiKeys: ApiKeyCache;
    failedAuthentications: FailedAuthentications;
  }
}
