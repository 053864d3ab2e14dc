import type Stripe from 'stripe';
import { isReplayedFailure } from './errors.ts';

const mostKeys = 5;

/**
 * Does something at Stripe at most once. The key is the same on every retry, so a time-out is asked again and gets
 * the first answer. Only when Stripe replays a failure that it stored under the key does `found` decide: it
 * happened after all, or it never did, and then a key derived from the first one is used. The derivation hangs on
 * what Stripe has stored, so that every retry walks the same keys.
 */
export async function once<T>(
  key: string,
  act: (options: Stripe.RequestOptions) => Promise<T>,
  found: () => Promise<T | undefined>,
): Promise<T> {
  for (let burned = 0; ; burned += 1) {
    try {
      return await act({ idempotencyKey: burned === 0 ? key : `${key}/again-${burned}` });
    } catch (error) {
      if (!isReplayedFailure(error) || burned === mostKeys) throw error;
      const existing = await found();
      if (existing !== undefined) return existing;
    }
  }
}
