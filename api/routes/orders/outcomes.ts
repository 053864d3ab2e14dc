import { declineMessage } from '#domain/payments/decline-messages.ts';
import type { Decline } from '#domain/payments/port.ts';
import type { CommandOutcome, PaymentOutcome, Rejection } from '#workflows/order/messages.ts';
import type { Shortage } from './intake.ts';
import type { Answer } from '../../plugins/commands.ts';
import { isProblemCode, Problem, problems, type ProblemCode } from '../../problem.ts';
import { orderEtag } from './order-etag.ts';
import type { OrderBody } from './schemas.ts';

export const orderUrl = (id: string) => `/api/orders/${id}`;

/** The order as an answer, with its version as ETag. */
export function orderAnswer(status: 200 | 201, order: OrderBody): Answer {
  return { status, body: order, headers: { etag: orderEtag(order), ...(status === 201 ? { location: orderUrl(order.id) } : {}) } };
}

/** Taken in, outcome not known yet. Never kept: the same key asks again. */
export function unknownAnswer(id: string): Answer {
  return { status: 202, body: { id, status_url: orderUrl(id) }, headers: { location: orderUrl(id), 'retry-after': '2' } };
}

/** Where a request names the payment method. */
type MethodPointer = '/payment/payment_method' | '/payment_method';

/** What no bank said no to: the provider could not take the request itself. By the code of the decline. */
const notTaken: Record<string, ProblemCode> = {
  payment_method_not_found: 'payment_method_not_found',
  payment_method_invalid: 'payment_method_not_usable',
  payment_method_not_available: 'payment_method_not_usable',
  payment_method_currency_mismatch: 'payment_method_not_usable',
  amount_too_small: 'amount_too_small',
  amount_too_large: 'amount_too_large',
  amount_not_chargeable: 'amount_not_chargeable',
  invalid_currency: 'currency_not_chargeable',
};

/** What placing and paying can be refused with after the provider was asked. */
export const paymentProblems = ['card_declined', ...new Set(Object.values(notTaken))] as const;

/** The order exists all the same, and can be paid again until it expires. */
export function declined(orderId: string, decline: Decline, pointer: MethodPointer = '/payment/payment_method'): Problem {
  const code = notTaken[decline.declineCode ?? decline.code];
  const more = { order_id: orderId, headers: { location: orderUrl(orderId) } };
  if (code) {
    const { title, help } = problems[code];
    const errors = code.startsWith('payment_method') ? [{ pointer, detail: 'is not one that the provider takes for this payment' }] : undefined;
    return new Problem(code, { detail: `${title}. ${help}`, ...(errors ? { errors } : {}), ...more });
  }
  return new Problem('card_declined', {
    detail: declineMessage(decline),
    decline_code: decline.declineCode ?? decline.code,
    ...(decline.adviceCode ? { advice_code: decline.adviceCode } : {}),
    ...more,
  });
}

export function outOfStock(shortages: readonly Shortage[]): Problem {
  return new Problem('out_of_stock', {
    detail: `There is not enough of ${shortages.map(({ sku, available }) => `${sku} (${available} available)`).join(', ')}.`,
    skus: shortages.map(({ sku }) => sku),
    out_of_stock: shortages.map(({ sku, requested, available }) => ({ sku, requested, available })),
  });
}

/** What a refusal tells: its own stable code, and what would be possible. */
export function rejected(rejection: Rejection, order?: Pick<OrderBody, 'id'>): Problem {
  const { refusal, outcome: _, ...rest } = rejection as Rejection & { status?: string; allowed?: string[] };
  const { status, ...members } = rest as Record<string, unknown>;
  const { decline, ...extensions } = members as { decline?: Decline };
  return new Problem(isProblemCode(refusal.code) ? refusal.code : 'illegal_transition', {
    detail: refusal.detail,
    ...(order ? { order_id: order.id } : {}),
    ...(status === undefined ? {} : { order_status: status }),
    ...(decline ? { decline_code: decline.declineCode ?? decline.code } : {}),
    ...extensions,
  });
}

/**
 * How placing or paying went, as an answer. `read` is called only where the order is part of it.
 * @throws {Problem} one of paymentProblems, out_of_stock, illegal_transition, and what else the order refuses
 */
export async function paymentAnswer(
  outcome: PaymentOutcome | Rejection,
  orderId: string,
  status: 200 | 201,
  read: () => Promise<OrderBody>,
  pointer?: MethodPointer,
): Promise<Answer> {
  switch (outcome.outcome) {
    case 'declined':
      throw declined(orderId, outcome, pointer);
    case 'out_of_stock':
      throw outOfStock(outcome.shortages);
    case 'payment_unknown':
      return answerSince(status, await read(), pointer);
    case 'rejected':
      throw rejected(outcome, { id: orderId });
    default:
      return orderAnswer(status, await read());
  }
}

/**
 * The provider owed its answer when the outcome was told, and the same key is told the same again for ever. The order
 * has gone on since: its rows say how.
 * @throws {Problem} one of paymentProblems
 */
export function answerSince(status: 200 | 201, order: OrderBody, pointer?: MethodPointer): Answer {
  if (order.status === 'pending' && ['none', 'unknown'].includes(order.payment_status)) return unknownAnswer(order.id);
  if (order.status === 'pending' && order.payment_status === 'failed') {
    throw declined(order.id, { code: 'card_declined', declineCode: order.payment?.decline_code ?? 'generic_decline' }, pointer);
  }
  return orderAnswer(status, order);
}

/** How any other command went. @throws {Problem} what the order refuses */
export async function commandAnswer(outcome: CommandOutcome | PaymentOutcome, orderId: string, read: () => Promise<OrderBody>): Promise<Answer> {
  if (outcome.outcome === 'done') return orderAnswer(200, await read());
  return paymentAnswer(outcome, orderId, 200, read, '/payment_method');
}
