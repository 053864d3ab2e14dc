import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { untilQuiet } from '../rig/quiet.ts';
import type { Rig } from '../rig/rig.ts';
import { closedLoop } from './closed-loop.ts';
import type { OpenLoopJob, OpenLoopReport, Stream } from './open-loop.ts';

export interface Latencies {
  /** Placing at half of the measured maximum, and beside it four reads for every order placed. */
  mixed: OpenLoopReport;
  /** Reads alone, at half of their own maximum. */
  reads: OpenLoopReport;
  /** What the reads alone reach in a closed loop. */
  readsPerSecondAtMost: number;
}

const readsPerOrder = 4;

/** @param placedPerSecond the measured maximum */
export async function measureLatencies(rig: Rig, placedPerSecond: number, concurrency: number, seconds: number): Promise<Latencies> {
  const ids: string[] = [];
  for (let index = 0; index < 20; index += 1) ids.push(await rig.shop.place());
  await untilQuiet(rig);
  let next = 0;
  const { count, seconds: took } = await closedLoop(concurrency, Math.min(4, seconds), () => rig.shop.read(ids[next++ % ids.length]!));
  const readsPerSecondAtMost = count / took;
  const half = placedPerSecond / 2;
  const reads = await openLoop(rig, ids, { reads: readsPerSecondAtMost / 2 }, seconds / 2);
  const mixed = await openLoop(rig, ids, { orders: half, reads: readsPerOrder * half }, seconds);
  await untilQuiet(rig);
  return { mixed, reads, readsPerSecondAtMost };
}

/** Constant arrivals out of a process of their own: neither the answers nor this process hold them up. */
async function openLoop({ system, skus }: Rig, ids: string[], perSecond: Partial<Record<Stream, number>>, seconds: number): Promise<OpenLoopReport> {
  const job: OpenLoopJob = { apiUrl: system.dev.api_url, apiKey: system.dev.api_key, skus, ids, perSecond, seconds };
  const child = fork(fileURLToPath(new URL('./open-loop.ts', import.meta.url)), { execArgv: [] });
  child.send(job);
  const [report] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`The load generator ended without a report (${code})`))),
  ])) as [OpenLoopReport];
  const { failures, lateAtMost } = report;
  // All that was due meanwhile leaves at once then: no constant rate, and more than was measured as the maximum.
  if (lateAtMost > 1000) throw new Error(`The machine stood still for ${Math.round(lateAtMost)} ms during an open loop (${failures.length} requests failed in or after it)`);
  if (failures.length > 0) throw new Error(`${failures.length} requests of the open loop failed, first: ${failures[0]}\nlast: ${failures.at(-1)}`);
  return report;
}
