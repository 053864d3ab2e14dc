import { workflowIds } from '#domain/names/workflow-ids.ts';
import type { TakenIn } from '#activities/maintenance/create.ts';
import type { KeyRing } from '#platform/keyring.ts';
import { commandUpdateId } from '#platform/update-id.ts';
import { deliverPlacement, handOver, handOverLate } from '#workflows/order/client.ts';
import { orderUpdates, type OrderUpdateName, type RefundCommand } from '#workflows/order/messages.ts';
import { lateRefund } from '#workflows/refund/client.ts';
import { lateResolution } from '#workflows/resolution/client.ts';
import type { ResolutionInput } from '#workflows/resolution/messages.ts';
import type { Client } from '@temporalio/client';

const timeoutMs = 10_000;

/**
 * Sends a taken-in command once more, under the update id that the API gave it: had it arrived, nothing happens twice.
 * True when it is known to have arrived; not when it is done, since a shipment whose provider is away may take a day,
 * and would be sent again by every sweep, before all that is newer.
 */
export function createRedelivery(client: Client, keyRing: KeyRing): (command: TakenIn) => Promise<boolean> {
  return async ({ scope, operation, idempotencyKey, resourceId, workflowId, inputSealed }) => {
    const how = { updateId: commandUpdateId(operation, scope, idempotencyKey), timeoutMs };
    if (operation === 'order.place') {
      const { outcome } = await deliverPlacement(client, { scope, orderId: resourceId, summary: `Order ${resourceId}` }, how);
      return outcome !== 'not_known';
    }
    const name = operation.replace(/^order\./, '');
    if (!Object.hasOwn(orderUpdates, name)) throw new Error(`No order command is named ${operation}`);
    const input = keyRing.open<object>(inputSealed, resourceId);
    const { outcome } = await handOver(client, { workflowId, name: name as OrderUpdateName, input }, how);
    if (outcome !== 'not_running' || (name !== 'refund' && name !== 'resolve')) return outcome !== 'not_known';
    const order = { scope, orderId: workflowId.slice(workflowIds.order('').length) };
    const late = name === 'refund'
      ? await handOverLate(client, lateRefund({ ...order, command: input as RefundCommand }), how)
      : await handOverLate(client, lateResolution({ ...order, command: input as ResolutionInput['command'] }), how);
    return late.outcome !== 'not_known';
  };
}
