import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { canonicalJson } from '../../commands/fingerprint.ts';
import { Problem } from '../../problem.ts';
import type { OrderBody } from './schemas.ts';

/**
 * `"v<version>"`, with a mark of the metadata where there are any: the version belongs to the order's workflow,
 * the metadata are the client's own and change without it.
 */
export function orderEtag({ version, metadata }: Pick<OrderBody, 'version' | 'metadata'>): string {
  if (Object.keys(metadata).length === 0) return `"v${version}"`;
  return `"v${version}-${createHash('sha256').update(canonicalJson(metadata)).digest('hex').slice(0, 8)}"`;
}

/** @throws {Problem} precondition_required, precondition_failed */
export function checkOrderEtag(request: FastifyRequest, order: Pick<OrderBody, 'version' | 'metadata'>): void {
  const given = request.headers['if-match'];
  if (!given) throw new Problem('precondition_required');
  if (given.trim() !== orderEtag(order)) throw new Problem('precondition_failed', { headers: { etag: orderEtag(order) } });
}
