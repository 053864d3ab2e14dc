import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { commandUpdateId } from '#platform/update-id.ts';
import { Problem } from '../problem.ts';

/** What makes two requests the same: who, what, under which key, and with which content. */
export interface Fingerprint {
  key: string;
  bodyHash: string;
  /** The same for the same (tenant, mode, key, operation), whoever computes it: Temporal deduplicates by it. */
  updateId: string;
}

/** JSON with sorted members, so that two spellings of the same object are the same. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`;
}

/**
 * @param fallback stands in for a missing key
 * @throws {Problem} idempotency_key_required
 */
export function fingerprint(request: FastifyRequest, operation: string, fallback?: string): Fingerprint {
  const key = request.headers['idempotency-key'] ?? fallback;
  if (typeof key !== 'string') throw new Problem('idempotency_key_required');
  return {
    key,
    bodyHash: sha256(canonicalJson({ params: request.params, query: request.query, body: request.body ?? null })),
    updateId: commandUpdateId(operation, request.scope, key),
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
