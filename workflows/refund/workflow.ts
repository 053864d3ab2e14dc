import { condition, allHandlersFinished, setHandler, setWorkflowOptions } from '@temporalio/workflow';
import { withClosedOrder } from '../order/closed.ts';
import { refundOrder, type RefundUnderWay } from '../order/commands/refund.ts';
import type { CommandOutcome } from '../order/messages.ts';
import { refunded, type RefundWorkflowInput } from './messages.ts';

/** Refunds a closed order by the same rules as a running one, as a process of its own. */
export async function refundWorkflow({ command, ...input }: RefundWorkflowInput): Promise<CommandOutcome> {
  let outcome: CommandOutcome | undefined;
  setHandler(
    refunded,
    async () => {
      await condition(() => outcome !== undefined);
      return outcome!;
    },
    { description: 'Waits for the outcome of this refund.' },
  );
  const underWay: RefundUnderWay = { parts: [] };
  outcome = await withClosedOrder(input, (order) => refundOrder(order, command, underWay));
  await condition(allHandlersFinished);
  return outcome;
}

setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, refundWorkflow);
