import { refundClaimed, refundRecorded } from '#domain/order/changes/endings.ts';
import { planRefund } from '#domain/order/refund-plan.ts';
import type { Units } from '#domain/order/shipping-plan.ts';
import type { OrderState, RefundState } from '#domain/order/state.ts';
import type { RefundResult } from '#domain/payments/port.ts';
import { idFromUuid } from '#domain/ids.ts';
import { uuid4, workflowInfo } from '@temporalio/workflow';
import type { CommandOutcome, RefundCommand } from '../messages.ts';
import { currentPayment, paymentRef } from '../pay.ts';
import type { OrderProcess } from '../process.ts';
import { notChargeable } from './capture.ts';
import { untilKnown, type Unanswered } from './provider.ts';

/** What one payment gives back, and what the provider said to it. */
interface Part {
  refundId: string;
  paymentId: string;
  amount: number;
  lines?: Units[];
  perLine: number[];
  result?: RefundResult;
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
    parts.push(...plan.parts.map((part, index): Part => ({
      ...part, refundId: index === 0 ? command.refundId : idFromUuid('refund', uuid4()), perLine: index === 0 ? plan.perLine : [],
      ...(plan.units && index === 0 ? { lines: plan.units } : {}),
    })));
    return carryOut(order, command, parts);
  });
}

async function carryOut(order: OrderProcess, command: RefundCommand, parts: readonly Part[]): Promise<CommandOutcome> {
  for (const part of parts) {
    if (!part.result) {
      const result = await giveBack(order, command, part);
      if (typeof result === 'string') return unanswered(part.refundId, result);
      part.result = result;
    }
    const known = await booked(order, command, part, part.result);
    if (known.status === 'failed' || known.status === 'canceled') return failed(known);
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

/** Records a part, unless it is: by this very command before its turn began anew, or by the provider's event, which knows only the money. */
async function booked(order: OrderProcess, command: RefundCommand, part: Part, result: RefundResult): Promise<RefundState> {
  const find = () => order.state.refunds.find(({ id, providerRef }) => id === part.refundId || (result.refundRef !== '' && providerRef === result.refundRef));
  const asked = { reason: command.reason ?? '', actor: command.actor, ...(part.lines ? { lines: part.lines } : {}) };
  const known = find();
  if (!known) {
    const refund = { id: part.refundId, paymentId: part.paymentId, amount: part.amount, ...asked };
    await order.record(refundRecorded(order.state, refund, result, part.perLine, order.cause(command)));
  } else if (known.actor !== command.actor) {
    await order.record(refundClaimed(order.state, known.id, asked, part.perLine, order.cause(command)));
  }
  return find()!;
}

/** What stands of a refund that was carried out before: delivered twice across a new run, where the server no longer knows the update. */
function toldBefore(order: OrderProcess, command: RefundCommand): CommandOutcome | undefined {
  const known = order.exists ? order.state.refunds.find(({ id }) => id === command.refundId) : undefined;
  if (!known) return undefined;
  return known.status === 'failed' || known.status === 'canceled' ? failed(known) : order.done();
}

function failed({ id, failureCode }: RefundState): CommandOutcome {
  return { outcome: 'rejected', refusal: { code: 'refund_failed', detail: `The provider refused refund ${id} (${failureCode ?? 'no code'}).` } };
}

/** Why a refund was not booked, when nobody heard what became of it; if it was made after all, its event books it. */
function unanswered(refundId: string, why: Unanswered): CommandOutcome {
  const detail = {
    interrupted: `The order was cancelled before the outcome of refund ${refundId} was known.`,
    dismissed: `The provider gave no answer about refund ${refundId} for a day, and an operator dismissed it: it counts as not made.`,
  }[why];
  return { outcome: 'rejected', refusal: { code: 'refund_failed', detail } };
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
