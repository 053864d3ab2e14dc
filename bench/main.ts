import { readOptions, type BenchOptions } from './options.ts';
import { audit, counted } from './phases/audit.ts';
import { measureCosts } from './phases/costs.ts';
import { measureLatencies } from './phases/latency.ts';
import { compare, delivering, placing } from './phases/throughput.ts';
import { warmUp } from './phases/warm-up.ts';
import { markdown } from './report/markdown.ts';
import { commit, describeMachine, type BenchResults } from './report/results.ts';
import { writeDocs, writeJson } from './report/write.ts';
import { startRig, type Rig } from './rig/rig.ts';
import { measureSizes } from './twin/sizes.ts';
import { twinShop } from './twin/shop.ts';

/** `npm run bench`: what an order costs, beside what the engine alone costs. One run, one table. */
const began = performance.now();
const log = (line: string) => console.error(`[${String(Math.round((performance.now() - began) / 1000)).padStart(3)} s] ${line}`);

async function bench(started: Rig, options: BenchOptions): Promise<Omit<BenchResults, 'at' | 'commit' | 'machine' | 'seconds'>> {
  const shop = counted(started.shop);
  const rig = { ...started, shop };

  log('Counting what orders leave behind');
  const { orders: openLoopOrders, ...rest } = await phases();
  const answered = { orders: shop.placed() + openLoopOrders, twins: rest.twins };
  log('Counting orders again in Postgres and Temporal');
  const { twins: _, ...figures } = rest;
  return { ...figures, options, audit: await audit(rig, answered) };

  async function phases() {
    const costs = await measureCosts(rig, options.costOrders);
    const twin = counted(twinShop(rig.client, await measureSizes(rig.client, rig.keyRing, `order/${await sample()}`)));
    log('Warming up');
    await warmUp(rig, [shop, twin], options);
    log('Placing');
    const placed = await compare(rig, twin, placing, options, log);
    log('Placing, shipping, delivering');
    const delivered = await compare(rig, twin, delivering, options, log);
    log('Open loop');
    const latencies = await measureLatencies(rig, placed.perduraPerSecond, options.concurrency, options.openLoopSeconds);
    return { placing: placed, delivering: delivered, costs, latencies, twins: twin.placed(), orders: latencies.mixed.streams.orders!.count };
  }

  /** One order of the usual kind, whose payloads the twin copies. */
  async function sample(): Promise<string> {
    const id = await shop.place();
    await shop.ship(id);
    await shop.deliver(id);
    return id;
  }
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const machine = describeMachine();
  if (machine.loadBefore > machine.cores / 2) log(`This machine is busy (load ${machine.loadBefore}): the ratios may hold, the rest will not`);
  const rig = await startRig(options.seed, log);
  let failed = true;
  const stop = () => void rig.stop().finally(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  try {
    const found = await bench(rig, options);
    const seconds = (performance.now() - began) / 1000;
    const results: BenchResults = { at: new Date().toISOString(), commit: commit(), machine, seconds, ...found };
    console.log(`\n${markdown(results)}\n`);
    await writeJson(results);
    if (options.writeDocs) await writeDocs(results);
    failed = false;
  } finally {
    const directory = await rig.stop(failed);
    if (failed) log(`Logs and data of every part are kept in ${directory}`);
  }
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.stack : error);
  process.exitCode = 1;
});
