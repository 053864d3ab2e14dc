import { failure } from '#activities/failure.ts';
import type { Decline } from '#domain/payments/port.ts';
import { ApplicationFailure } from '@temporalio/common';
import Stripe from 'stripe';

const { errors } = Stripe;

/** The issuer or Stripe said no: a business answer. */
export function isDecline(error: unknown): error is Stripe.errors.StripeCardError {
  return error instanceof errors.StripeCardError;
}

/** Codes of a decline, as Stripe documents them (https://docs.stripe.com/declines/codes). */
export function declineOf(error: Pick<Stripe.errors.StripeError, 'code' | 'decline_code' | 'advice_code'>): Decline {
  return {
    code: error.code ?? 'card_declined',
    ...(error.decline_code ? { declineCode: error.decline_code } : {}),
    ...(error.advice_code ? { adviceCode: error.advice_code } : {}),
  };
}

/** An invalid request of this code: a state or an object that isn't as we thought, never a decline. */
export function isInvalid(error: unknown, ...codes: string[]): error is Stripe.errors.StripeInvalidRequestError {
  return error instanceof errors.StripeInvalidRequestError && codes.includes(error.code ?? '');
}

/**
 * A 5xx that Stripe stored under our key comes back for 24 hours whatever we do: this is one of those, so asking
 * again is no use and a look-up has to decide.
 */
export function isReplayedFailure(error: unknown): boolean {
  return error instanceof errors.StripeError && (error.statusCode ?? 0) >= 500 && error.headers?.['idempotent-replayed'] === 'true';
}

/** What is not an answer, as a failure that Temporal retries by the table in domain/names/failures.ts. */
export function unanswered(error: unknown): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  if (!(error instanceof errors.StripeError)) return failure('ProviderOutcomeUnknown', 'The call to Stripe broke off', { cause: error });
  const said = `${error.type} ${error.code ?? ''} (request ${error.requestId ?? 'unknown'})`;
  if (error instanceof errors.StripeRateLimitError || ['lock_timeout', 'idempotency_key_in_use'].includes(error.code ?? '')) {
    const seconds = Number(error.headers?.['retry-after']);
    return failure('ProviderRateLimited', `Stripe asks to slow down: ${said}`, { retryAfterMs: seconds > 0 ? seconds * 1000 : 1000 });
  }
  if (error instanceof errors.StripeAuthenticationError || error instanceof errors.StripePermissionError) {
    return failure('ProviderMisconfigured', `Stripe refuses the connection's credentials: ${said}`, { retryAfterMs: 60_000 });
  }
  if (error instanceof errors.StripeIdempotencyError) return failure('IdempotencyConflict', `One key, two requests: ${said}`);
  if (error instanceof errors.StripeInvalidRequestError) return failure('ProviderRefusedRequest', `Stripe calls the request invalid: ${said}`);
  return failure('ProviderOutcomeUnknown', `Stripe gave no answer: ${said}`);
}
