import { workflowIds } from '#domain/names/workflow-ids.ts';
import type { Redelivered, TakenIn } from '#activities/maintenance/create.ts';
import type { KeyRing } from '#platform/keyring.ts';
import { commandUpdateId } from '#platform/update-id.ts';
import { handOver, handOverLate, handOverPlacement, type HandedOver } from '#workflows/order/hand-over.ts';
import { orderUpdates, type OrderUpdateName, type RefundCommand } from '#workflows/order/messages.ts';
import { lateRefund } from '#workflows/refund/client.ts';
import { lateResolution } from '#workflows/resolution/client.ts';
import type { ResolutionInput } from '#workflows/resolution/messages.ts';
import type { Client } from '@temporalio/client';

const timeoutMs = 10_000;

/**
 * Sends a taken-in command once more, under the update id that the API gave it: had it arrived, nothing happens twice.
 * It waits until the command has arrived, not until it is done: a shipment whose provider is away may take a day.
 */
export function createRedelivery(client: Client, keyRing: KeyRing): (command: TakenIn) => Promise<Redelivered> {
  return async (command) => {
    const handed = await handTo(client, keyRing, command);
    if (handed.outcome === 'not_known') return 'no_answer';
    // Refused for a reason that will pass, and the client was told that it would be carried out.
    if (handed.outcome === 'rejected' && handed.refusal.code === 'order_busy') return 'busy';
    return 'arrived';
  };
}

async function handTo(client: Client, keyRing: KeyRing, { scope, operation, idempotencyKey, resourceId, workflowId, inputSealed }: TakenIn): Promise<HandedOver> {
  const how = { updateId: commandUpdateId(operation, scope, idempotencyKey), timeoutMs };
  if (operation === 'order.place') return handOverPlacement(client, { scope, orderId: resourceId, summary: `Order ${resourceId}` }, how);
  const name = operation.replace(/^order\./, '');
  if (!Object.hasOwn(orderUpdates, name)) throw new Error(`No order command is named ${operation}`);
  const input = keyRing.open<object>(inputSealed, resourceId);
  const handed = await handOver(client, { workflowId, name: name as OrderUpdateName, input }, how);
  if (handed.outcome !== 'not_running') return handed;
  const order = { scope, orderId: workflowId.slice(workflowIds.order('').length) };
  if (name === 'refund') return handOverLate(client, lateRefund({ ...order, command: input as RefundCommand }), how);
  if (name === 'resolve') return handOverLate(client, lateResolution({ ...order, command: input as ResolutionInput['command'] }), how);
  return handed;
}
