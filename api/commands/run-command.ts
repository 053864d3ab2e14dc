import type { FastifyReply, FastifyRequest } from 'fastify';
import { inTenant, type Sql } from '#entities/unit-of-work.ts';
import { Problem } from '../problem.ts';
import { openAnswer, isKept, render, sealAnswer, sendRendered, type Answer } from './answer.ts';
import { claim, endLease, findClaim, storeAnswer, type Claimed } from './claim.ts';
import { fingerprint, type Fingerprint } from './fingerprint.ts';

/** The delivery was tried, and nobody knows whether it arrived or how it ends. */
export const unknownOutcome = Symbol('unknown outcome');

/** How long a client is made to wait for Temporal. */
export const deliveryTimeoutMs = 10_000;

export interface Delivery<Input> {
  resourceId: string;
  workflowId: string;
  input: Input;
  updateId: string;
  timeoutMs: number;
}

export interface DurableCommand<Input, Outcome> {
  /** `order.place`: the intake row's operation, and the first half of the update id. */
  operation: string;
  /** For a new key; a retry gets the first one's. */
  resourceId: string;
  workflowId: string;
  /** Validates what only the database knows, and makes the input. Runs for a new key only, in the transaction of the intake row. */
  prepare: (sql: Sql) => Promise<Input>;
  /** Commits `prepare` before the intake row: what it locks (a counter) must not stay locked until the row is on the disk. */
  prepareApart?: true;
  /** One round trip to Temporal. Called again with the same update id when a retry attaches. */
  deliver: (delivery: Delivery<Input>) => Promise<Outcome | typeof unknownOutcome>;
  /** The outcome as an answer; rows are read here, in the transaction that keeps the answer. May throw a Problem. */
  answer: (outcome: Outcome, sql: Sql, delivery: Delivery<Input>) => Promise<Answer>;
  /** Where the outcome can be asked for. */
  statusUrl: (resourceId: string) => string;
  /** What a 202 names; the resource unless told. */
  acceptedId?: string;
  /** Stands in for a missing Idempotency-Key, where the request has another identity (If-Match). */
  key?: string;
}

/**
 * Runs a command that a workflow carries out, at most once per Idempotency-Key: the intake row is committed
 * first, then the command is delivered, then the answer is rendered once and kept (design rules 1 to 4).
 * An outcome not known in time is answered 202; the retry with the same key attaches to the running work.
 * @throws {Problem} idempotency_key_required, idempotency_key_reused, request_in_progress, and what `prepare` throws
 */
export async function runCommand<Input, Outcome>(
  request: FastifyRequest,
  reply: FastifyReply,
  command: DurableCommand<Input, Outcome>,
): Promise<FastifyReply> {
  const { database, keyRing } = request.server;
  const { operation } = command;
  const print = fingerprint(request, operation, command.key);
  const claimed = await takeIn(request, command, print);
  if (claimed.state === 'answered') {
    return sendRendered(request, reply, openAnswer(keyRing, claimed.responseSealed, claimed.resourceId), true);
  }
  const { resourceId, workflowId } = claimed;
  const input = keyRing.open<Input>(claimed.inputSealed, resourceId);
  const delivery = { resourceId, workflowId, input, updateId: print.updateId, timeoutMs: deliveryTimeoutMs };
  const letGo = (delivered: boolean) => inTenant(database, request.scope, (sql) => endLease(sql, operation, print, delivered));
  try {
    const outcome = await command.deliver(delivery);
    if (outcome === unknownOutcome) {
      await letGo(false);
      return accepted(reply, command.acceptedId ?? resourceId, command.statusUrl(resourceId));
    }
    const rendered = await inTenant(database, request.scope, async (sql) => {
      const answer = await command.answer(outcome, sql, delivery).catch(asOutcome);
      const result = render(reply, answer);
      if (isKept(result)) await storeAnswer(sql, operation, print, sealAnswer(keyRing, result, resourceId));
      else await endLease(sql, operation, print, true);
      return result;
    });
    return sendRendered(request, reply, rendered, false);
  } catch (error) {
    // Whatever failed, the claim stays: the retry finds the same id, and attaches without waiting for the lease.
    await letGo(false).catch((cause: unknown) => request.log.warn({ err: cause }, 'the lease could not be ended'));
    throw error;
  }
}

async function takeIn<Input, Outcome>(request: FastifyRequest, command: DurableCommand<Input, Outcome>, print: Fingerprint): Promise<Claimed> {
  const { database, keyRing } = request.server;
  const { operation, resourceId, workflowId } = command;
  const claimWith = (sql: Sql, input: Input) =>
    claim(sql, request.scope, operation, print, { resourceId, workflowId, inputSealed: keyRing.seal(input, resourceId) });
  const found = await inTenant(database, request.scope, async (sql) => {
    const earlier = await findClaim(sql, operation, print);
    if (earlier) return earlier;
    const input = await command.prepare(sql);
    return command.prepareApart ? { state: 'prepared' as const, input } : claimWith(sql, input);
  });
  if (found.state !== 'prepared') return found;
  return inTenant(database, request.scope, (sql) => claimWith(sql, found.input));
}

/** A Problem is an outcome here, to be kept like any other; all else goes on as an error. */
function asOutcome(error: unknown): Problem {
  if (error instanceof Problem) return error;
  throw error;
}

function accepted(reply: FastifyReply, id: string, statusUrl: string): FastifyReply {
  return reply.code(202).header('location', statusUrl).header('retry-after', '2').send({ id, status_url: statusUrl });
}
