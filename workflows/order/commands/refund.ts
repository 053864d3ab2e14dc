import { refundRecorded } from '#domain/order/changes/endings.ts';
import { planRefund } from '#domain/order/refund-plan.ts';
import type { OrderState } from '#domain/order/state.ts';
import { idFromUuid } from '#domain/ids.ts';
import { uuid4, workflowInfo } from '@temporalio/workflow';
import type { CommandOutcome, RefundCommand } from '../messages.ts';
import { currentPayment, paymentRef } from '../pay.ts';
import type { OrderProcess } from '../process.ts';
import { untilKnown, type Unanswered } from './provider.ts';

/** Gives money back: all that is left, an amount, or lines at their exact share; from the earliest payments first. */
export async function refundOrder(order: OrderProcess, command: RefundCommand): Promise<CommandOutcome> {
  return order.command('refund', command, async (state) => {
    const plan = planRefund(state, command);
    if (!plan.ok) return refused(state, plan);
    for (const [index, part] of plan.parts.entries()) {
      const payment = currentPayment(order.state, { id: part.paymentId });
      const refundId = index === 0 ? command.refundId : idFromUuid('refund', uuid4());
      const request = {
        ...paymentRef(order.state, payment), providerRef: payment.providerRef!, refundId, amount: part.amount, reason: command.reason ?? '',
        idempotencyKey: `${workflowInfo().workflowId}/refund/${refundId}`,
      };
      const result = await untilKnown(order, `refund ${refundId}`, (provider) => provider.refundPayment(request), `refund payment ${payment.attempt}`);
      if (typeof result === 'string') return unanswered(refundId, result);
      // A repetition, after the provider's event of this very refund was booked: that money went back once.
      if (result.refundRef && order.state.refunds.some(({ providerRef }) => providerRef === result.refundRef)) continue;
      const refund = {
        id: refundId, paymentId: payment.id, amount: part.amount, reason: command.reason ?? '', actor: command.actor,
        ...(plan.units && index === 0 ? { lines: plan.units } : {}),
      };
      await order.record(refundRecorded(order.state, refund, result, index === 0 ? plan.perLine : [], order.cause(command)));
      if (result.outcome === 'failed' || result.outcome === 'canceled') {
        const detail = `The provider refused refund ${refundId} (${result.failureCode ?? 'no code'}).`;
        return { outcome: 'rejected', refusal: { code: 'refund_failed', detail } };
      }
    }
    return order.done();
  });
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
  const detail = `At most ${plan.refundable} minor units of ${state.currency} can be refunded now.`;
  return { outcome: 'rejected', refusal: { code: 'amount_too_high', detail }, refundable: plan.refundable };
}
