import { rows } from '../activities.ts';
import type { CommandOutcome } from '../messages.ts';
import { now, type OrderProcess } from '../process.ts';
import { workflowInfo } from '@temporalio/workflow';

/** Postgres is a projection: after a restore of it, the workflow's state is written over the rows. */
export async function reprojectOrder(order: OrderProcess): Promise<CommandOutcome> {
  if (!order.writes.attention) return order.inTurn(() => reproject(order));
  // A step that its rows refuse has the turn, and this may be what it waits for.
  const outcome = await reproject(order);
  await order.writes.tryNow();
  return outcome;
}

async function reproject(order: OrderProcess): Promise<CommandOutcome> {
  if (!order.exists) return order.refusal('resolve')!;
  await rows.reprojectOrder({ workflowId: workflowInfo().workflowId, state: order.state, at: now() });
  return order.done();
}
