import { attentionRaised, refundClaimed, refundRecorded } from '#domain/order/changes/endings.ts';
import { planRefund, type RefundPart } from '#domain/order/refund-plan.ts';
import { combine, type Units } from '#domain/order/shipping-plan.ts';
import type { OrderState, RefundState } from '#domain/order/state.ts';
import type { RefundResult } from '#domain/payments/port.ts';
import { idFromUuid } from '#domain/ids.ts';
import { uuid4, workflowInfo } from '@temporalio/workflow';
import type { CommandOutcome, RefundCommand } from '../messages.ts';
import { currentPayment, paymentRef } from '../pay.ts';
import type { OrderProcess } from '../process.ts';
import { notChargeable } from './capture.ts';
import { untilKnown, type Unanswered } from './provider.ts';

/** What one payment gives back, and what the provider said to it, or that nobody heard what. */
interface Part extends RefundPart {
  refundId: string;
  lines?: Units[];
  result?: RefundResult | Unanswered;
}

/** A refund under way. A turn may begin anew in its midst: what the provider was asked for is then neither planned nor asked anew. */
export interface RefundUnderWay {
  parts: Part[];
}

/** Gives money back: all that is left, an amount, or lines at their exact share; from the earliest payments first. */
export async function refundOrder(order: OrderProcess, command: RefundCommand, underWay: RefundUnderWay = { parts: [] }): Promise<CommandOutcome> {
  const { parts } = underWay;
  return order.once<CommandOutcome>('refund', async () => (parts.length > 0 ? carryOut(order, command, parts) : toldBefore(order, command)), async (state) => {
    const plan = planRefund(state, command);
    if (!plan.ok) return refused(state, plan);
    parts.push(...plan.parts.map((part, index): Part => {
      const lines = combine(state.lines.map(({ sku }, line) => ({ sku, quantity: part.perLine[line]! })));
      return { ...part, refundId: index === 0 ? command.refundId : idFromUuid('refund', uuid4()), ...(lines.length > 0 ? { lines } : {}) };
    }));
    return carryOut(order, command, parts);
  });
}

async function carryOut(order: OrderProcess, command: RefundCommand, parts: readonly Part[]): Promise<CommandOutcome> {
  for (const part of parts) {
    part.result ??= await giveBack(order, command, part);
    const refusal = typeof part.result === 'string' ? unanswered(part.refundId, part.result) : await booked(order, command, part, part.result);
    if (!refusal) continue;
    return parts.some((other) => stands(recorded(order.state, other))) ? partlyDone(order, command, parts, refusal.detail) : rejected(refusal);
  }
  return order.done();
}

/** Money has moved, so it is no refusal: the command is done, and a person settles what it left. */
async function partlyDone(order: OrderProcess, command: RefundCommand, parts: readonly Part[], why: string): Promise<CommandOutcome> {
  const sum = (some: readonly Part[]) => some.reduce((total, { amount }) => total + amount, 0);
  const left = sum(parts.filter((part) => !stands(recorded(order.state, part))));
  const cause = order.cause(command);
  const detail = `Of refund ${command.refundId}, ${left} of ${sum(parts)} minor units of ${order.state.currency} were not given back. ${why} Refund them again by amount, or give them back another way.`;
  if (order.state.attention?.detail !== detail) {
    await order.record(attentionRaised(order.state, { code: 'refund_failed', since: cause.at, detail }, cause));
  }
  return order.done();
}

function giveBack(order: OrderProcess, command: RefundCommand, { refundId, paymentId, amount }: Part): Promise<RefundResult | Unanswered> {
  const payment = currentPayment(order.state, { id: paymentId });
  const request = {
    ...paymentRef(order.state, payment), providerRef: payment.providerRef!, refundId, amount, reason: command.reason ?? '',
    idempotencyKey: `${workflowInfo().workflowId}/refund/${refundId}`,
  };
  return untilKnown(order, `refund ${refundId}`, (provider) => provider.refundPayment(request), `refund payment ${payment.attempt}`);
}

/**
 * Records a part, unless it is: by this very command before its turn began anew, or by the provider's event, which knows only
 * the money. Answers why it does not stand, where it does not.
 */
async function booked(order: OrderProcess, command: RefundCommand, part: Part, result: RefundResult): Promise<Refusal | undefined> {
  const asked = { reason: command.reason ?? '', actor: command.actor, ...(part.lines ? { lines: part.lines } : {}) };
  const known = recorded(order.state, part);
  if (!known) {
    const refund = { id: part.refundId, paymentId: part.paymentId, amount: part.amount, ...asked };
    await order.record(refundRecorded(order.state, refund, result, part.perLine, order.cause(command)));
  } else if (known.actor !== command.actor) {
    await order.record(refundClaimed(order.state, known.id, asked, part.perLine, order.cause(command)));
  }
  const refund = recorded(order.state, part)!;
  return stands(refund) ? undefined : failed(refund);
}

function recorded({ refunds }: OrderState, { refundId, result }: Part): RefundState | undefined {
  const ref = typeof result === 'object' ? result.refundRef : '';
  return refunds.find(({ id, providerRef }) => id === refundId || (ref !== '' && providerRef === ref));
}

function stands(refund: RefundState | undefined): boolean {
  return refund?.status === 'succeeded' || refund?.status === 'pending';
}

/** What stands of a refund that was carried out before: delivered twice across a new run, where the server no longer knows the update. */
function toldBefore(order: OrderProcess, command: RefundCommand): CommandOutcome | undefined {
  const known = order.exists ? order.state.refunds.find(({ id }) => id === command.refundId) : undefined;
  return known && (stands(known) ? order.done() : rejected(failed(known)));
}

interface Refusal {
  code: 'refund_failed';
  detail: string;
}

function rejected(refusal: Refusal): CommandOutcome {
  return { outcome: 'rejected', refusal };
}

function failed({ id, failureCode }: RefundState): Refusal {
  return { code: 'refund_failed', detail: `The provider refused refund ${id} (${failureCode ?? 'no code'}).` };
}

/** Why a refund was not booked, when nobody heard what became of it; if it was made after all, its event books it. */
function unanswered(refundId: string, why: Unanswered): Refusal {
  const detail = {
    interrupted: `The order was cancelled before the outcome of refund ${refundId} was known.`,
    dismissed: `The provider gave no answer about refund ${refundId} for a day, and an operator dismissed it: it counts as not made.`,
  }[why];
  return { code: 'refund_failed', detail };
}

function refused(state: OrderState, plan: Extract<ReturnType<typeof planRefund>, { ok: false }>): CommandOutcome {
  if (plan.code === 'lines_not_refundable') {
    const detail = `These units are not there to be refunded: ${plan.lines.map(({ sku, requested, movable }) => `${sku} (${requested} asked, ${movable} left)`).join(', ')}.`;
    return { outcome: 'rejected', refusal: { code: 'lines_not_movable', detail }, lines: plan.lines };
  }
  if (plan.code === 'amount_not_chargeable') return notChargeable(state, plan.step);
  const detail = `At most ${plan.refundable} minor units of ${state.currency} can be refunded now.`;
  return { outcome: 'rejected', refusal: { code: 'amount_too_high', detail }, refundable: plan.refundable };
}
