import { isClosed } from '#domain/order/state.ts';
import { condition, allHandlersFinished, continueAsNew, setWorkflowOptions, workflowInfo } from '@temporalio/workflow';
import { nextDeadline } from '#domain/order/deadlines.ts';
import { answerMessages } from './handlers.ts';
import { meetDeadline } from './deadlines.ts';
import type { OrderWorkflowInput, OrderWorkflowResult } from './messages.ts';
import { place } from './place.ts';
import { now, OrderProcess } from './process.ts';

/**
 * The life of one order. It is the only writer of that order: whatever happens to it – a command of the API,
 * a provider's event, a deadline – takes its turn here, is decided by the tables in domain/order/, and is
 * written in one transaction.
 *
 * 1. It is placed: stock is reserved, money is authorised, and the client hears the outcome.
 * 2. It lives: commands and events come as messages; between them it sleeps until its next deadline (an unpaid
 *    order expires, an authorisation is about to lapse, the return window ends).
 * 3. It ends, and what comes later (refunds, disputes) is a workflow of its own.
 */
export async function orderWorkflow(input: OrderWorkflowInput): Promise<OrderWorkflowResult> {
  const order = new OrderProcess(input);
  answerMessages(order);

  // Its outcome may be that nobody knows yet: then placing goes on by itself, and the order lives meanwhile.
  const placing = input.resume ? Promise.resolve() : order.inTurn(() => place(order));
  await Promise.race([placing, condition(() => order.placement !== undefined)]);

  while (order.exists && !isClosed(order.state)) {
    const deadline = nextDeadline(order.state);
    const disturbed = () => isClosed(order.state) || nextDeadline(order.state)?.at !== deadline?.at || wantsNewRun(order);
    if (deadline && deadline.at <= now()) await meetDeadline(order, deadline);
    else if (!deadline) await condition(disturbed);
    else await condition(disturbed, Date.parse(deadline.at) - Date.now(), { summary: deadline.kind });

    if (wantsNewRun(order)) {
      await condition(allHandlersFinished);
      return continueAsNew<typeof orderWorkflow>({ ...input, resume: order.state });
    }
  }

  await placing;
  await condition(allHandlersFinished);
  return { orderId: input.orderId, status: order.exists ? order.state.status : 'not_placed' };
}

/** An order with very many steps starts a new run with its whole state, when nothing is in its turn. */
function wantsNewRun(order: OrderProcess): boolean {
  return workflowInfo().continueAsNewSuggested && order.idle && order.exists && !isClosed(order.state);
}

setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, orderWorkflow);
