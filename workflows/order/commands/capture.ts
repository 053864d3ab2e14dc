import type { Cause } from '#domain/order/changes/change.ts';
import { attentionRaised } from '#domain/order/changes/endings.ts';
import { authorizationEnded, paymentCaptured } from '#domain/order/changes/payments.ts';
import { openAuthorization, type OrderState, type PaymentState } from '#domain/order/state.ts';
import type { CaptureResult } from '#domain/payments/port.ts';
import { chargeableStep } from '#domain/payments/stripe-amounts.ts';
import type { CaptureCommand, CommandOutcome, Rejection } from '../messages.ts';
import { currentPayment } from '../pay.ts';
import type { OrderProcess } from '../process.ts';
import { captureAmount, type Unanswered } from './provider.ts';

/** Takes the authorised money before (or without) a shipment. */
export async function captureOrder(order: OrderProcess, command: CaptureCommand): Promise<CommandOutcome> {
  return order.command('capture', command, async (state) => {
    const payment = openAuthorization(state)!;
    const left = payment.authorized - payment.captured;
    const amount = command.amount ?? left;
    if (amount > left) {
      const detail = `Only ${left} minor units are authorised and not captured.`;
      return { outcome: 'rejected', refusal: { code: 'amount_too_high', detail }, refundable: left };
    }
    const step = chargeableStep(payment.provider, state.currency);
    if (command.amount !== undefined && amount % step !== 0) return notChargeable(state, step);
    return (await captureFrom(order, payment, amount, order.cause(command, 'capture'))) ?? order.done();
  });
}

/** An amount that the provider can't be asked for: refused before anything is done about it. */
export function notChargeable({ currency }: OrderState, step: number): Rejection {
  const detail = `The provider moves ${currency} in multiples of ${step} minor units only.`;
  return { outcome: 'rejected', refusal: { code: 'amount_not_chargeable', detail }, step };
}

/** All that is authorised. True when it was taken. */
export async function captureAll(order: OrderProcess, payment: PaymentState, cause: Cause): Promise<boolean> {
  return (await captureFrom(order, payment, payment.authorized - payment.captured, cause)) === undefined;
}

async function captureFrom(order: OrderProcess, payment: PaymentState, amount: number, cause: Cause): Promise<Rejection | undefined> {
  const result = await captureAmount(order, payment, amount, !payment.capabilities.multicapture || amount === payment.authorized - payment.captured);
  if (typeof result === 'string') return unanswered(result);
  if (result.outcome === 'failed') return captureFailed(order, payment, result);
  if (tookLess(order, payment, amount, result)) return captureFellShort(order, payment, result);
  await order.record(paymentCaptured(order.state, currentPayment(order.state, payment), result, cause));
  return undefined;
}

/** Why there is no money, when nobody heard what became of it. */
export function unanswered(why: Unanswered): Rejection {
  const detail = {
    interrupted: 'The order was cancelled while its money was being captured.',
    dismissed: 'The provider gave no answer for a day, and an operator dismissed it: no money counts as taken. It can be tried again.',
  }[why];
  return { outcome: 'rejected', refusal: { code: 'capture_failed', detail } };
}

type Captured = Extract<CaptureResult, { outcome: 'captured' }>;

/** The provider answers with what it has taken in all. Less than that and this: it takes no more, whoever or whatever ended it. */
export function tookLess({ state }: OrderProcess, payment: PaymentState, amount: number, { capturedAmount }: Captured): boolean {
  return capturedAmount - currentPayment(state, payment).captured < amount;
}

/** No goods leave for money that was not taken: what was is booked, and a person finds another way to the rest. */
export async function captureFellShort(order: OrderProcess, payment: PaymentState, { capturedAmount }: Captured): Promise<Rejection> {
  await order.record(authorizationEnded(order.state, currentPayment(order.state, payment), capturedAmount, order.systemCause()));
  return captureFailed(order, payment, { code: 'authorization_expired' });
}

/** What says that an authorisation is gone for good. */
const gone: readonly string[] = ['authorization_expired', 'payment_canceled'];

/** An authorisation that cannot be captured any more needs a person: the goods are still here. One that has ended does not stand in the way of another payment. */
export async function captureFailed(order: OrderProcess, payment: PaymentState, decline: { code: string; declineCode?: string }): Promise<Rejection> {
  const cause = order.systemCause();
  const current = order.state.payments.find(({ id }) => id === payment.id);
  if (current?.status === 'authorized' && gone.includes(decline.code)) await order.record(authorizationEnded(order.state, current, current.captured, cause));
  const detail = `Payment ${payment.id} could not be captured (${decline.code}). Ask the customer for another payment, or cancel the order.`;
  await order.record(attentionRaised(order.state, { code: 'capture_failed', since: cause.at, detail }, cause));
  return { outcome: 'rejected', refusal: { code: 'capture_failed', detail }, decline };
}
