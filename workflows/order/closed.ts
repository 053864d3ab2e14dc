import type { FailureType } from '#domain/names/failures.ts';
import type { TenantRef } from '#domain/tenant.ts';
import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import { rows } from './activities.ts';
import { OrderProcess } from './process.ts';

/**
 * Work on an order whose own workflow has ended. Several such workflows may meet: each write compares the version,
 * and who comes second reads again and repeats. Provider calls in `work` are keyed by what they are about, so a
 * repetition moves no money twice.
 */
export async function withClosedOrder<T>(input: { scope: TenantRef; orderId: string }, work: (order: OrderProcess) => Promise<T>): Promise<T> {
  for (;;) {
    const resume = await rows.loadClosedOrder(input);
    try {
      return await work(new OrderProcess({ ...input, resume }, 'several'));
    } catch (error) {
      if (!isFailure(error, 'VersionConflict')) throw error;
    }
  }
}

/** True when row work on an order that should have ended found that its rows know of no end: its workflow was terminated, or the rows were set back. */
export function isNotClosed(error: unknown): boolean {
  return isFailure(error, 'OrderNotClosed');
}

function isFailure(error: unknown, type: FailureType): boolean {
  // A local activity's failure arrives bare, a real one's wrapped.
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure && cause.type === type;
}
