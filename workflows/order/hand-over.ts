import type { TenantRef } from '#domain/tenant.ts';
import type { Client } from '@temporalio/client';
import { answerOf, isRefusal, startOf, startOfOrder, type Delivery, type LateCommand, type NotKnown, type NotRunning, type Placement } from './client.ts';
import { placed, type OrderUpdateName, type Rejection } from './messages.ts';

/**
 * How the sweeper brings to an order what was taken in and not delivered. It needs no answer: from its acceptance on, a
 * command is in the order's history and is carried out, however long its provider takes.
 */

/** Whether an order has a command; one that it refuses at once has arrived, too. */
export type HandedOver = { outcome: 'taken' } | Rejection | NotKnown | NotRunning;

/** Decoding what has arrived takes a few milliseconds. */
const refusalReadMs = 250;

/** Starts the order (or finds it) and waits only until it runs, as {@link handOver} does. */
export async function handOverPlacement(client: Client, placement: Placement, { updateId, timeoutMs }: Delivery): Promise<HandedOver> {
  const startWorkflowOperation = startOfOrder(placement);
  return answerOf(() =>
    client.withDeadline(Date.now() + timeoutMs, async () => {
      await client.workflow.startUpdateWithStart(placed, { startWorkflowOperation, updateId, waitForStage: 'ACCEPTED' });
      return { outcome: 'taken' } as const;
    }),
  );
}

/** Sends a command and waits only until the order has taken it or refused it at once. */
export async function handOver(
  client: Client,
  command: { workflowId: string; name: OrderUpdateName; input: unknown },
  { updateId, timeoutMs }: Delivery,
): Promise<HandedOver> {
  return answerOf(() =>
    client.withDeadline(Date.now() + timeoutMs, async () => {
      const update = await client.workflow
        .getHandle(command.workflowId)
        .startUpdate<unknown, [unknown]>(command.name, { args: [command.input], updateId, waitForStage: 'ACCEPTED' });
      await unlessRefused(update.result());
      return { outcome: 'taken' } as const;
    }),
  );
}

/** A refusal comes with the acceptance, and only needs to be read; what else becomes of a command, nobody waits for here. */
async function unlessRefused(result: Promise<unknown>): Promise<void> {
  const refused = result.then(() => undefined, (error: unknown) => {
    if (isRefusal(error)) throw error;
  });
  await Promise.race([refused, new Promise((resolve) => setTimeout(resolve, refusalReadMs))]);
}

/** Starts such a process (or finds it) and waits only until it runs, as {@link handOver} does. */
export async function handOverLate<Input extends { scope: TenantRef }>(
  client: Client,
  command: LateCommand<Input>,
  { updateId, timeoutMs }: Delivery,
): Promise<HandedOver> {
  const startWorkflowOperation = startOf(command);
  return answerOf(() =>
    client.withDeadline(Date.now() + timeoutMs, async () => {
      await client.workflow.startUpdateWithStart(command.told, { startWorkflowOperation, updateId, waitForStage: 'ACCEPTED' });
      return { outcome: 'taken' } as const;
    }),
  );
}
