import type { OrderState, PaymentState, ShipmentState } from '../state.ts';
import type { Units } from '../shipping-plan.ts';
import { moveTo } from '../transitions.ts';
import { change, type Cause, type Change, type Draft } from './change.ts';
import { bookCapture } from './payments.ts';

/** A capture or a charge of the saved method that a shipment brought about. */
export interface ShipmentMoney {
  payment: PaymentState;
  amount: number;
}

function advance(draft: Draft, step: 'shipped' | 'delivered' | 'returned', perLine: readonly number[]): void {
  draft.state.lines.forEach((line, index) => {
    if (!perLine[index]) return;
    line[step] += perLine[index];
    draft.step.lines.push(line.id);
  });
}

const all = (state: OrderState, step: 'shipped' | 'delivered' | 'returned') =>
  state.lines.every((line) => line[step] === line.quantity);

/** Units leave: the shipment, its capture, its stock and its mail in one step. */
export function orderShipped(
  state: OrderState,
  shipment: Omit<ShipmentState, 'status' | 'capturedAmount' | 'shippedAt'>,
  perLine: readonly number[],
  money: ShipmentMoney | undefined,
  cause: Cause,
): Change {
  return change(state, 'order.shipped', cause, (draft) => {
    const { state: order, step } = draft;
    advance(draft, 'shipped', perLine);
    order.status = moveTo(order, 'ship', all(order, 'shipped') ? 'shipped' : 'processing');
    if (all(order, 'shipped')) order.reserved = false;
    order.shipments.push({ ...shipment, status: 'shipped', capturedAmount: money?.amount ?? 0, shippedAt: cause.at });
    step.shipments.push(shipment.id);
    step.stock = { kind: 'ship', units: shipment.lines };
    if (money) bookCapture(draft, money.payment, money.amount);
    step.event.data = { shipment_id: shipment.id, captured: money?.amount ?? 0, currency: order.currency };
    step.mails.push({ template: 'order_shipped', data: { shipment_id: shipment.id } });
  });
}

/** Everything on its way, or one shipment, arrived. */
export function orderDelivered(state: OrderState, shipmentIds: readonly string[], perLine: readonly number[], cause: Cause): Change {
  return change(state, 'order.delivered', cause, (draft) => {
    const { state: order, step } = draft;
    advance(draft, 'delivered', perLine);
    for (const shipment of order.shipments.filter(({ id }) => shipmentIds.includes(id))) {
      shipment.status = 'delivered';
      shipment.deliveredAt = cause.at;
      step.shipments.push(shipment.id);
    }
    const target = all(order, 'delivered') ? 'delivered' : order.status;
    order.status = moveTo(order, 'deliver', target);
    if (target === 'delivered') order.deliveredAt = cause.at;
    step.event.data = { shipment_ids: shipmentIds };
    step.mails.push({ template: 'order_delivered', data: shipmentIds.length === 1 ? { shipment_id: shipmentIds[0]! } : {} });
  });
}

/** Goods came back; they are on hand again where `restock` says so. */
export function orderReturned(state: OrderState, perLine: readonly number[], units: Units[], restock: boolean, cause: Cause): Change {
  return change(state, 'order.returned', cause, (draft) => {
    const { state: order, step } = draft;
    advance(draft, 'returned', perLine);
    order.status = moveTo(order, 'return', all(order, 'returned') ? 'returned' : order.status);
    if (restock) step.stock = { kind: 'restock', units };
    step.event.data = { lines: units, restock };
  });
}

/** A command that only moves the status: process, hold, release, complete. */
export function orderMoved(state: OrderState, command: 'process' | 'hold' | 'release' | 'complete', cause: Cause): Change {
  const types = { process: 'order.processing', hold: 'order.held', release: 'order.released', complete: 'order.completed' } as const;
  return change(state, types[command], cause, ({ state: order }) => {
    const target = { process: 'processing', hold: 'on_hold', release: order.heldFrom ?? 'confirmed', complete: 'completed' } as const;
    const from = order.status;
    order.status = moveTo(order, command, target[command]);
    if (command === 'hold') order.heldFrom = from;
    if (command === 'release') delete order.heldFrom;
  });
}
