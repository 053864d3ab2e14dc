import type { BenchOptions } from '../options.ts';
import { untilQuiet } from '../rig/quiet.ts';
import type { Rig } from '../rig/rig.ts';
import { closedLoop } from './closed-loop.ts';
import type { Contender } from './contender.ts';
import { delivering } from './throughput.ts';

/** Compilers, caches, pools and page caches get warm; nothing of it is measured. */
export async function warmUp(rig: Rig, contenders: readonly Contender[], { concurrency, warmUpSeconds }: BenchOptions): Promise<void> {
  for (const contender of contenders) await closedLoop(concurrency, warmUpSeconds, () => delivering(contender));
  await untilQuiet(rig);
}
