import { randomUUID } from 'node:crypto';
import { WithStartWorkflowOperation, type Client } from '@temporalio/client';
import type { Contender } from '../phases/contender.ts';
import { deliver, filler, placed, ship, twinQueues, type TwinInput, type TwinSizes } from './messages.ts';
import type { orderTwin } from './workflow.ts';

/** Drives twins as the API drives orders, straight through Temporal's client. */
export function twinShop(client: Client, sizes: TwinSizes): Contender {
  const input: TwinInput = { sizes, pad: '' };
  input.pad = filler(sizes.input - JSON.stringify(input).length + 2);
  return {
    name: 'twin',
    async place() {
      const workflowId = `twin/${randomUUID()}`;
      const startWorkflowOperation = new WithStartWorkflowOperation<typeof orderTwin>('orderTwin', {
        workflowId, taskQueue: twinQueues.orders, args: [input], workflowIdReusePolicy: 'REJECT_DUPLICATE', workflowIdConflictPolicy: 'USE_EXISTING',
      });
      await client.workflow.executeUpdateWithStart(placed, { startWorkflowOperation, updateId: `place:${workflowId}` });
      return workflowId;
    },
    async ship(workflowId) {
      await client.workflow.getHandle(workflowId).executeUpdate(ship, { args: [filler(sizes.shipInput)], updateId: `ship:${workflowId}` });
    },
    async deliver(workflowId) {
      await client.workflow.getHandle(workflowId).executeUpdate(deliver, { args: [filler(sizes.deliverInput)], updateId: `deliver:${workflowId}` });
    },
  };
}
