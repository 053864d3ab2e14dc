import { setTimeout as pause } from 'node:timers/promises';
import { historySize, type HistorySize } from '../measure/history.ts';
import { mean } from '../measure/statistics.ts';
import { countStatements } from '../measure/statements.ts';
import { untilQuiet } from '../rig/quiet.ts';
import type { Rig } from '../rig/rig.ts';

export interface OrderCosts {
  /** An order with one shipment, delivered and completed: all events of all workflows that belong to it, medians. */
  oneShipment: { events: number; bytes: number; byType: Record<string, number> };
  /** What each further shipment adds with multicapture on, delivered all together in the end. */
  perFurtherShipment: { events: number; bytes: number };
  /** What the first of them adds beside: from then on the order is partially shipped, which operators can search for. */
  onceForSeveral: { events: number; bytes: number };
  /** Events per hour of what runs for all orders together: the mail dispatcher and the sweeper. */
  sharedEventsPerHour: number;
  /** From placing to the delivery's answer, what the background does in the same time taken off. */
  statements: { perOrder: number; transactionsPerOrder: number; top: { text: string; perOrder: number }[] };
  /** Rows by table. */
  rowsPerOrder: Record<string, number>;
  rowTotalPerOrder: number;
}

/** The return window during this phase: longer than webhooks take to arrive, so that they meet a living order as they do in life. */
const returnWindowSeconds = 5;

/** Counts what orders leave behind. Leaves the tenant's settings and the provider's switches as they were. */
export async function measureCosts(rig: Rig, orders: number): Promise<OrderCosts> {
  const { sql } = rig;
  const rowsBefore = await rowCounts(rig);
  await setMulticapture(rig, true);
  await sql.query(`update tenants set settings = settings || $1`, [{ returnWindowSeconds }]);
  try {
    const single = await Promise.all(Array.from({ length: orders }, () => shipped(rig, 1)));
    const singles = await completed(rig, single);
    const rows = difference(await rowCounts(rig), rowsBefore);
    const inPieces = async (shipments: number) => completed(rig, await Promise.all(Array.from({ length: orders }, () => shipped(rig, shipments))));
    const [two, three] = [await inPieces(2), await inPieces(3)];
    const perFurtherShipment = more(two, three);
    const second = more(singles, two);
    const rowsPerOrder = Object.fromEntries(Object.entries(rows).filter(([, count]) => count > 0).map(([table, count]) => [table, count / orders]));
    return {
      oneShipment: {
        events: mean(singles.map(({ events }) => events)),
        bytes: mean(singles.map(({ bytes }) => bytes)),
        byType: meanByType(singles),
      },
      perFurtherShipment,
      onceForSeveral: { events: second.events - perFurtherShipment.events, bytes: second.bytes - perFurtherShipment.bytes },
      sharedEventsPerHour: await sharedEventsPerHour(rig),
      statements: await statements(rig, orders),
      rowsPerOrder,
      rowTotalPerOrder: Object.values(rowsPerOrder).reduce((total, count) => total + count, 0),
    };
  } finally {
    await sql.query(`update tenants set settings = settings - 'returnWindowSeconds'`);
    await setMulticapture(rig, false);
  }
}

/** Places an order, ships it in as many pieces as it has lines, and delivers all. */
async function shipped({ shop }: Rig, shipments: number): Promise<string> {
  const id = await shop.place(Math.max(2, shipments));
  if (shipments === 1) await shop.ship(id);
  else for (const { sku } of (await shop.read(id)).lines) await shop.ship(id, sku);
  await shop.deliver(id);
  return id;
}

/** The sizes of orders whose return window has ended, with whatever other workflow was started for them. */
async function completed(rig: Rig, ids: readonly string[]): Promise<HistorySize[]> {
  await untilQuiet(rig);
  for (const id of ids) {
    const deadline = performance.now() + 60_000;
    while ((await rig.shop.read(id)).status !== 'completed') {
      if (performance.now() > deadline) throw new Error(`Order ${id} does not complete after its return window`);
      await pause(250);
    }
  }
  const late = await rig.client.workflow.count(`WorkflowType = 'latePaymentEvent'`);
  if (late.count > 0) throw new Error(`${late.count} webhooks came after the orders' return windows: their events would not be counted`);
  return Promise.all(ids.map((id) => historySize(rig.client, `order/${id}`)));
}

function more(than: readonly HistorySize[], sizes: readonly HistorySize[]): { events: number; bytes: number } {
  const by = (key: 'events' | 'bytes') => mean(sizes.map((size) => size[key])) - mean(than.map((size) => size[key]));
  return { events: by('events'), bytes: by('bytes') };
}

function meanByType(sizes: readonly HistorySize[]): Record<string, number> {
  const types = new Set(sizes.flatMap(({ byType }) => Object.keys(byType)));
  return Object.fromEntries([...types].map((type) => [type, mean(sizes.map(({ byType }) => byType[type] ?? 0))]));
}

async function statements({ sql, shop, postgresLog }: Rig, orders: number): Promise<OrderCosts['statements']> {
  let seconds = 0;
  const busy = await countStatements(sql, postgresLog, async () => {
    const began = performance.now();
    for (let order = 0; order < orders; order += 1) {
      const id = await shop.place();
      await shop.ship(id);
      await shop.deliver(id);
    }
    await pause(3_000); // webhooks and mails follow
    seconds = (performance.now() - began) / 1000;
  });
  const idle = await countStatements(sql, postgresLog, () => pause(seconds * 1000));
  const background = new Map(idle.byText.map(({ text, count }) => [text, count]));
  return {
    perOrder: (busy.total - idle.total) / orders,
    transactionsPerOrder: (busy.transactions - idle.transactions) / orders,
    top: busy.byText.map(({ text, count }) => ({ text, perOrder: (count - (background.get(text) ?? 0)) / orders })).filter(({ perOrder }) => perOrder >= 0.5),
  };
}

/** The dispatcher's and the sweeper's events so far, over the time since the dispatcher began. */
async function sharedEventsPerHour({ client }: Rig): Promise<number> {
  const dispatcher = await client.workflow.getHandle('outbox/dispatcher').describe();
  let events = dispatcher.historyLength;
  for await (const { historyLength } of client.workflow.list({ query: `WorkflowType = 'sweeper' AND ExecutionStatus = 'Completed'` })) events += historyLength ?? 0;
  return events / ((Date.now() - dispatcher.startTime.getTime()) / 3_600_000);
}

/** The sandbox and the connection both have to allow it; called before the worker has read the connection, or it takes 30 s to be noticed. */
async function setMulticapture({ sql, system }: Rig, enabled: boolean): Promise<void> {
  await sql.query(`update payment_gateway_connections set capabilities = capabilities || $1`, [{ multicapture: enabled }]);
  const response = await fetch(`${system.dev.stripe_url}/_sandbox/multicapture`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ enabled }),
  });
  if (!response.ok) throw new Error(`The sandbox answered ${response.status} to the switch for multicapture`);
}

async function rowCounts({ sql }: Rig): Promise<Record<string, number>> {
  const { rows: tables } = await sql.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' and tablename not like '%migration%'`,
  );
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const { rows } = await sql.query<{ count: number }>(`select count(*)::int as count from ${sql.escapeIdentifier(name)}`);
    counts[name] = rows[0]!.count;
  }
  return counts;
}

function difference(after: Record<string, number>, before: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]));
}
