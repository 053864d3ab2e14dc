import { livePayment, type OrderState, type PaymentState } from '#domain/order/state.ts';
import { paymentSettled, paymentUnknown } from '#domain/order/changes/payments.ts';
import type { AuthorizeRequest, PaymentRef, PaymentResult } from '#domain/payments/port.ts';
import { isCancellation, workflowInfo } from '@temporalio/workflow';
import { providerPatiently, providerSoon } from './activities.ts';
import type { PaymentOutcome } from './messages.ts';
import type { OrderProcess } from './process.ts';

/**
 * Authorises one payment attempt and records what came of it. A decline is an answer. No answer is one too:
 * the order says `unknown` to whoever waits, and goes on asking with the same key until it is known.
 */
export async function settlePayment(order: OrderProcess, payment: PaymentState): Promise<PaymentOutcome> {
  const result = await authorize(order, payment);
  if (result === 'interrupted') return outcomeOf(order.state, payment.id);
  await order.record(paymentSettled(order.state, currentPayment(order.state, payment), result, order.systemCause()));
  return outcomeOf(order.state, payment.id);
}

async function authorize(order: OrderProcess, payment: PaymentState): Promise<PaymentResult | 'interrupted'> {
  if (payment.amount === 0) return { outcome: 'captured', providerRef: `free_${payment.id}`, capturedAmount: 0, refundedAmount: 0 };
  const request = authorizeRequest(order.state, payment, { captureMethod: 'manual', offSession: false });
  const summary = `authorise payment ${payment.attempt}`;
  try {
    return await order.interruptible(() => providerSoon(summary).authorizePayment(request));
  } catch (error) {
    await order.record(paymentUnknown(order.state, payment, order.systemCause()));
    if (isCancellation(error)) return 'interrupted';
  }
  order.placement ??= outcomeOf(order.state, payment.id);
  for (;;) {
    try {
      return await order.interruptible(() => providerPatiently(summary).authorizePayment(request));
    } catch (error) {
      if (isCancellation(error)) return 'interrupted';
    }
    const detail = `The provider gave no answer about payment ${payment.id} for a day. Look it up there; retry, or dismiss if it was never made.`;
    const resolution = await order.operator.needPersonOrCancel('payment_unknown', detail);
    if (resolution === 'interrupted') return 'interrupted';
    if (resolution === 'dismiss') return { outcome: 'absent' };
  }
}

/** The provider's names of a payment of this order. */
export function paymentRef(state: OrderState, payment: PaymentState): PaymentRef {
  return {
    scope: state.scope, connectionId: payment.connectionId, orderId: state.id, paymentId: payment.id, customerId: state.customerId,
    currency: state.currency, requestedAt: payment.requestedAt, ...(payment.providerRef ? { providerRef: payment.providerRef } : {}),
  };
}

/** An authorisation's request; its key is workflow id + step + business attempt, never a retry count. */
export function authorizeRequest(
  state: OrderState,
  payment: PaymentState,
  how: Pick<AuthorizeRequest, 'captureMethod' | 'offSession'>,
): AuthorizeRequest {
  const willBeChargedAgain = state.settings.splitCapture === 'reauthorize' && !payment.capabilities.multicapture;
  return {
    ...paymentRef(state, payment), ...how, amount: payment.amount,
    saveMethod: !how.offSession && (willBeChargedAgain || payment.saveMethod === true),
    ...(payment.paymentMethod ? { paymentMethod: payment.paymentMethod } : {}),
    idempotencyKey: `${workflowInfo().workflowId}/authorize/${payment.attempt}`,
  };
}

/** The payment as it stands now, by id: the state may have moved while the provider was asked. */
export function currentPayment(state: OrderState, { id }: Pick<PaymentState, 'id'>): PaymentState {
  const payment = state.payments.find((other) => other.id === id);
  if (!payment) throw new Error(`Order ${state.id} has no payment ${id}`);
  return payment;
}

/** What whoever placed or paid is told, from the state alone; `askedFor` names the payment that he asks about. */
export function outcomeOf(state: OrderState, askedFor?: string): PaymentOutcome {
  const orderId = state.id;
  const asked = state.payments.find(({ id }) => id === askedFor);
  const payment = asked ?? livePayment(state) ?? state.payments.at(-1);
  if (state.status === 'draft') return { outcome: 'draft', orderId };
  if (state.status !== 'pending') {
    const ended = ['cancelled', 'expired'].includes(state.status);
    if (ended) return { outcome: 'ended', orderId, status: state.status };
    if (!asked || ['authorized', 'captured'].includes(asked.status)) return { outcome: 'confirmed', orderId, ...(payment ? { paymentId: payment.id } : {}) };
  }
  const paymentId = payment!.id;
  switch (payment!.status) {
    case 'declined':
      return { outcome: 'declined', orderId, paymentId, ...payment!.decline! };
    case 'voided':
      return { outcome: 'declined', orderId, paymentId, code: 'payment_canceled' };
    case 'requires_action':
      return { outcome: 'requires_action', orderId, paymentId };
    case 'processing':
      return { outcome: 'processing', orderId, paymentId };
    default:
      return { outcome: 'payment_unknown', orderId, paymentId };
  }
}
