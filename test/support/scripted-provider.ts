import type { AuthorizeRequest, Decline, PaymentActivities, PaymentRef, PaymentResult, RefundRef, RefundResult } from '#domain/payments/port.ts';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';

/** What the next call does instead of what it would do by itself. */
export type Scripted =
  | ({ say: 'declined' } & Decline)
  | { say: 'requires_action' }
  | { say: 'processing' }
  /** No answer; with `effect`, it was done all the same. */
  | { say: 'unknown'; effect?: boolean }
  /** The answer takes so long (real time); a cancellation cuts it short, before or after the effect. */
  | { say: 'slow'; ms: number; effect?: boolean }
  | { say: 'failed'; code: string }
  | { say: 'pending' };

type Method = keyof PaymentActivities;

interface FakePayment {
  ref: string;
  status: 'requires_action' | 'processing' | 'authorized' | 'captured' | 'canceled' | 'declined';
  authorized: number;
  captured: number;
  refunded: number;
  captureBefore: string;
}

/** A payment provider in memory that keeps state and keys, and does what a test tells it to. */
export class ScriptedProvider implements PaymentActivities {
  readonly calls: { method: Method; key?: string }[] = [];
  readonly payments = new Map<string, FakePayment>();
  readonly refunds = new Map<string, RefundResult & { paymentId: string }>();
  /** Refunds by which payments were undone, oldest first. */
  readonly undone: string[] = [];
  readonly #script = new Map<Method, Scripted[]>();
  readonly #answers = new Map<string, unknown>();
  readonly #away = new Set<Method>();
  #numbers = 0;
  multicapture = false;
  /** The account has multicapture, but the customer's card has not. */
  cardIsCapturedOnce = false;
  /** How long an authorisation lasts from now. */
  authorizationDays = 7;

  /** The next calls of a method, in turn. */
  next(method: Method, ...scripted: Scripted[]): void {
    this.#script.set(method, [...(this.#script.get(method) ?? []), ...scripted]);
  }

  /** Gives no answer to a method until it is back. */
  away(method: Method, away = true): void {
    if (away) this.#away.add(method);
    else this.#away.delete(method);
  }

  keys(method: Method): string[] {
    return [...new Set(this.calls.filter((call) => call.method === method).map(({ key }) => key ?? ''))];
  }

  count(method: Method): number {
    return this.calls.filter((call) => call.method === method).length;
  }

  /** The customer passes or fails the bank's authentication. */
  authenticate(paymentId: string, passed = true): void {
    this.#of(paymentId).status = passed ? 'authorized' : 'declined';
  }

  /** The bank lets the authorisation end: what was taken stays taken. */
  lapse(paymentId: string): void {
    const payment = this.#of(paymentId);
    payment.status = payment.captured > 0 ? 'captured' : 'canceled';
  }

  authorizePayment: PaymentActivities['authorizePayment'] = (request) =>
    this.#answer('authorizePayment', request.idempotencyKey, (scripted) => this.#authorize(request, scripted));

  capturePayment: PaymentActivities['capturePayment'] = (request) =>
    this.#answer('capturePayment', request.idempotencyKey, (scripted) => {
      if (scripted?.say === 'failed') return { outcome: 'failed', code: scripted.code };
      const payment = this.#of(request.paymentId);
      // What has ended takes no more: it answers with what it took, or that it is gone.
      if (payment.status === 'captured') return { outcome: 'captured', capturedAmount: payment.captured };
      if (payment.status !== 'authorized') return { outcome: 'failed', code: 'authorization_expired' };
      if (this.cardIsCapturedOnce && !request.final) return { outcome: 'failed', code: 'parameter_invalid' };
      payment.captured += request.amount;
      if (request.final || !this.multicapture) payment.status = 'captured';
      return { outcome: 'captured', capturedAmount: payment.captured };
    });

  undoPayment: PaymentActivities['undoPayment'] = (request) =>
    this.#answer('undoPayment', request.idempotencyKey, () => {
      const payment = this.payments.get(request.paymentId);
      if (!payment) return { outcome: 'absent' };
      const amount = payment.captured - payment.refunded;
      payment.status = 'canceled';
      payment.refunded = payment.captured;
      const { captured } = payment;
      if (captured === 0) return { outcome: 'voided' };
      const refundRef = amount > 0 ? this.#ref('re') : '';
      if (amount > 0) {
        this.refunds.set(refundRef, { outcome: 'succeeded', refundRef, amount, paymentId: request.paymentId });
        this.undone.push(refundRef);
      }
      return { outcome: 'refunded', refundRef, captured, refunded: captured };
    });

  refundPayment: PaymentActivities['refundPayment'] = (request) =>
    this.#answer('refundPayment', request.idempotencyKey, (scripted) => {
      const outcome = scripted?.say === 'failed' || scripted?.say === 'pending' ? scripted.say : 'succeeded';
      const refund: RefundResult = {
        outcome, refundRef: this.#ref('re'), amount: request.amount, ...(scripted?.say === 'failed' ? { failureCode: scripted.code } : {}),
      };
      if (outcome !== 'failed') this.#of(request.paymentId).refunded += request.amount;
      this.refunds.set(refund.refundRef, { ...refund, paymentId: request.paymentId });
      return refund;
    });

  retrievePayment = (request: PaymentRef): Promise<PaymentResult> => this.#answer('retrievePayment', undefined, () => this.#seen(request.paymentId));

  retrieveRefund = (request: RefundRef): Promise<RefundResult> =>
    this.#answer('retrieveRefund', undefined, () => {
      const { paymentId: _, ...refund } = this.refunds.get(request.refundRef)!;
      return refund;
    });

  /** A refund ends otherwise than it was first told. */
  settleRefund(refundRef: string, outcome: RefundResult['outcome'], failureCode?: string): void {
    const refund = this.refunds.get(refundRef)!;
    if (outcome === 'failed' && refund.outcome !== 'failed') this.#of(refund.paymentId).refunded -= refund.amount;
    this.refunds.set(refundRef, { ...refund, outcome, ...(failureCode ? { failureCode } : {}) });
  }

  /** Somebody captures all of it in the provider's own dashboard. */
  captureByHand(paymentId: string): void {
    const payment = this.#of(paymentId);
    payment.captured = payment.authorized;
    payment.status = 'captured';
  }

  /** Somebody refunds in the provider's own dashboard. */
  refundByHand(paymentId: string, amount: number): string {
    const refundRef = this.#ref('re');
    this.#of(paymentId).refunded += amount;
    this.refunds.set(refundRef, { outcome: 'succeeded', refundRef, amount, paymentId });
    return refundRef;
  }

  #authorize(request: AuthorizeRequest, scripted: Scripted | undefined): PaymentResult {
    const ref = this.#ref('pi');
    const payment: FakePayment = {
      ref, status: 'authorized', authorized: request.amount, captured: 0, refunded: 0,
      captureBefore: new Date(Context.current().info.scheduledTimestampMs + this.authorizationDays * 86_400_000).toISOString(),
    };
    this.payments.set(request.paymentId, payment);
    if (scripted?.say === 'declined') {
      const { say: _, ...decline } = scripted;
      payment.status = 'declined';
      return { outcome: 'declined', providerRef: ref, ...decline };
    }
    if (scripted?.say === 'requires_action' || scripted?.say === 'processing') payment.status = scripted.say;
    else if (request.captureMethod === 'automatic') {
      payment.captured = request.amount;
      payment.status = 'captured';
    }
    const saved = request.saveMethod || request.offSession ? { savedMethod: 'pm_saved' } : {};
    const seen = this.#seen(request.paymentId);
    return seen.outcome === 'authorized' || seen.outcome === 'captured' ? { ...seen, ...saved } : seen;
  }

  #seen(paymentId: string): PaymentResult {
    const payment = this.payments.get(paymentId);
    if (!payment) return { outcome: 'absent' };
    const { ref: providerRef, status, authorized, captured, refunded, captureBefore } = payment;
    switch (status) {
      case 'authorized':
        return { outcome: 'authorized', providerRef, authorizedAmount: authorized, captureBefore, ...(this.cardIsCapturedOnce ? { multicapture: false } : {}) };
      case 'captured':
        return { outcome: 'captured', providerRef, capturedAmount: captured, refundedAmount: refunded };
      case 'requires_action':
        return { outcome: 'requires_action', providerRef, nextActionSealed: 'sealed' };
      case 'declined':
        return { outcome: 'declined', providerRef, code: 'payment_intent_authentication_failure' };
      case 'processing':
      case 'canceled':
        return { outcome: status, providerRef };
    }
  }

  async #answer<T>(method: Method, key: string | undefined, effect: (scripted: Scripted | undefined) => T): Promise<T> {
    this.calls.push({ method, ...(key ? { key } : {}) });
    const scripted = this.#script.get(method)?.shift();
    const once = (): T => {
      if (!key) return effect(scripted);
      if (!this.#answers.has(key)) this.#answers.set(key, effect(scripted));
      return this.#answers.get(key) as T;
    };
    if (scripted?.say === 'unknown' || this.#away.has(method)) {
      if (scripted?.say === 'unknown' && scripted.effect) once();
      throw ApplicationFailure.retryable('No answer', 'ProviderOutcomeUnknown');
    }
    if (scripted?.say === 'slow') {
      if (scripted.effect) once();
      await slowly(scripted.ms);
    }
    return once();
  }

  #of(paymentId: string): FakePayment {
    const payment = this.payments.get(paymentId);
    if (!payment) throw new Error(`The provider has no payment ${paymentId}`);
    return payment;
  }

  #ref(prefix: string): string {
    this.#numbers += 1;
    return `${prefix}_${this.#numbers}`;
  }
}

/** Waits as a call on the wire does, hearing of a cancellation by its heartbeats. */
async function slowly(ms: number): Promise<void> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), 100);
  try {
    await context.sleep(ms);
  } finally {
    clearInterval(beat);
  }
}
