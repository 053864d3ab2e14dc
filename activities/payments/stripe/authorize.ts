import type Stripe from 'stripe';
import type { AuthorizeRequest, PaymentResult } from '#domain/payments/port.ts';
import { toStripeAmount } from '#domain/payments/stripe-amounts.ts';
import { classify, failureOf } from './classify-error.ts';
import type { StripeContext } from './context.ts';
import { customerFor } from './customers.ts';
import { expandIntent, findLostIntent, metadataKeys } from './find-lost.ts';
import { isVerdict, keyMayBeForgotten, looked, once } from './once.ts';
import { toPaymentResult } from './result.ts';

/** Creates and confirms the one PaymentIntent of a payment attempt, or finds it. */
export async function authorize(context: StripeContext, request: AuthorizeRequest): Promise<PaymentResult> {
  const amount = toStripeAmount(request.amount, request.currency);
  if (amount === undefined) return { outcome: 'declined', code: 'amount_not_chargeable' };
  const params = intentParams(context, { ...request, amount }, await customerFor(context, request));
  const intent = await once<Stripe.PaymentIntent>({
    key: request.idempotencyKey,
    send: (options) => context.client.paymentIntents.create(params, options),
    find: () => findLostIntent(context, request),
    lookFirst: keyMayBeForgotten(request.requestedAt, context.now()),
  });
  if (!isVerdict(intent)) return toPaymentResult(context, await confirmed(context, request, intent), request.paymentId);
  if (intent.kind === 'refused') throw failureOf(intent);
  return { outcome: 'declined', ...(intent.intentId ? { providerRef: intent.intentId } : {}), ...intent.decline };
}

/** @param request its amount in Stripe's units */
function intentParams(
  context: StripeContext,
  request: AuthorizeRequest,
  customer: string | undefined,
): Stripe.PaymentIntentCreateParams {
  const { capabilities } = context;
  const { paymentMethod } = request;
  return {
    amount: request.amount,
    currency: request.currency.toLowerCase(),
    capture_method: request.captureMethod,
    metadata: { [metadataKeys.order]: request.orderId, [metadataKeys.payment]: request.paymentId },
    expand: expandIntent,
    // Redirect methods would need a page of the shop to come back to.
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    // Whether the card has it is known when it is authorised: the charge says so (see toPaymentResult).
    ...(capabilities.multicapture ? { payment_method_options: { card: { request_multicapture: 'if_available' } } } : {}),
    ...(customer ? { customer } : {}),
    ...(request.saveMethod ? { setup_future_usage: 'off_session' } : {}),
    ...(paymentMethod ? { confirm: true, payment_method: paymentMethod, ...confirmParams(context, request) } : {}),
  };
}

/** Where the customer is, and where an authentication leads back to. */
function confirmParams({ settings }: StripeContext, { offSession }: AuthorizeRequest): { off_session?: boolean; return_url?: string } {
  if (offSession) return { off_session: true };
  return settings.returnUrl ? { return_url: settings.returnUrl } : {};
}

/** A 5xx may have come between creating and confirming: what was found is confirmed then. */
async function confirmed(context: StripeContext, request: AuthorizeRequest, intent: Stripe.PaymentIntent): Promise<Stripe.PaymentIntent> {
  if (intent.status !== 'requires_confirmation' || !request.paymentMethod) return intent;
  const { paymentIntents } = context.client;
  try {
    return await paymentIntents.confirm(
      intent.id,
      { expand: expandIntent, ...confirmParams(context, request) },
      { idempotencyKey: `${request.idempotencyKey}/confirm` },
    );
  } catch (error) {
    const verdict = classify(error);
    // The intent itself says what became of it; it is read, never guessed from the error.
    if (verdict.kind === 'failure') throw verdict.failure;
    return looked(() => paymentIntents.retrieve(intent.id, { expand: expandIntent }));
  }
}
