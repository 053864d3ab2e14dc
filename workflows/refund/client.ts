import { workflowIds } from '#domain/names/workflow-ids.ts';
import type { Client } from '@temporalio/client';
import { deliverLate, type Delivery, type NotKnown, type NotRunning } from '../order/client.ts';
import type { CommandOutcome } from '../order/messages.ts';
import { refunded, type RefundWorkflowInput } from './messages.ts';

/** Starts the refund of a closed order (or finds it) and waits for its outcome: one round trip. */
export async function deliverLateRefund(client: Client, input: RefundWorkflowInput, how: Delivery): Promise<CommandOutcome | NotKnown | NotRunning> {
  const workflowId = workflowIds.refund(input.command.refundId);
  return deliverLate(client, { type: 'refundWorkflow', workflowId, input, told: refunded, summary: `Refund of ${input.orderId}` }, how);
}
