import { rows } from '../activities.ts';
import { isFailure } from '../failure-type.ts';
import type { CommandOutcome } from '../messages.ts';
import { now, type OrderProcess } from '../process.ts';
import { workflowInfo } from '@temporalio/workflow';

/** Postgres is a projection: after a restore of it, the workflow's state is written over the rows. */
export async function reprojectOrder(order: OrderProcess): Promise<CommandOutcome> {
  // A step that its rows refuse has the turn, and this may be what it waits for.
  return order.writes.attention ? order.writes.aside(() => reproject(order)) : order.inTurn(() => reproject(order));
}

async function reproject(order: OrderProcess): Promise<CommandOutcome> {
  if (!order.exists) return order.refusal('resolve')!;
  try {
    await rows.reprojectOrder({ workflowId: workflowInfo().workflowId, state: order.state, at: now() });
  } catch (error) {
    if (!isFailure(error, 'VersionConflict') && !isFailure(error, 'WriteRefused')) throw error;
    return order.rejected('order_busy', (error as Error).message, []);
  }
  return order.done();
}
