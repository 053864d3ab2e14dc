import { paymentSettled, paymentUnknown } from '#domain/order/changes/payments.ts';
import type { OrderState, PaymentState } from '#domain/order/state.ts';
import { idFromUuid } from '#domain/ids.ts';
import type { CaptureResult, PaymentResult } from '#domain/payments/port.ts';
import { isCancellation, uuid4, workflowInfo } from '@temporalio/workflow';
import { providerPatiently, providerSoon } from '../activities.ts';
import { authorizeRequest, paymentRef } from '../pay.ts';
import { now, type OrderProcess } from '../process.ts';

/** Captures from an authorisation; asks until it is known, unless the order is being cancelled. */
export async function captureAmount(order: OrderProcess, payment: PaymentState, amount: number, final: boolean): Promise<CaptureResult | Unanswered> {
  const request = {
    ...paymentRef(order.state, payment), providerRef: payment.providerRef!, amount, final,
    // With the amount: after a refused capture, another shipment may ask for another amount.
    idempotencyKey: `${workflowInfo().workflowId}/capture/${payment.attempt}/${payment.captured}+${amount}`,
  };
  return untilKnown(order, `capture of payment ${payment.id}`, (provider) => provider.capturePayment(request), `capture payment ${payment.attempt}`);
}

/** Charges (or authorises anew) a saved method without the customer: a new business attempt, known before it is asked for. */
export async function chargeSavedMethod(
  order: OrderProcess,
  previous: PaymentState,
  amount: number,
  captureMethod: 'manual' | 'automatic',
): Promise<{ payment: PaymentState; result: PaymentResult | Unanswered }> {
  const payment = nextAttempt(order.state, previous, amount);
  const request = authorizeRequest(order.state, payment, { captureMethod, offSession: true });
  const result = await untilKnown(
    order, `off-session payment ${payment.id}`, (provider) => provider.authorizePayment(request), `charge saved method, payment ${payment.attempt}`,
  );
  // Cut short, it may have been made: in the state, it is undone with the order.
  if (result === 'interrupted') await order.record(paymentUnknown(order.state, payment, order.systemCause()));
  // An operator has seen that it was not.
  if (result === 'dismissed') await order.record(paymentSettled(order.state, payment, { outcome: 'absent' }, order.systemCause()));
  return { payment, result };
}

function nextAttempt(state: OrderState, previous: PaymentState, amount: number): PaymentState {
  return {
    id: idFromUuid('payment', uuid4()), attempt: state.payments.length + 1, connectionId: previous.connectionId, provider: previous.provider,
    status: 'pending', amount, authorized: 0, captured: 0, refunded: 0, requestedAt: now(), capabilities: previous.capabilities,
    ...(previous.savedMethod ? { paymentMethod: previous.savedMethod, savedMethod: previous.savedMethod } : {}),
  };
}

type Provider = ReturnType<typeof providerSoon>;

/** No outcome: the order is being cancelled, or an operator says, after a day without an answer, that it was never done. */
export type Unanswered = 'interrupted' | 'dismissed';

/** Quickly first; then patiently, and after a day with an operator's help. */
export async function untilKnown<T>(
  order: OrderProcess,
  what: string,
  call: (provider: Provider) => Promise<T>,
  summary: string,
): Promise<T | Unanswered> {
  try {
    return await order.interruptible(() => call(providerSoon(summary)));
  } catch (error) {
    if (isCancellation(error)) return 'interrupted';
  }
  for (;;) {
    try {
      return await order.interruptible(() => call(providerPatiently(summary)));
    } catch (error) {
      if (isCancellation(error)) return 'interrupted';
    }
    const resolution = await order.operator.needPersonOrCancel('payment_unknown', `The outcome of the ${what} is not known after a day. Look it up at the provider; retry, or dismiss if it was never made.`);
    if (resolution !== 'retry') return resolution === 'dismiss' ? 'dismissed' : 'interrupted';
  }
}

/** A payment attempt that failed beside a living order: it is in the timeline, and the order goes on. */
export async function recordFailedAttempt(order: OrderProcess, payment: PaymentState, result: PaymentResult): Promise<void> {
  await order.record(paymentSettled(order.state, payment, result, order.systemCause()));
}
