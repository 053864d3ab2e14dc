import { CancelledFailure } from '@temporalio/common';
import type { PaymentActivities, PaymentProvider, PaymentRef } from '#domain/payments/port.ts';
import type { Database } from '#entities/database.ts';
import type { KeyRing } from '#platform/keyring.ts';
import type { Logger } from '#platform/logger.ts';
import { createConnections } from './connections.ts';
import { activityContext } from './pause.ts';
import type { StripeSettings } from './stripe/client.ts';

export interface PaymentDeps {
  database: Database;
  keyRing: KeyRing;
  stripe: StripeSettings;
  logger: Logger;
  /** The time, which decides whether a provider still knows a key; default is the machine's. */
  clock?: () => Date;
}

/**
 * The payment port as activities: each goes to the provider behind the request's connection.
 *
 * A cancelled activity sends nothing more, but a call that is under way is waited for (at most its time-out): to
 * know what became of money is worth more than to end a few seconds sooner.
 */
export function createPaymentActivities(deps: PaymentDeps): PaymentActivities {
  const providerOf = createConnections(deps);
  const ask = async <R extends PaymentRef, T extends { outcome: string }>(
    operation: string,
    request: R,
    call: (provider: PaymentProvider) => Promise<T>,
  ): Promise<T> => {
    if (activityContext()?.cancellationSignal.aborted) throw new CancelledFailure('Cancelled before the provider was asked');
    const started = performance.now();
    const { orderId, paymentId, connectionId } = request;
    const about = { operation, orderId, paymentId, connectionId };
    const ms = () => Math.round(performance.now() - started);
    try {
      const result = await call(await providerOf(request.scope, connectionId));
      deps.logger.debug({ ...about, outcome: result.outcome, ms: ms() }, 'the provider answered');
      return result;
    } catch (error) {
      const { type, message } = error as { type?: string; message: string };
      deps.logger.warn({ ...about, failure: type ?? 'unexpected', message, ms: ms() }, 'the provider gave no outcome');
      throw error;
    }
  };
  return {
    authorizePayment: (request) => ask('authorize', request, (provider) => provider.authorize(request)),
    capturePayment: (request) => ask('capture', request, (provider) => provider.capture(request)),
    undoPayment: (request) => ask('undo', request, (provider) => provider.undo(request)),
    refundPayment: (request) => ask('refund', request, (provider) => provider.refund(request)),
    retrievePayment: (ref) => ask('retrieve', ref, (provider) => provider.retrieve(ref)),
    retrieveRefund: (ref) => ask('retrieve_refund', ref, (provider) => provider.retrieveRefund(ref)),
  };
}
