import type { Shortage } from '#activities/orders/contract.ts';
import type { Refusal } from '#domain/order/transitions.ts';
import type { NotMovable, Units } from '#domain/order/shipping-plan.ts';
import type { OrderState } from '#domain/order/state.ts';
import type { OrderStatus, PaymentStatus } from '#domain/order/status.ts';
import type { Decline } from '#domain/payments/port.ts';
import type { TenantRef } from '#domain/tenant.ts';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';

/** What an order's workflow starts with: a reference to the intake row, and after continue-as-new its state. */
export interface OrderWorkflowInput {
  scope: TenantRef;
  orderId: string;
  /** Set by continue-as-new only. */
  resume?: OrderState;
}

/** What the closed workflow answers. */
export interface OrderWorkflowResult {
  orderId: string;
  status: OrderStatus | 'not_placed';
}

/** How placing (or paying again) went. All are answers, none is an error. */
export type PaymentOutcome =
  | { outcome: 'confirmed' | 'requires_action' | 'processing' | 'payment_unknown' | 'draft'; orderId: string; paymentId?: string }
  | ({ outcome: 'declined'; orderId: string; paymentId: string } & Decline)
  | { outcome: 'out_of_stock'; orderId: string; shortages: Shortage[] }
  | { outcome: 'ended'; orderId: string; status: OrderStatus };

/** What the order is in does not take the command; `allowed` are those it takes. */
export interface NotAllowed {
  outcome: 'rejected';
  refusal: Refusal;
  status: OrderStatus;
  allowed: string[];
}

/** A command that was not carried out, and why; nothing has changed. */
export type Rejection =
  | NotAllowed
  | { outcome: 'rejected'; refusal: { code: 'lines_not_movable'; detail: string }; lines: NotMovable[] }
  | { outcome: 'rejected'; refusal: { code: 'amount_too_high'; detail: string }; refundable: number }
  | { outcome: 'rejected'; refusal: { code: 'amount_not_chargeable'; detail: string }; step: number }
  | { outcome: 'rejected'; refusal: { code: 'capture_failed' | 'refund_failed' | 'payment_method_missing' | 'workflow_gone'; detail: string }; decline?: Decline };

/** How any other command went. `version` is the order's after it. */
export type CommandOutcome =
  | { outcome: 'done'; orderId: string; version: number; status: OrderStatus; paymentStatus: PaymentStatus }
  | Rejection;

/** Who commands, and why. `actor` is an id (`key:key_…`), never a name. */
export interface Command {
  actor: string;
  reason?: string;
  /** Made at intake, for a command that makes nothing with an id of its own: delivered twice, it is done once. An operator's has none. */
  commandId?: string;
}

export interface PayCommand extends Command {
  paymentId: string;
  paymentMethod?: string;
  saveMethod?: boolean;
}
/** Confirms a draft (with its payment), or tells that a customer came back from authentication (and then ignores the payment). */
export type ConfirmCommand = PayCommand;
export interface ShipCommand extends Command {
  shipmentId: string;
  carrier: string;
  trackingNumber: string;
  /** None = everything not yet shipped. */
  lines?: Units[];
}
export interface DeliverCommand extends Command {
  /** None = everything on its way. */
  shipmentId?: string;
}
export interface CaptureCommand extends Command {
  /** Minor units; none = all that is authorised. */
  amount?: number;
}
export interface RefundCommand extends Command {
  refundId: string;
  /** Minor units; none = by lines, else all that is left. */
  amount?: number;
  lines?: Units[];
}
export interface ReturnCommand extends Command {
  lines?: Units[];
  /** Put the units back on hand. */
  restock: boolean;
}
export interface ResolveCommand extends Command {
  /** `retry` what could not be done, or `dismiss`: an operator has settled it outside. */
  resolution: 'retry' | 'dismiss';
}

/** A provider's event about a payment of this order; the order asks the provider for the truth. */
export interface PaymentChanged {
  webhookEventId: string;
  /** What changed: our payment, or a refund, or a dispute of it. */
  paymentId: string;
  kind: 'payment' | 'refund' | 'dispute_opened' | 'dispute_closed';
  /** The provider's refund, for kind `refund`. */
  refundRef?: string;
  /** Our own id of that refund, where we asked for it. */
  refundId?: string;
  /** The provider's dispute and when it made the event, for the dispute kinds: it can't be asked which came last. */
  dispute?: { ref: string; at: string };
}

/** Waits for the outcome of placing. It only waits: the workflow places by itself, and this never rejects. */
export const placed = defineUpdate<PaymentOutcome>('placed');
export const pay = defineUpdate<PaymentOutcome | Rejection, [PayCommand]>('pay');
export const confirm = defineUpdate<PaymentOutcome | Rejection, [ConfirmCommand]>('confirm');
export const process = defineUpdate<CommandOutcome, [Command]>('process');
export const hold = defineUpdate<CommandOutcome, [Command]>('hold');
export const release = defineUpdate<CommandOutcome, [Command]>('release');
export const ship = defineUpdate<CommandOutcome, [ShipCommand]>('ship');
export const deliver = defineUpdate<CommandOutcome, [DeliverCommand]>('deliver');
export const capture = defineUpdate<CommandOutcome, [CaptureCommand]>('capture');
export const refund = defineUpdate<CommandOutcome, [RefundCommand]>('refund');
export const returnGoods = defineUpdate<CommandOutcome, [ReturnCommand]>('return');
export const cancel = defineUpdate<CommandOutcome, [Command]>('cancel');
export const complete = defineUpdate<CommandOutcome, [Command]>('complete');
export const resolve = defineUpdate<CommandOutcome, [ResolveCommand]>('resolve');
/** Writes the order's rows again from the workflow's state: after a restore of Postgres. */
export const reproject = defineUpdate<CommandOutcome, [Command]>('reproject');

/** Every update that a command of the API or an operator reaches, by its name. */
export const orderUpdates = {
  pay, confirm, process, hold, release, ship, deliver, capture, refund, return: returnGoods, cancel, complete, resolve, reproject,
} as const;
export type OrderUpdateName = keyof typeof orderUpdates;

/** The provider's webhooks, verified and stored. */
export const paymentChanged = defineSignal<[PaymentChanged]>('paymentChanged');

/** An operator's answer to a step that waits for it in a workflow that works on an ended order. */
export const answerStep = defineSignal<[ResolveCommand]>('answerStep');

/** The state as the workflow holds it: a diagnostic for operators; the API reads Postgres. */
export const orderState = defineQuery<OrderState | undefined>('orderState');
