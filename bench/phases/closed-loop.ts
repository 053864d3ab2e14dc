/** How much was done, and in which time. */
export interface LoopResult {
  count: number;
  seconds: number;
}

/**
 * Repeats `work` with `concurrency` at once for `seconds`; what is under way then is finished and counted, as is the
 * time it takes. The first failure ends the loop: a figure that leaves failures out says nothing.
 */
export async function closedLoop(concurrency: number, seconds: number, work: () => Promise<unknown>): Promise<LoopResult> {
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 1000;
  let count = 0;
  let failed = false;
  const lane = async () => {
    while (!failed && elapsed() < seconds) {
      try {
        await work();
        count += 1;
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return { count, seconds: elapsed() };
}
