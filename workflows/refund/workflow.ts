import { setWorkflowOptions } from '@temporalio/workflow';
import { asOwnProcess, withClosedOrder } from '../order/closed.ts';
import { refundOrder, type RefundUnderWay } from '../order/commands/refund.ts';
import type { CommandOutcome } from '../order/messages.ts';
import { refunded, type RefundWorkflowInput } from './messages.ts';

/** Refunds a closed order by the same rules as a running one, as a process of its own. */
export async function refundWorkflow({ command, ...input }: RefundWorkflowInput): Promise<CommandOutcome> {
  const underWay: RefundUnderWay = { parts: [] };
  return asOwnProcess(refunded, () => withClosedOrder(input, (order) => refundOrder(order, command, underWay)));
}

setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, refundWorkflow);
