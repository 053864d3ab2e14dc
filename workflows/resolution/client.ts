import { workflowIds } from '#domain/names/workflow-ids.ts';
import type { LateCommand } from '../order/client.ts';
import { resolved, type ResolutionInput } from './messages.ts';

/** The resolution of a closed order's attention, to be delivered. */
export function lateResolution(input: ResolutionInput): LateCommand<ResolutionInput> {
  return {
    type: 'resolutionWorkflow', workflowId: workflowIds.resolution(input.command.commandId), input, told: resolved, summary: `Resolution of ${input.orderId}`,
  };
}
