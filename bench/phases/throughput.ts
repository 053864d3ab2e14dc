import { cpuSeconds, difference } from '../measure/processes.ts';
import { median, sum } from '../measure/statistics.ts';
import type { BenchOptions } from '../options.ts';
import { untilQuiet } from '../rig/quiet.ts';
import type { Rig } from '../rig/rig.ts';
import { closedLoop } from './closed-loop.ts';
import type { Contender } from './contender.ts';

export interface Slice {
  count: number;
  perSecond: number;
  /** How long mails and webhooks went on after the last order. */
  afterworkSeconds: number;
  /** CPU-seconds by process, afterwork included. */
  cpu: Record<string, number>;
}

export interface Comparison {
  perdura: Slice[];
  twin: Slice[];
  perduraPerSecond: number;
  twinPerSecond: number;
  /** Median of the ratios of neighbouring slices, so that a machine that slows down slows both sides of each. */
  ratio: number;
  ratios: number[];
  /** CPU-milliseconds per order by process. */
  cpuMsPerOrder: Record<string, number>;
  twinCpuMsPerOrder: Record<string, number>;
}

export type Journey = (contender: Contender) => Promise<unknown>;

export const placing: Journey = (contender) => contender.place();
export const delivering: Journey = async (contender) => {
  const id = await contender.place();
  await contender.ship(id);
  await contender.deliver(id);
};

/** Lets shop and twin do the same in turn, ABBA, so that neither always comes first. */
export async function compare(rig: Rig, twin: Contender, journey: Journey, options: BenchOptions, progress: (text: string) => void): Promise<Comparison> {
  const slices: Record<Contender['name'], Slice[]> = { perdura: [], twin: [] };
  for (let pair = 0; pair < options.pairs; pair += 1) {
    for (const contender of pair % 2 === 0 ? [rig.shop, twin] : [twin, rig.shop]) {
      const slice = await run(rig, contender, journey, options);
      slices[contender.name].push(slice);
      progress(`${pair + 1}/${options.pairs} ${contender.name} ${slice.perSecond.toFixed(1)}/s`);
    }
  }
  const ratios = slices.perdura.map(({ perSecond }, index) => perSecond / slices.twin[index]!.perSecond);
  return {
    ...slices,
    perduraPerSecond: median(slices.perdura.map(({ perSecond }) => perSecond)),
    twinPerSecond: median(slices.twin.map(({ perSecond }) => perSecond)),
    ratio: median(ratios),
    ratios,
    cpuMsPerOrder: perOrder(slices.perdura),
    twinCpuMsPerOrder: perOrder(slices.twin),
  };
}

async function run(rig: Rig, contender: Contender, journey: Journey, options: BenchOptions): Promise<Slice> {
  await untilQuiet(rig);
  const before = await cpuSeconds(rig.pids());
  const { count, seconds } = await closedLoop(options.concurrency, options.sliceSeconds, () => journey(contender));
  const afterworkSeconds = await untilQuiet(rig);
  const cpu = difference(await cpuSeconds(rig.pids()), before);
  return { count, perSecond: count / seconds, afterworkSeconds, cpu };
}

function perOrder(slices: readonly Slice[]): Record<string, number> {
  const orders = sum(slices.map(({ count }) => count));
  const names = Object.keys(slices[0]!.cpu);
  return Object.fromEntries(names.map((name) => [name, (1000 * sum(slices.map(({ cpu }) => cpu[name] ?? 0))) / orders]));
}
