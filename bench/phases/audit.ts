import { setTimeout as pause } from 'node:timers/promises';
import type { Rig } from '../rig/rig.ts';

/** What must hold for the figures to mean anything. */
export interface Audit {
  orders: number;
  twins: number;
}

/**
 * Counts orders where they are kept: every answer 201 is one row with money authorised, and one workflow that did not
 * fail, by Temporal's own visibility. @throws when the counts differ
 */
export async function audit({ sql, client, system }: Rig, answered: Audit): Promise<Audit> {
  const { rows } = await sql.query<{ orders: number; unpaid: number }>(
    `select count(*)::int as orders, count(*) filter (where status = 'pending' or authorized_amount <> total)::int as unpaid from orders`,
  );
  const { orders, unpaid } = rows[0]!;
  if (orders !== answered.orders) throw new Error(`${answered.orders} orders were answered 201, and ${orders} are in Postgres`);
  if (unpaid > 0) throw new Error(`${unpaid} orders are not authorised in full`);
  await visible(`WorkflowType = 'orderWorkflow'`, answered.orders);
  await visible(`WorkflowType = 'orderTwin'`, answered.twins);
  await visible(`ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut')`, 0);
  if (system.restartCount() > 0) throw new Error(`A part was restarted ${system.restartCount()} times during the run`);
  return answered;

  /** Visibility follows the histories with a delay. */
  async function visible(query: string, expected: number): Promise<void> {
    const deadline = performance.now() + 20_000;
    for (;;) {
      const { count } = await client.workflow.count(query);
      if (count === expected) return;
      if (performance.now() > deadline) throw new Error(`Temporal shows ${count} workflows for ${query}, not ${expected}`);
      await pause(250);
    }
  }
}

/** Counts what a contender was answered, for {@link audit}. */
export function counted<T extends { place: (...args: never[]) => Promise<string> }>(contender: T): T & { placed: () => number } {
  let placed = 0;
  const place = async (...args: never[]) => {
    const id = await contender.place(...args);
    placed += 1;
    return id;
  };
  return { ...contender, place, placed: () => placed };
}
