import { workflowIds } from '#domain/names/workflow-ids.ts';
import type { LateCommand } from '../order/client.ts';
import { refunded, type RefundWorkflowInput } from './messages.ts';

/** The refund of a closed order, to be delivered. */
export function lateRefund(input: RefundWorkflowInput): LateCommand<RefundWorkflowInput> {
  return { type: 'refundWorkflow', workflowId: workflowIds.refund(input.command.refundId), input, told: refunded, summary: `Refund of ${input.orderId}` };
}
