import type { OrderStep } from '#domain/order/changes/change.ts';
import type { Attention, OrderState } from '#domain/order/state.ts';
import type { TenantRef } from '#domain/tenant.ts';

/** A SKU of which there is less than asked for. */
export interface Shortage {
  sku: string;
  requested: number;
  available: number;
}

export type OpenResult = { outcome: 'opened'; state: OrderState } | { outcome: 'out_of_stock'; shortages: Shortage[] };
export type SaveResult =
  | { outcome: 'saved' }
  | { outcome: 'out_of_stock'; shortages: Shortage[] }
  /** Another step stands under this number: it was written, and then the workflow lost it. Its state is the truth. */
  | { outcome: 'overtaken'; state: OrderState };

/** The row work of an order's workflow: each one transaction, fenced by (workflow id, seq), safe to repeat. */
export interface OrderActivities {
  /** Creates the order that the intake row describes, with its stock held; or tells what is missing and creates nothing. */
  openOrder(input: { scope: TenantRef; orderId: string; workflowId: string; at: string }): Promise<OpenResult>;
  /** Writes one step: summary, parts, history, stock, ledger and mails together. */
  saveOrder(input: { workflowId: string; state: OrderState; step: OrderStep; webhookEventId?: string }): Promise<SaveResult>;
  /** Shows, beside a state that can't be written on, that its order needs a person, and tells the merchant. The next step that is written ends it. */
  showAttention(input: { scope: TenantRef; orderId: string; attention: Attention }): Promise<void>;
  /** Marks a stored provider event as applied though it changed nothing. */
  settleWebhookEvent(input: { scope: TenantRef; webhookEventId: string; at: string }): Promise<void>;
  /** Notes why nobody can apply a stored provider event. It is looked at again a few times, and then given up: `failed`, for operators to see. */
  leaveWebhookEvent(input: { scope: TenantRef; webhookEventId: string; reason: string }): Promise<void>;
  /** Writes the whole state over the order's rows. */
  reprojectOrder(input: { workflowId: string; state: OrderState; at: string }): Promise<void>;
  /** The state that a closed order's workflow ended with, or later writers left. */
  loadClosedOrder(input: { scope: TenantRef; orderId: string }): Promise<OrderState>;
}
