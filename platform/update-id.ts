import { createHash } from 'node:crypto';

/**
 * The update id of a command: operation + hash(tenant, mode, key), 128 bits of it. The same for the same request,
 * whoever computes it (the API, a retry, the sweeper): Temporal deduplicates by it.
 */
export function commandUpdateId(operation: string, scope: { tenantId: string; livemode: boolean }, key: string): string {
  const hash = createHash('sha256').update(`${scope.tenantId}\0${scope.livemode}\0${key}`).digest('hex');
  return `${operation}:${hash.slice(0, 32)}`;
}
