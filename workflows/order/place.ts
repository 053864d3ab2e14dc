import { workflowInfo } from '@temporalio/workflow';
import { rows } from './activities.ts';
import { outcomeOf, settlePayment } from './pay.ts';
import { now, type OrderProcess } from './process.ts';

/**
 * Places the order that the intake row describes. Stock is reserved before money is asked for, in the same
 * transaction that creates the order; an order whose goods are not there does not come to exist.
 */
export async function place(order: OrderProcess): Promise<void> {
  const { scope, orderId } = order.input;
  if (!order.exists) {
    const opened = await order.writes.untilWritten(() => rows.openOrder({ scope, orderId, workflowId: workflowInfo().workflowId, at: now() }));
    if (opened.outcome === 'out_of_stock') {
      order.placement = { outcome: 'out_of_stock', orderId, shortages: opened.shortages };
      return;
    }
    order.begin(opened.state);
  }
  const [payment] = order.state.payments;
  const asks = payment !== undefined && ['pending', 'unknown'].includes(payment.status);
  order.placement = asks ? await settlePayment(order, payment) : outcomeOf(order.state);
}
