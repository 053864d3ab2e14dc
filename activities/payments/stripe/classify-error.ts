import { ApplicationFailure } from '@temporalio/common';
import Stripe from 'stripe';
import type { Decline } from '#domain/payments/port.ts';
import { failure } from '../failure.ts';

/** What an error of the official client means for us. */
export type Verdict =
  /** Stripe, the bank or Stripe's check of the customer's input said no. */
  | { kind: 'declined'; decline: Decline; intentId?: string }
  /** The object is in a state that forbids this, or isn't there. */
  | { kind: 'refused'; code: string; label: string }
  /** The stored answer of an earlier try is a 5xx: the same key will say so for ever, and a look-up must decide. */
  | { kind: 'burned' }
  | { kind: 'key_conflict' }
  /** Infrastructure: thrown as it is. */
  | { kind: 'failure'; failure: ApplicationFailure };

const misconfiguredDelayMs = 60_000;
const rateLimitedDelayMs = 2_000;

/** Codes with which Stripe refuses what the customer or the order brought along, not how we asked. */
const wrongInput = new Set(['amount_too_small', 'amount_too_large', 'payment_method_currency_mismatch', 'payment_method_not_available', 'invalid_currency']);

export function classify(error: unknown): Verdict {
  if (error instanceof ApplicationFailure) return { kind: 'failure', failure: error };
  if (!(error instanceof Stripe.errors.StripeError)) throw error;
  const { code, statusCode, requestId } = error;
  const label = `Stripe ${statusCode ?? 'gave no answer'}${code ? ` ${code}` : ''}${requestId ? ` (${requestId})` : ''}`;
  if (error instanceof Stripe.errors.StripeCardError) return declinedByCard(error);
  if (error instanceof Stripe.errors.StripeRateLimitError || code === 'lock_timeout') {
    return fail('ProviderRateLimited', label, retryAfterMs(error) ?? rateLimitedDelayMs);
  }
  if (error instanceof Stripe.errors.StripeAuthenticationError || error instanceof Stripe.errors.StripePermissionError) {
    return fail('ProviderMisconfigured', label, misconfiguredDelayMs);
  }
  // A request under the same key is still running: wait for its answer.
  if (statusCode === 409) return fail('ProviderBusy', label);
  if (error instanceof Stripe.errors.StripeIdempotencyError) return { kind: 'key_conflict' };
  if (error instanceof Stripe.errors.StripeInvalidRequestError) return refusedRequest(error, label);
  if (isReplayed(error)) return { kind: 'burned' };
  return fail('ProviderOutcomeUnknown', label, retryAfterMs(error));
}

/** The failure that an operation ends with when nothing more can be made of the verdict. */
export function failureOf(verdict: Verdict): ApplicationFailure {
  switch (verdict.kind) {
    case 'failure':
      return verdict.failure;
    case 'burned':
      return failure('ProviderOutcomeUnknown', 'Stripe repeats an earlier 5xx for this key');
    case 'key_conflict':
      return failure('IdempotencyConflict', 'Stripe knows the idempotency key with other parameters');
    case 'refused':
      return failure('ProviderRefusedRequest', `Stripe refuses: ${verdict.label}`);
    case 'declined':
      return failure('ProviderRefusedRequest', `Stripe declines: ${verdict.decline.code}`);
  }
}

function declinedByCard(error: Stripe.errors.StripeCardError): Verdict {
  const intentId = (error.payment_intent as { id?: string } | undefined)?.id;
  return {
    kind: 'declined',
    decline: declineFrom(error),
    ...(intentId ? { intentId } : {}),
  };
}

/** The documented codes of a decline, from an error or a PaymentIntent's last one. */
export function declineFrom(error: { code?: string; decline_code?: string; advice_code?: string }): Decline {
  return {
    code: error.code ?? 'card_declined',
    ...(error.decline_code ? { declineCode: error.decline_code } : {}),
    ...(error.advice_code ? { adviceCode: error.advice_code } : {}),
  };
}

function refusedRequest(error: Stripe.errors.StripeInvalidRequestError, label: string): Verdict {
  const { code = 'invalid_request', param } = error;
  if (param === 'payment_method' && code === 'resource_missing') return { kind: 'declined', decline: { code: 'payment_method_not_found' } };
  if (param === 'payment_method' || code.startsWith('payment_method_unactivated')) return { kind: 'declined', decline: { code: 'payment_method_invalid' } };
  if (code === 'invalid_charge_amount_no_decimal_compatible') return { kind: 'declined', decline: { code: 'amount_not_chargeable' } };
  if (wrongInput.has(code)) return { kind: 'declined', decline: { code } };
  return { kind: 'refused', code, label: param ? `${label}, parameter ${param}` : label };
}

function fail(type: Parameters<typeof failure>[0], message: string, delayMs?: number): Verdict {
  return { kind: 'failure', failure: failure(type, message, delayMs === undefined ? {} : { delayMs }) };
}

/** https://docs.stripe.com/api/idempotent_requests: the answer was stored by an earlier request with this key. */
function isReplayed(error: Stripe.errors.StripeError): boolean {
  return error.headers?.['idempotent-replayed'] === 'true';
}

function retryAfterMs(error: Stripe.errors.StripeError): number | undefined {
  const seconds = Number(error.headers?.['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 3600) * 1000 : undefined;
}
