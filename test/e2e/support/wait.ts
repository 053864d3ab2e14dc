import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks again until the answer is truthy, and gives it back.
 * @throws {Error} naming `what`, with the last error, when it was not within `timeoutMs`
 */
export async function eventually<T>(what: string, ask: () => Promise<T>, timeoutMs = 15_000, everyMs = 50): Promise<NonNullable<T>> {
  const end = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error(`Not within ${timeoutMs} ms: ${what}`, { cause: last });
    await pause(everyMs);
  }
}

/**
 * Asserts again until the assertions hold.
 * @throws what the last try threw, after `timeoutMs`
 */
export async function eventuallyHolds(assertions: () => Promise<void>, timeoutMs = 15_000, everyMs = 100): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await assertions();
    } catch (error) {
      if (performance.now() > end) throw error;
      await pause(everyMs);
    }
  }
}

/** Runs `work` over all items, at most `limit` at a time, in order of the items. */
export async function each<T, R>(items: readonly T[], limit: number, work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const runner = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]!, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, runner));
  return results;
}
