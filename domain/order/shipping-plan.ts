import { chargeablePart, chargeableStep } from '../payments/stripe-amounts.ts';
import { openAuthorization, type OrderLineState, type OrderState, capturedTotal } from './state.ts';

/** Units of one SKU, as commands name them. */
export interface Units {
  sku: string;
  quantity: number;
}

/** Units asked for that aren't there to be moved; `movable` says how many are. */
export interface NotMovable {
  sku: string;
  requested: number;
  movable: number;
}

type Progress = 'ship' | 'deliver' | 'return' | 'refund';

/** How many units of a line can take each step. */
function movable(line: OrderLineState, step: Progress): number {
  switch (step) {
    case 'ship':
      return line.quantity - line.shipped;
    case 'deliver':
      return line.shipped - line.delivered;
    case 'return':
      return line.delivered - line.returned;
    case 'refund':
      return line.quantity - line.refunded;
  }
}

/**
 * Spreads units asked for by SKU over the order's lines (two lines may share a SKU at different prices), first
 * line first. Nothing asked for = everything that can take the step.
 */
export function planUnits(
  state: OrderState,
  step: Progress,
  wanted: readonly Units[] | undefined,
): { perLine: number[]; units: Units[]; notMovable: NotMovable[] } {
  const perLine = state.lines.map((line) => (wanted ? 0 : movable(line, step)));
  const notMovable: NotMovable[] = [];
  for (const { sku, quantity } of combine(wanted ?? [])) {
    let left = quantity;
    state.lines.forEach((line, index) => {
      if (line.sku !== sku) return;
      const take = Math.min(left, movable(line, step));
      perLine[index] = take;
      left -= take;
    });
    if (left > 0) notMovable.push({ sku, requested: quantity, movable: quantity - left });
  }
  const units = combine(state.lines.map((line, index) => ({ sku: line.sku, quantity: perLine[index]! })));
  return { perLine, units, notMovable };
}

/** Sums quantities by SKU, in the order of first mention, leaving out zeros. */
export function combine(units: readonly Units[]): Units[] {
  const bySku = new Map<string, number>();
  for (const { sku, quantity } of units) bySku.set(sku, (bySku.get(sku) ?? 0) + quantity);
  return [...bySku].filter(([, quantity]) => quantity > 0).map(([sku, quantity]) => ({ sku, quantity }));
}

/** The part of a line's total that `units` of its quantity stand for; exact for the whole line, floored before. */
export function valueOfUnits(line: Pick<OrderLineState, 'total' | 'quantity'>, units: number): number {
  return Number((BigInt(line.total) * BigInt(units)) / BigInt(line.quantity));
}

/** What is to be captured when these units leave, and how. Amounts in minor units. */
export type CapturePlan =
  | { kind: 'none' }
  | { kind: 'capture'; paymentId: string; amount: number; final: boolean }
  /** Nothing authorised is left: the saved method is charged for this shipment. */
  | { kind: 'charge_saved_method'; amount: number; savedMethod: string; after: string }
  | { kind: 'impossible'; amount: number };

/**
 * Capture per shipment where the provider can capture more than once; elsewhere by the tenant's `split_capture`:
 * everything at the first shipment, or this shipment's part now (the provider releases the rest) and the next
 * shipment off-session. The shipment that completes the order always settles to the order's total; those before it
 * leave to it what the provider's step doesn't allow (see chargeableStep), which may be all of their own.
 */
export function planCapture(state: OrderState, perLine: readonly number[]): CapturePlan {
  const captured = capturedTotal(state);
  const completes = state.lines.every((line, index) => line.shipped + perLine[index]! === line.quantity);
  const goods = state.lines.reduce((sum, line, index) => sum + valueOfUnits(line, line.shipped + perLine[index]!), 0);
  const extras = state.totals.total - state.lines.reduce((sum, line) => sum + line.total, 0);
  const rest = Math.max(0, state.totals.total - captured);
  const part = Math.max(0, goods + extras - captured);
  const owed = completes ? rest : part;
  if (owed === 0) return { kind: 'none' };
  const authorization = openAuthorization(state);
  const multicapture = authorization?.capabilities.multicapture;
  const left = authorization ? authorization.authorized - authorization.captured : 0;
  if (authorization && !multicapture && (completes || state.settings.splitCapture === 'capture_all' || !authorization.savedMethod)) {
    return { kind: 'capture', paymentId: authorization.id, amount: left, final: true };
  }
  const due = owed === rest ? rest : chargeablePart(owed, chargeableStep(state.connection.provider, state.currency));
  if (due === 0) return { kind: 'none' };
  if (authorization) return { kind: 'capture', paymentId: authorization.id, amount: Math.min(due, left), final: completes || !multicapture };
  const payer = state.payments.findLast((payment) => payment.savedMethod);
  if (payer?.savedMethod) return { kind: 'charge_saved_method', amount: due, savedMethod: payer.savedMethod, after: payer.id };
  return { kind: 'impossible', amount: due };
}
