import type Stripe from 'stripe';
import { classify, failureOf, type Verdict } from './classify-error.ts';

/** Stripe keeps keys for at least 24 hours; an hour is left for clocks and for the request itself. */
const keyLifeMs = 23 * 3600_000;

/** More burned keys than this in a row is an outage that looks like answers: Temporal waits before going on. */
const mostKeys = 5;

/** True when a key first used at `requestedAt` may have been forgotten: only a look-up can tell what it did. */
export function keyMayBeForgotten(requestedAt: string, now: Date): boolean {
  return now.getTime() - Date.parse(requestedAt) >= keyLifeMs;
}

export interface OnceRequest<T> {
  key: string;
  /** Sends the request under the key that is given. */
  send: (options: Stripe.RequestOptions) => Promise<T>;
  /** Looks for the effect of an earlier try. Reads only; strongly consistent lists, never the search index. */
  find: () => Promise<T | undefined>;
  /** The key may be older than Stripe's memory. */
  lookFirst: boolean;
}

/**
 * Makes something happen at Stripe exactly once, whatever became of earlier tries.
 *
 * The same key again is the rule: Stripe then does or repeats. Two cases need a look-up: a key that Stripe may have
 * forgotten, and a key whose stored answer is a 5xx, which it repeats for ever whether or not there was an effect
 * ("burned"). If the look-up finds the effect, that is the answer. If not, the burned key has done nothing and can do
 * nothing more, and the next key of the chain `key`, `key/again-1`, `key/again-2` … is used. Each attempt of the
 * activity walks the chain from its start: burned keys answer as before, so all attempts, also concurrent ones, end at the
 * same key, and nothing needs to be remembered.
 */
export async function once<T>({ key, send, find, lookFirst }: OnceRequest<T>): Promise<T | Extract<Verdict, { kind: 'declined' | 'refused' }>> {
  if (lookFirst) {
    const found = await looked(find);
    if (found !== undefined) return found;
  }
  let verdict: Verdict | undefined;
  for (let again = 0; again < mostKeys; again += 1) {
    try {
      return await send({ idempotencyKey: again === 0 ? key : `${key}/again-${again}` });
    } catch (error) {
      verdict = classify(error);
    }
    if (verdict.kind === 'declined' || verdict.kind === 'refused') return verdict;
    if (verdict.kind === 'failure') throw verdict.failure;
    const found = await looked(find);
    if (found !== undefined) return found;
    if (verdict.kind === 'key_conflict') break;
  }
  throw failureOf(verdict!);
}

/** Runs a request that changes nothing; its errors are failures. */
export async function looked<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw failureOf(classify(error));
  }
}

/** True for what {@link once} answers when Stripe said no. */
export function isVerdict(answer: object): answer is Extract<Verdict, { kind: 'declined' | 'refused' }> {
  return 'kind' in answer;
}
