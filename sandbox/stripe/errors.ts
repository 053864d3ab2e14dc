import type { ApiError } from './types.ts';

/**
 * How far a request got. `validation`: nothing is kept, not even the answer for its Idempotency-Key.
 * `execution`: the answer is kept. `effect`: so is what was written, e.g. a declined charge.
 */
export type Stage = 'validation' | 'execution' | 'effect';

/** An answer other than success, in Stripe's shape. Thrown by handlers, rendered by the router. */
export class StripeError extends Error {
  readonly status: number;
  readonly error: ApiError;
  readonly stage: Stage;

  constructor(status: number, error: ApiError, stage: Stage = 'execution') {
    super(error.message);
    this.status = status;
    this.error = error.code ? { ...error, doc_url: docUrl(error.code) } : error;
    this.stage = stage;
  }
}

/** Stripe's documentation page of an error code. */
export const docUrl = (code: string): string =>
  `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`;

/** A parameter that does not fit (400, never stored for the key). */
export const invalidParam = (message: string, param?: string, code?: string): StripeError =>
  new StripeError(
    400,
    { ...(code && { code }), message, ...(param && { param }), type: 'invalid_request_error' },
    'validation',
  );

/** A required parameter that is absent (400). */
export const missingParam = (param: string): StripeError =>
  invalidParam(`Missing required param: ${param}.`, param, 'parameter_missing');

/** A request that the state of its object forbids (400, stored for the key). */
export const invalidState = (code: string | undefined, message: string, extra: Partial<ApiError> = {}): StripeError =>
  new StripeError(400, { ...(code && { code }), message, ...extra, type: 'invalid_request_error' });

/** An id that the account does not have: 404 in the path, 400 in a parameter. */
export const noSuch = (type: string, id: string, param: string, status: 400 | 404 = 400): StripeError =>
  new StripeError(status, {
    code: 'resource_missing',
    message: `No such ${type.replace('_', '')}: '${id}'`.replace('paymentintent', 'payment_intent'),
    param,
    type: 'invalid_request_error',
  });
