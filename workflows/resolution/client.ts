import { workflowIds } from '#domain/names/workflow-ids.ts';
import type { Client } from '@temporalio/client';
import { deliverLate, type Delivery, type NotKnown, type NotRunning } from '../order/client.ts';
import type { CommandOutcome } from '../order/messages.ts';
import { resolved, type ResolutionInput } from './messages.ts';

/** Starts the resolution of a closed order's attention (or finds it) and waits for its outcome: one round trip. */
export async function deliverLateResolution(client: Client, input: ResolutionInput, how: Delivery): Promise<CommandOutcome | NotKnown | NotRunning> {
  const workflowId = workflowIds.resolution(input.command.commandId);
  return deliverLate(client, { type: 'resolutionWorkflow', workflowId, input, told: resolved, summary: `Resolution of ${input.orderId}` }, how);
}
