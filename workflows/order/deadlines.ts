import { lapseAnnounced } from '#domain/order/changes/endings.ts';
import { orderMoved } from '#domain/order/changes/fulfilment.ts';
import { nextDeadline, type Deadline } from '#domain/order/deadlines.ts';
import { openAuthorization } from '#domain/order/state.ts';
import { captureAll } from './commands/capture.ts';
import { renewAuthorization } from './commands/renew.ts';
import { endOrder } from './end.ts';
import type { OrderProcess } from './process.ts';

/** Does what is due, unless the order has moved on while it waited for its turn. */
export async function meetDeadline(order: OrderProcess, deadline: Deadline): Promise<void> {
  const stillDue = () => nextDeadline(order.state)?.at === deadline.at;
  switch (deadline.kind) {
    case 'expire':
      await endOrder(order, 'expire', { actor: 'system', reason: 'payment_window_ended' }, stillDue);
      return;
    case 'complete':
      await order.inTurn(async () => {
        if (stillDue()) await order.record(orderMoved(order.state, 'complete', order.systemCause('return_window_ended')));
      });
      return;
    case 'authorization_lapse':
      await order.inTurn(async () => {
        if (stillDue()) await saveAuthorization(order);
      });
  }
}

/** Captured, renewed or announced before `capture_before`, as the tenant chose; announced where the rest fails. */
async function saveAuthorization(order: OrderProcess): Promise<void> {
  const payment = openAuthorization(order.state)!;
  const policy = order.state.settings.authorizationLapse;
  if (policy === 'capture' && (await captureAll(order, payment, order.systemCause('authorization_lapsing')))) return;
  if (policy === 'renew' && (await renewAuthorization(order, payment))) return;
  const cause = order.systemCause();
  const attention = {
    code: 'authorization_lapsing', since: cause.at, detail: `The authorisation of payment ${payment.id} ends at ${payment.captureBefore}; ship or capture before.`,
  } as const;
  await order.record(lapseAnnounced(order.state, payment, attention, cause));
}
