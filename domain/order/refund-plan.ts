import { chargeablePart, chargeableStep } from '../payments/stripe-amounts.ts';
import { refundedTotal, capturedTotal, type OrderState } from './state.ts';
import { planUnits, valueOfUnits, type NotMovable, type Units } from './shipping-plan.ts';

/** What one payment gives back. Each part has the units, by line, that are paid for in full with it: see unitsOfParts. */
export interface RefundPart {
  paymentId: string;
  amount: number;
  perLine: number[];
}

export type RefundPlan =
  | { ok: true; amount: number; parts: RefundPart[]; perLine: number[]; units?: Units[] }
  | { ok: false; code: 'amount_too_high'; refundable: number }
  /** The provider gives back multiples of `step` only. */
  | { ok: false; code: 'amount_not_chargeable'; step: number }
  | { ok: false; code: 'lines_not_refundable'; lines: NotMovable[] };

/** Money taken and not yet given back or promised back (pending refunds count as given). Minor units. */
export function refundable(state: OrderState): number {
  const pending = state.refunds.filter((refund) => refund.status === 'pending').reduce((sum, refund) => sum + refund.amount, 0);
  return capturedTotal(state) - refundedTotal(state) - pending;
}

/** What stands for all units refunded by line, with `more` of each line. Minor units. */
function valueOfRefunded(state: OrderState, more: readonly number[]): number {
  return state.lines.reduce((sum, line, index) => sum + valueOfUnits(line, line.refunded + more[index]!), 0);
}

/**
 * Which payments give how much back: by amount, by lines (their exact share of the line's total), or all that is
 * left. Earlier payments first. Where the provider has a step (see chargeableStep), it is what stands for all units
 * refunded so far that is rounded down: what one refund leaves, a later one gives.
 */
export function planRefund(state: OrderState, wanted: { amount?: number; lines?: readonly Units[] }): RefundPlan {
  const none = state.lines.map(() => 0);
  const left = refundable(state);
  const chosen = wanted.lines ? planUnits(state, 'refund', wanted.lines) : undefined;
  if (chosen && chosen.notMovable.length > 0) return { ok: false, code: 'lines_not_refundable', lines: chosen.notMovable };
  const [before, after] = [valueOfRefunded(state, none), valueOfRefunded(state, chosen?.perLine ?? none)];
  const step = chargeableStep(state.connection.provider, state.currency);
  const asked = wanted.amount ?? (chosen ? after - before : left);
  const exact = wanted.amount !== undefined || asked === left;
  const amount = exact ? asked : chargeablePart(after, step) - chargeablePart(before, step);
  if (asked <= 0 || amount > left) return { ok: false, code: 'amount_too_high', refundable: left };
  if (amount === 0 || (wanted.amount !== undefined && amount % step !== 0)) return { ok: false, code: 'amount_not_chargeable', step };
  const parts: { paymentId: string; amount: number }[] = [];
  let open = amount;
  for (const payment of state.payments) {
    const promised = state.refunds
      .filter((refund) => refund.paymentId === payment.id && refund.status === 'pending')
      .reduce((sum, refund) => sum + refund.amount, 0);
    const part = Math.min(open, payment.captured - payment.refunded - promised);
    if (part > 0) parts.push({ paymentId: payment.id, amount: part });
    open -= Math.max(0, part);
  }
  const perLine = chosen?.perLine ?? none;
  const units = unitsOfParts(state, perLine, parts.map((part) => part.amount));
  return {
    ok: true, amount, parts: parts.map((part, index) => ({ ...part, perLine: units[index]! })), perLine,
    ...(chosen ? { units: chosen.units } : {}),
  };
}

/**
 * Spreads units over the parts that pay for them, so that what a failed part should have paid for can be refunded again: each
 * part takes the units whose price is paid in full by then, and the last one the rest.
 */
function unitsOfParts(state: OrderState, perLine: readonly number[], amounts: readonly number[]): number[][] {
  const done = perLine.map(() => 0);
  let open = 0;
  return amounts.map((amount, index) => {
    open += amount;
    return state.lines.map((line, at) => {
      const [from, all] = [done[at]!, perLine[at]!];
      const worth = (to: number) => valueOfUnits(line, line.refunded + to) - valueOfUnits(line, line.refunded + from);
      let to = index === amounts.length - 1 ? all : from;
      while (to < all && worth(to + 1) <= open) to += 1;
      open -= worth(to);
      done[at] = to;
      return to - from;
    });
  });
}
