import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

/** The entity tag of a version: strong, since equal versions have equal representations. */
export const etag = (version: number) => `"v${version}"`;

/**
 * The version that a PATCH was made for.
 * @throws {Problem} precondition_required without If-Match; precondition_failed for a tag that this API never gave
 */
export function expectedVersion(request: FastifyRequest): number {
  const header = request.headers['if-match'];
  if (!header) throw new Problem('precondition_required');
  const version = /^"v(\d{1,9})"$/.exec(header.trim())?.[1];
  if (version === undefined) throw new Problem('precondition_failed');
  return Number(version);
}
