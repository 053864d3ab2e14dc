import { nextDeadline } from '#domain/order/deadlines.ts';
import { answerMessages } from '#workflows/order/handlers.ts';
import type { OrderWorkflowInput } from '#workflows/order/messages.ts';
import { place } from '#workflows/order/place.ts';
import { OrderProcess } from '#workflows/order/process.ts';
import { sleep } from '@temporalio/workflow';

/** An order's workflow whose steps somebody has swapped: it sleeps first and places then. Its replay must fail. */
export async function orderWorkflow(input: OrderWorkflowInput): Promise<void> {
  const order = new OrderProcess(input);
  answerMessages(order);
  await sleep('1 day', { summary: 'expire' });
  await order.inTurn(() => place(order));
  if (order.exists) nextDeadline(order.state);
}
