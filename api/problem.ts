/** One field that was not accepted: where (RFC 6901 pointer into the body, or `?name` for a query parameter) and why. */
export interface FieldError {
  pointer: string;
  detail: string;
}

interface ProblemKind {
  status: number;
  title: string;
  /** What the client can do about it: published in the documentation. */
  help: string;
}

/**
 * Every code that an answer can carry. The one table: code → HTTP status, title, help. A code never changes its
 * meaning; clients branch on it, not on words.
 */
export const problems = {
  malformed_request: { status: 400, title: 'The request could not be read', help: 'Send well-formed JSON with Content-Type: application/json.' },
  idempotency_key_required: { status: 400, title: 'Idempotency-Key is missing', help: 'Send an Idempotency-Key of 1 to 255 visible ASCII characters; use the same one when you try the same request again.' },
  unauthenticated: { status: 401, title: 'The API key is missing or not valid', help: 'Send Authorization: Bearer sk_… with a key that is neither expired nor revoked.' },
  card_declined: { status: 402, title: 'The payment was declined', help: 'Show detail to the customer; another payment method can be tried on the same order.' },
  forbidden: { status: 403, title: 'The key does not allow this', help: 'Use a key that carries the scope named in required_scopes.' },
  not_found: { status: 404, title: 'Not found', help: 'Check the id, and that the key belongs to the same tenant and mode.' },
  method_not_allowed: { status: 405, title: 'This path does not take that method', help: 'Use one of the methods in Allow.' },
  request_timeout: { status: 408, title: 'The request took too long to arrive', help: 'Send it again, all of it within 30 seconds.' },
  conflict: { status: 409, title: 'Conflicts with what exists', help: 'Read the detail; change the request or the other resource.' },
  already_exists: { status: 409, title: 'There is one already', help: 'Use the one that exists, or another value where it must be unique.' },
  sku_taken: { status: 409, title: 'The SKU is taken', help: 'Use another SKU, or change the variant that has it.' },
  in_use: { status: 409, title: 'Something still needs it', help: 'Read the detail: it says what to end or to switch first.' },
  stock_below_reserved: { status: 409, title: 'Orders have reserved this stock', help: 'Take no more than what is available: on_hand less reserved.' },
  request_in_progress: { status: 409, title: 'The same request is still running', help: 'Wait for Retry-After seconds, then send it again with the same key.' },
  out_of_stock: { status: 409, title: 'Out of stock', help: 'Order less of the SKUs in out_of_stock, or wait until they are stocked again.' },
  illegal_transition: { status: 409, title: 'The order is not in a state that allows this', help: 'Use one of allowed, or wait until the order is in another state.' },
  order_busy: { status: 409, title: 'The order is busy', help: 'Something else is being done to this order; try again shortly with a new key.' },
  already_shipped: { status: 409, title: 'A part of the order has left', help: 'Refund or return it instead of cancelling.' },
  payment_pending: { status: 409, title: 'A payment is under way', help: 'Wait for the outcome of the payment before paying again.' },
  payment_method_missing: { status: 409, title: 'There is no payment method to charge', help: 'Give a payment_method.' },
  nothing_to_capture: { status: 409, title: 'Nothing is left to capture', help: 'Read the order: its authorisation is used up, voided or has lapsed.' },
  nothing_to_refund: { status: 409, title: 'Nothing is left to refund', help: 'Cancel the order to release an authorisation; what was refunded is in refunds.' },
  nothing_to_resolve: { status: 409, title: 'The order waits for nobody', help: 'Only an order with attention can be resolved.' },
  lines_not_movable: { status: 409, title: 'There are not that many units', help: 'See lines: movable says how many can take this step.' },
  amount_too_high: { status: 409, title: 'The amount is too high', help: 'Give at most refundable.' },
  capture_failed: { status: 409, title: 'The payment could not be captured', help: 'Read the order: the authorisation may have lapsed; let the customer pay again.' },
  refund_failed: { status: 409, title: 'The refund was refused', help: 'Read the order and its attention; refund by another way if the provider refuses.' },
  precondition_failed: { status: 412, title: 'It has changed since you read it', help: 'Read it again and send the new ETag as If-Match.' },
  payload_too_large: { status: 413, title: 'The body is too large', help: 'Send less at once.' },
  unsupported_media_type: { status: 415, title: 'This content type is not understood', help: 'Send the body as one of the types in Accept: application/json, or text/csv for imports.' },
  validation_failed: { status: 422, title: 'Some fields are not valid', help: 'See errors: each names a field and what is wrong with it.' },
  file_not_readable: { status: 422, title: 'The file could not be read', help: 'Send UTF-8 CSV whose first line names the columns of the documentation.' },
  payment_method_not_found: { status: 422, title: 'The provider knows no such payment method', help: 'Check payment_method, and that it belongs to the account and mode of the connection; then pay the same order with another.' },
  payment_method_not_usable: { status: 422, title: 'The provider does not take this payment method', help: 'Pay the same order with another payment method: this one is used up, another customer\'s, or not for this currency.' },
  amount_too_small: { status: 422, title: 'The amount is below the least that the provider takes', help: 'Cancel the order and place one that comes to more; Stripe takes the worth of about 0.50 USD and more.' },
  amount_too_large: { status: 422, title: 'The amount is above the most that the provider takes', help: 'Cancel the order and place several that each come to less.' },
  amount_not_chargeable: { status: 422, title: 'The provider can\'t charge this amount to the last unit', help: 'Cancel the order and place one whose total the provider can charge: KWD and its like in steps of ten units, MGA in whole ariary.' },
  currency_not_chargeable: { status: 422, title: 'The provider does not charge in this currency', help: 'Cancel the order and place one in another currency, or with another connection.' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key was used for another request', help: 'Use a new key for a new request.' },
  precondition_required: { status: 428, title: 'If-Match is missing', help: 'Read the resource and send its ETag as If-Match, so that no change is lost.' },
  rate_limited: { status: 429, title: 'Too many requests', help: 'Wait for Retry-After seconds.' },
  headers_too_large: { status: 431, title: 'The address and headers are too large', help: 'Keep the address and all headers together below 16 KiB.' },
  internal_error: { status: 500, title: 'Something went wrong on our side', help: 'Try again with the same Idempotency-Key; give the request id when you ask for help.' },
  unavailable: { status: 503, title: 'Not available right now', help: 'Wait for Retry-After seconds and try again with the same Idempotency-Key.' },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problems;

export const problemCodes = Object.keys(problems) as ProblemCode[];

export function isProblemCode(value: string): value is ProblemCode {
  return Object.hasOwn(problems, value);
}

export interface ProblemOptions {
  /** What went wrong in this case and what to do, for people. Never SQL, a stack or a provider's text in a 5xx. */
  detail?: string;
  errors?: FieldError[];
  headers?: Record<string, string>;
  cause?: unknown;
  /** Members of the problem of their own, such as `order_id`: snake_case. */
  [extension: string]: unknown;
}

/** An answer that is not a success, as RFC 9457 describes it. Thrown by handlers, rendered in one place. */
export class Problem extends Error {
  override name = 'Problem';
  readonly code: ProblemCode;
  readonly status: number;
  readonly detail: string;
  readonly errors: FieldError[] | undefined;
  readonly headers: Record<string, string>;
  readonly extensions: Record<string, unknown>;

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    const { detail, errors, headers, cause, ...extensions } = options;
    super(detail ?? problems[code].help, { cause });
    this.code = code;
    this.status = problems[code].status;
    this.detail = this.message;
    this.errors = errors;
    this.headers = headers ?? {};
    this.extensions = extensions;
  }
}

/** The URL that names a problem: it resolves to its entry in the documentation. */
export function problemType(code: ProblemCode): string {
  return `https://perdura.dev/problems/${code}`;
}

/** The members of `application/problem+json`, without what belongs to one request (`instance`, `request_id`). */
export function problemBody(problem: Problem): Record<string, unknown> {
  return {
    type: problemType(problem.code),
    title: problems[problem.code].title,
    status: problem.status,
    detail: problem.detail,
    code: problem.code,
    ...(problem.errors ? { errors: problem.errors } : {}),
    ...problem.extensions,
  };
}
