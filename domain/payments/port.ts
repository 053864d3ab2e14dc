import type { TenantRef } from '../tenant.ts';

/**
 * The payment-provider port: what every provider can be asked, in the words of the order's workflow. A business
 * answer (declined, needs action) is a result; only infrastructure throws, and then Temporal tries again with
 * the same idempotency key. Amounts are minor units; instants are ISO 8601 UTC.
 */
export interface PaymentProvider {
  /** Reserves (manual capture) or takes (automatic capture) money. */
  authorize(request: AuthorizeRequest): Promise<PaymentResult>;
  /** Takes reserved money; repeating it for the same key takes nothing more. */
  capture(request: CaptureRequest): Promise<CaptureResult>;
  /** Undoes a payment whatever became of it: voids what is reserved, refunds what was taken, finds what got lost. */
  undo(request: UndoRequest): Promise<UndoResult>;
  /** Gives taken money back. */
  refund(request: RefundRequest): Promise<RefundResult>;
  /** How the payment stands at the provider now. */
  retrieve(request: PaymentRef): Promise<PaymentResult>;
  /** How a refund stands at the provider now. */
  retrieveRefund(request: RefundRef): Promise<RefundResult>;
}

/**
 * What a provider (or this account at it) can do. Without `multicapture` an authorisation can be captured once;
 * what is left is released by the provider.
 */
export interface ProviderCapabilities {
  multicapture: boolean;
  incrementalAuthorization: boolean;
  delayedMethods: boolean;
}

/** Names one payment at a provider. `providerRef` is absent as long as its outcome was never seen. */
export interface PaymentRef {
  scope: TenantRef;
  connectionId: string;
  orderId: string;
  /** Our id; it travels in the provider's metadata, so that a lost payment can be found. */
  paymentId: string;
  providerRef?: string;
  /** Our customer, when known: narrows the search for a lost payment. */
  customerId: string;
  /** ISO 4217; of all amounts of the payment, which are in its minor units. */
  currency: string;
  /** When this payment was first asked for: decides between the same key again (24 h) and the search. */
  requestedAt: string;
}

export interface AuthorizeRequest extends PaymentRef {
  amount: number;
  /** The provider's reference of the payment method (`pm_…`); none = the customer adds one later. */
  paymentMethod?: string;
  captureMethod: 'manual' | 'automatic';
  /** The customer is not there to authenticate: a saved method is charged. */
  offSession: boolean;
  /** Keep the method for later off-session charges. */
  saveMethod: boolean;
  /** Workflow id + step + business attempt; never a retry count. */
  idempotencyKey: string;
}

export interface CaptureRequest extends PaymentRef {
  providerRef: string;
  amount: number;
  /** The last capture: what is left of the authorisation may be released. Always, without multicapture. */
  final: boolean;
  idempotencyKey: string;
}

export interface UndoRequest extends PaymentRef {
  idempotencyKey: string;
}

export interface RefundRequest extends PaymentRef {
  providerRef: string;
  refundId: string;
  amount: number;
  reason: string;
  idempotencyKey: string;
}

export interface RefundRef extends PaymentRef {
  refundRef: string;
}

/** Why a provider said no, in the provider's own documented codes. */
export interface Decline {
  /** e.g. `card_declined`, `expired_card` */
  code: string;
  /** e.g. `insufficient_funds` */
  declineCode?: string;
  /** e.g. `do_not_try_again` */
  adviceCode?: string;
}

export type PaymentResult =
  /** `multicapture`: whether this authorisation can be captured in parts, where the provider tells; it may depend on the card. */
  | { outcome: 'authorized'; providerRef: string; authorizedAmount: number; captureBefore?: string; multicapture?: boolean; savedMethod?: string }
  | { outcome: 'captured'; providerRef: string; capturedAmount: number; refundedAmount: number; savedMethod?: string }
  | { outcome: 'requires_action'; providerRef: string; nextActionSealed: string }
  | { outcome: 'processing'; providerRef: string }
  | ({ outcome: 'declined'; providerRef?: string } & Decline)
  | { outcome: 'canceled'; providerRef: string }
  /** The provider has no such payment: it was never made. */
  | { outcome: 'absent' };

export type CaptureResult =
  | { outcome: 'captured'; capturedAmount: number }
  /** Cannot be captured any more (expired, cancelled at the provider): the code says why. */
  | ({ outcome: 'failed' } & Decline);

export type UndoResult =
  | { outcome: 'voided' }
  /**
   * How the payment stands afterwards: all that was ever taken, and all that was given back or promised back, whoever did
   * it. `refundRef` is the refund that this made, empty when there was nothing left to give back.
   */
  | { outcome: 'refunded'; refundRef: string; captured: number; refunded: number }
  | { outcome: 'absent' };

export interface RefundResult {
  outcome: 'succeeded' | 'pending' | 'failed' | 'canceled';
  refundRef: string;
  amount: number;
  failureCode?: string;
}

/** How the provider's activities are seen by workflows: the port itself, one activity each. */
export interface PaymentActivities {
  authorizePayment(request: AuthorizeRequest): Promise<PaymentResult>;
  capturePayment(request: CaptureRequest): Promise<CaptureResult>;
  undoPayment(request: UndoRequest): Promise<UndoResult>;
  refundPayment(request: RefundRequest): Promise<RefundResult>;
  retrievePayment(request: PaymentRef): Promise<PaymentResult>;
  retrieveRefund(request: RefundRef): Promise<RefundResult>;
}
