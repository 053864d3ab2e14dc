import type { FastifyReply, FastifyRequest } from 'fastify';
import { inTenant, type Sql } from '#entities/unit-of-work.ts';
import { openAnswer, render, sealAnswer, sendRendered, type Answer } from './answer.ts';
import { claim, storeAnswer } from './claim.ts';
import { fingerprint } from './fingerprint.ts';

export interface OnceCommand {
  /** `product.create`: the intake row's operation. */
  operation: string;
  /** Of what is created; unused when the key was used before. */
  resourceId: string;
  /** All row work of the request. It runs in one transaction with the claim and the kept answer. */
  work: (sql: Sql) => Promise<Answer>;
}

/**
 * Runs a write that no workflow is needed for, at most once per Idempotency-Key: claim, work and kept answer are
 * one transaction, so a failure leaves the key unused.
 * @throws {Problem} idempotency_key_required, idempotency_key_reused, and what `work` throws (nothing is kept then)
 */
export async function runOnce(request: FastifyRequest, reply: FastifyReply, { operation, resourceId, work }: OnceCommand): Promise<FastifyReply> {
  const { database, keyRing } = request.server;
  const print = fingerprint(request, operation);
  const { rendered, replayed } = await inTenant(database, request.scope, async (sql) => {
    const claimed = await claim(sql, request.scope, operation, print, { resourceId, workflowId: '', inputSealed: '' });
    if (claimed.state === 'answered') {
      return { rendered: openAnswer(keyRing, claimed.responseSealed, claimed.resourceId), replayed: true };
    }
    const answer = render(reply, await work(sql));
    await storeAnswer(sql, operation, print, sealAnswer(keyRing, answer, claimed.resourceId));
    return { rendered: answer, replayed: false };
  });
  return sendRendered(request, reply, rendered, replayed);
}
