import { mean } from '../measure/statistics.ts';
import type { StreamReport } from '../phases/open-loop.ts';
import type { BenchResults } from './results.ts';

const one = (value: number) => value.toFixed(1);
const two = (value: number) => value.toFixed(2);

/** The figures as Markdown, which is also what the terminal shows: ratios first. */
export function markdown(results: BenchResults): string {
  const { placing, delivering, costs, latencies, machine, options } = results;
  const { mixed, reads } = latencies;
  return [
    table(['ratio', 'perdura ÷ twin', 'by slice'], [
      ['placed', `**${two(placing.ratio)}**`, placing.ratios.map(two).join(' ')],
      ['placed → shipped → delivered', `**${two(delivering.ratio)}**`, delivering.ratios.map(two).join(' ')],
    ]),
    table(['orders per second', 'perdura', 'twin'], [
      ['placed', one(placing.perduraPerSecond), one(placing.twinPerSecond)],
      ['placed → shipped → delivered', one(delivering.perduraPerSecond), one(delivering.twinPerSecond)],
    ]),
    cpuTable(results),
    table(['milliseconds from the intended start', 'per second', 'p50', 'p95', 'p99', 'worst'], [
      latency('`POST /api/orders`, half of the maximum', mixed.streams.orders!),
      latency('`GET /api/orders/:id` beside it', mixed.streams.reads!),
      latency(`\`GET /api/orders/:id\` alone, half of its ${Math.round(latencies.readsPerSecondAtMost)}/s`, reads.streams.reads!),
    ]),
    table(['an order leaves', ''], [
      ['history events, one shipment, completed', one(costs.oneShipment.events)],
      ['history bytes', String(Math.round(costs.oneShipment.bytes))],
      ['events per further shipment (multicapture)', one(costs.perFurtherShipment.events)],
      ['and once, when the order becomes partially shipped', one(costs.onceForSeveral.events)],
      ['events per hour for all orders together (mail dispatcher, sweeper)', String(Math.round(costs.sharedEventsPerHour))],
      ['SQL statements, placed → delivered, mails and webhooks with it', one(costs.statements.perOrder)],
      ['transactions', one(costs.statements.transactionsPerOrder)],
      ['rows', one(costs.rowTotalPerOrder)],
    ]),
    `Rows by table: ${list(costs.rowsPerOrder)}.\n\nEvents by type: ${list(costs.oneShipment.byType).toLowerCase()}.`,
    `Afterwork (mails, webhooks) went on for ${one(mean([...placing.perdura, ...delivering.perdura].map(({ afterworkSeconds }) => afterworkSeconds)))} s after a slice on average; its CPU is counted, its time is not.`,
    `${results.audit.orders} orders and ${results.audit.twins} twins, all counted again in Postgres and by Temporal's visibility; no request failed.`,
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGigabytes} GB, ${machine.platform}, Node ${machine.node}, Temporal: ${machine.temporal}, load before the run ${one(machine.loadBefore)}; ` +
      `everything, the generator too, on this machine. ${options.concurrency} at once, ${options.pairs} pairs of slices of ${options.sliceSeconds} s, medians. ` +
      `${results.at}, commit ${results.commit}, ${Math.round(results.seconds)} s.`,
  ].join('\n\n');
}

function cpuTable({ placing, delivering }: BenchResults): string {
  const columns = [placing.cpuMsPerOrder, delivering.cpuMsPerOrder, placing.twinCpuMsPerOrder, delivering.twinCpuMsPerOrder];
  const total = (column: Record<string, number>) => Object.entries(column).reduce((all, [name, ms]) => all + (name === 'generator' ? 0 : ms), 0);
  const names = Object.keys(placing.cpuMsPerOrder).filter((name) => columns.some((column) => column[name]! >= 0.05));
  return table(['CPU-milliseconds per order', 'placed', '→ delivered', 'twin placed', 'twin → delivered'], [
    ...names.map((name) => [name, ...columns.map((column) => one(column[name] ?? 0))]),
    ['all but the generator', ...columns.map((column) => one(total(column)))],
  ]);
}

function list(counts: Record<string, number>): string {
  return Object.entries(counts).map(([name, count]) => `${name} ${Number(one(count))}`).join(', ');
}

function latency(name: string, { perSecond, p50, p95, p99, max }: StreamReport): string[] {
  return [name, one(perSecond), one(p50), `**${one(p95)}**`, one(p99), one(max)];
}

/** A Markdown table with its columns aligned, so that it reads well in a terminal too. */
function table(head: string[], rows: string[][]): string {
  const widths = head.map((title, column) => Math.max(3, title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: string[]) => `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}
