import { MoneyError } from '../money.ts';
import { fromStripeAmount } from '../payments/stripe-amounts.ts';
import { meaningOf, type EventMeaning } from './stripe-events.ts';

/** The parts of a Stripe event that are looked at; everything else is stored and left alone. */
export interface StripeEvent {
  id: string;
  type: string;
  /** Unix seconds. */
  created: number;
  request?: { idempotency_key?: string | null } | null;
  data: { object: Record<string, unknown> };
}

/** What an event claims about a payment. Stripe's own words for `status`. */
export interface Claim {
  meaning: Exclude<EventMeaning, 'log'>;
  /** The PaymentIntent. */
  paymentRef?: string;
  /** Our ids, where the object carries them. */
  paymentId?: string;
  refundId?: string;
  /** The refund's id at Stripe, for `refund`. */
  refundRef?: string;
  /** The dispute and when Stripe made the event, ISO 8601, for `dispute`. */
  dispute?: { ref: string; at: string };
  status: string;
  /** Minor units by ISO 4217. */
  amountReceived: number;
}

/** The id of the object that an event is about. */
export function objectIdOf(event: StripeEvent): string | null {
  return text(event.data.object.id) ?? null;
}

/** What a stored event claims; undefined when it is only kept. */
export function claimOf(event: StripeEvent): Claim | undefined {
  const meaning = meaningOf(event.type);
  if (meaning === 'log') return undefined;
  const { object } = event.data;
  const metadata = (object.metadata ?? {}) as Record<string, unknown>;
  const paymentRef = idOf(meaning === 'payment' ? object.id : object.payment_intent);
  const paymentId = text(metadata.perdura_payment);
  const refundId = text(metadata.perdura_refund);
  return {
    meaning,
    status: text(object.status) ?? '',
    amountReceived: amountReceived(object),
    ...(paymentRef ? { paymentRef } : {}),
    ...(paymentId ? { paymentId } : {}),
    ...(refundId ? { refundId } : {}),
    ...(meaning === 'refund' && text(object.id) ? { refundRef: text(object.id)! } : {}),
    ...(meaning === 'dispute' ? { dispute: { ref: text(object.id) ?? '', at: new Date(event.created * 1000).toISOString() } } : {}),
  };
}

/**
 * True when a request of ours caused the event: whoever sent it is about to record what it did. A dispute is the
 * bank's doing, even where a test card opens it with our capture.
 */
export function isOurDoing(event: StripeEvent): boolean {
  if (meaningOf(event.type) === 'dispute') return false;
  return /^(order|refund|late-payment-event)\//.test(event.request?.idempotency_key ?? '');
}

/** An id, or the id of an expanded object. */
function idOf(value: unknown): string | undefined {
  return text(value) ?? text((value as { id?: unknown } | null)?.id);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A part of a minor unit was never asked for by us: such an event is kept like any other, and tells of no money of ours. */
function amountReceived({ amount_received: amount, currency }: Record<string, unknown>): number {
  if (typeof amount !== 'number') return 0;
  try {
    return fromStripeAmount(amount, text(currency) ?? '');
  } catch (error) {
    if (error instanceof MoneyError) return 0;
    throw error;
  }
}
