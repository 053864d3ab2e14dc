import type { PaymentProvider } from '#domain/payments/port.ts';
import { authorize } from './authorize.ts';
import { capture } from './capture.ts';
import type { StripeContext } from './context.ts';
import { refund } from './refund.ts';
import { retrieve, retrieveRefund } from './retrieve.ts';
import { undo } from './undo.ts';

/** The payment port on one Stripe account. */
export function createStripeProvider(context: StripeContext): PaymentProvider {
  return {
    authorize: (request) => authorize(context, request),
    capture: (request) => capture(context, request),
    undo: (request) => undo(context, request),
    refund: (request) => refund(context, request),
    retrieve: (ref) => retrieve(context, ref),
    retrieveRefund: (ref) => retrieveRefund(context, ref),
  };
}
