import type { TenantRef } from '#domain/tenant.ts';
import { allHandlersFinished, condition, setHandler } from '@temporalio/workflow';
import type { UpdateDefinition } from '@temporalio/common';
import { rows } from './activities.ts';
import { isFailure } from './failure-type.ts';
import { answerStep, type CommandOutcome } from './messages.ts';
import { OrderProcess } from './process.ts';

/**
 * Work on an order whose own workflow has ended. Several such workflows may meet: each write compares the version,
 * and who comes second reads again and repeats. Provider calls in `work` are keyed by what they are about, so a
 * repetition moves no money twice. An operator's answer to a step that waits for one comes from `workflows/resolution`.
 */
export async function withClosedOrder<T>(input: { scope: TenantRef; orderId: string }, work: (order: OrderProcess) => Promise<T>): Promise<T> {
  let order: OrderProcess | undefined;
  setHandler(answerStep, (command) => void order?.operator.answer(command), { description: "An operator's answer to the step that waits for it." });
  for (;;) {
    const resume = await rows.loadClosedOrder(input);
    order = new OrderProcess({ ...input, resume }, 'several');
    try {
      return await work(order);
    } catch (error) {
      if (!isFailure(error, 'VersionConflict')) throw error;
    }
  }
}

/** A command on an ended order, as a process of its own; `told` is the update by which its caller waits for the outcome. */
export async function asOwnProcess(told: UpdateDefinition<CommandOutcome>, work: () => Promise<CommandOutcome>): Promise<CommandOutcome> {
  let outcome: CommandOutcome | undefined;
  setHandler(
    told,
    async () => {
      await condition(() => outcome !== undefined);
      return outcome!;
    },
    { description: 'Waits for the outcome; never rejects.' },
  );
  try {
    outcome = await work();
  } catch (error) {
    if (!isNotClosed(error)) throw error;
    outcome = { outcome: 'rejected', refusal: { code: 'workflow_gone', detail: 'The workflow of this order is gone, though the order has not ended: an operator has to bring it back.' } };
  }
  await condition(allHandlersFinished);
  return outcome;
}

/** True when row work on an order that should have ended found that its rows know of no end: its workflow was terminated, or the rows were set back. */
export function isNotClosed(error: unknown): boolean {
  return isFailure(error, 'OrderNotClosed');
}
