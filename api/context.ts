import type { Client } from '@temporalio/client';
import type { Database } from '#entities/database.ts';
import type { TenantScope } from '#entities/unit-of-work.ts';
import type { Env } from '#platform/env.ts';
import type { KeyRing } from '#platform/keyring.ts';
import type { Scope } from './scopes.ts';

/** Who asks: set by authentication on every route that is not public. */
export interface RequestScope extends TenantScope {
  keyId: string;
  /** How this caller is named in histories: `key:key_…`. */
  actor: string;
  scopes: readonly string[];
  /** The tenant's settings. */
  settings: Record<string, unknown>;
}

/** What the API needs from outside; tests hand in their own. */
export interface ApiDependencies {
  env: Env;
  database: Database;
  keyRing: KeyRing;
  temporal: Client;
}

declare module 'fastify' {
  interface FastifyInstance {
    env: Env;
    database: Database;
    keyRing: KeyRing;
    temporal: Client;
  }
  interface FastifyRequest {
    scope: RequestScope;
  }
  interface FastifyContextConfig {
    /** Scopes that the key must carry, all of them. */
    scopes?: readonly Scope[];
    /** No key needed. */
    public?: boolean;
  }
}
