import type { MailData, MailTemplate } from '../../mail/templates.ts';
import { derivePaymentStatus, deriveFulfillmentStatus } from '../derive.ts';
import { rememberCommand, type AppliedCommand } from '../applied.ts';
import type { Posting } from '../postings.ts';
import type { Units } from '../shipping-plan.ts';
import type { OrderState } from '../state.ts';

/** What happened, in the order's timeline. Past tense, named as API consumers will see it. */
export type OrderEventType =
  | 'order.placed' | 'order.confirmed' | 'order.processing' | 'order.held' | 'order.released' | 'order.shipped' | 'order.delivered'
  | 'order.returned' | 'order.completed' | 'order.cancelled' | 'order.expired' | 'payment.begun'
  | 'payment.requires_action' | 'payment.processing' | 'payment.declined' | 'payment.unknown' | 'payment.authorized' | 'payment.captured'
  | 'payment.voided' | 'payment.disputed' | 'payment.lapse_announced'
  | 'refund.created' | 'refund.updated' | 'attention.raised' | 'attention.resolved';

/** Who did it (`key:key_…`, `customer`, `system`, `provider:stripe`), why, and when by the workflow's clock. */
export interface Cause {
  at: string;
  actor: string;
  reason?: string;
  /** The command that is carried out with this change, where nothing else of the order names it. */
  command?: AppliedCommand;
}

/** What stock has to follow: units held for the order, given back unsold, gone, or come back. */
export type StockEffect = { kind: 'hold'; units: Units[]; expiresAt?: string } | { kind: 'release' } | { kind: 'ship'; units: Units[] } | { kind: 'restock'; units: Units[] };

/**
 * One step of an order as it is written, in one transaction, under (workflow id, seq): the whole state's summary,
 * and of the parts only what changed.
 */
export interface OrderStep {
  event: { type: OrderEventType; data: Record<string, unknown> } & Omit<Cause, 'command'>;
  lines: string[];
  payments: string[];
  shipments: string[];
  refunds: string[];
  stock?: StockEffect;
  postings: Posting[];
  mails: { template: MailTemplate; data: MailData }[];
}

export interface Change {
  state: OrderState;
  step: OrderStep;
}

/** What an edit works on: the next state, and the collectors of the step. */
export interface Draft {
  state: OrderState;
  step: OrderStep;
}

/**
 * The one way a state changes: a copy is edited, the derived statuses follow, and the step says what to write.
 * Pure: the same state and edit give the same change, on every replay.
 */
export function change(state: OrderState, type: OrderEventType, cause: Cause, edit: (draft: Draft) => void): Change {
  // State is JSON by contract (it travels through continue-as-new), and the workflow's isolate has no structuredClone.
  const next = JSON.parse(JSON.stringify(state)) as OrderState;
  const { command, ...by } = cause;
  const step: OrderStep = {
    event: { type, data: {}, ...by }, lines: [], payments: [], shipments: [], refunds: [], postings: [], mails: [],
  };
  next.seq += 1;
  edit({ state: next, step });
  if (command) {
    rememberCommand(next, command);
    step.event.data.command_id = command.id;
  }
  next.paymentStatus = derivePaymentStatus(next);
  next.fulfillmentStatus = deriveFulfillmentStatus(next.lines);
  return { state: next, step };
}
