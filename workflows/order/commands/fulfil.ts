import { orderDelivered, orderMoved, orderReturned, orderShipped, type ShipmentMoney } from '#domain/order/changes/fulfilment.ts';
import { planCapture, planUnits, type NotMovable } from '#domain/order/shipping-plan.ts';
import type { OrderState } from '#domain/order/state.ts';
import type { Command, CommandOutcome, DeliverCommand, Rejection, ReturnCommand, ShipCommand } from '../messages.ts';
import { currentPayment } from '../pay.ts';
import type { OrderProcess } from '../process.ts';
import { captureFailed, captureFellShort, tookLess, unanswered } from './capture.ts';
import { captureAmount, chargeSavedMethod, recordFailedAttempt } from './provider.ts';

/** Ships what is named (or all that is left): its money first, then the goods in one step. */
export async function ship(order: OrderProcess, command: ShipCommand): Promise<CommandOutcome> {
  return order.command('ship', command, async (state) => {
    const plan = planUnits(state, 'ship', command.lines);
    if (plan.notMovable.length > 0 || plan.units.length === 0) return notMovable('ship', plan.notMovable);
    const money = await collect(order, state, plan.perLine);
    if (money && 'outcome' in money) return money;
    const { shipmentId: id, carrier, trackingNumber } = command;
    await order.record(orderShipped(order.state, { id, carrier, trackingNumber, lines: plan.units }, plan.perLine, money, order.cause(command)));
    return order.done();
  });
}

/** The money of a shipment, by what the provider can do and the tenant chose. */
async function collect(order: OrderProcess, state: OrderState, perLine: readonly number[]): Promise<ShipmentMoney | Rejection | undefined> {
  const plan = planCapture(state, perLine);
  switch (plan.kind) {
    case 'none':
      return undefined;
    case 'capture': {
      const payment = currentPayment(state, { id: plan.paymentId });
      const result = await captureAmount(order, payment, plan.amount, plan.final);
      if (typeof result === 'string') return unanswered(result);
      if (result.outcome === 'failed') return captureFailed(order, payment, result);
      if (tookLess(order, payment, plan.amount, result)) return captureFellShort(order, payment, result);
      const current = currentPayment(order.state, payment);
      return { payment: current, amount: result.capturedAmount - current.captured };
    }
    case 'charge_saved_method': {
      const { payment, result } = await chargeSavedMethod(order, currentPayment(state, { id: plan.after }), plan.amount, 'automatic');
      if (typeof result === 'string') return unanswered(result);
      if (result.outcome === 'captured') return { payment: { ...payment, providerRef: result.providerRef }, amount: result.capturedAmount };
      await recordFailedAttempt(order, payment, result);
      return captureFailed(order, payment, result.outcome === 'declined' ? result : { code: result.outcome });
    }
    case 'impossible': {
      const detail = `${plan.amount} minor units are due for this shipment, but no authorisation and no saved payment method is left. Ask the customer to pay.`;
      return { outcome: 'rejected', refusal: { code: 'payment_method_missing', detail } };
    }
  }
}

/** One shipment, or everything on its way, has arrived. */
export async function deliver(order: OrderProcess, command: DeliverCommand): Promise<CommandOutcome> {
  return order.command('deliver', command, async (state) => {
    const shipments = state.shipments.filter(({ id, status }) => status === 'shipped' && (!command.shipmentId || id === command.shipmentId));
    const plan = planUnits(state, 'deliver', shipments.flatMap(({ lines }) => lines));
    if (shipments.length === 0) return notMovable('deliver', []);
    await order.record(orderDelivered(state, shipments.map(({ id }) => id), plan.perLine, order.cause(command, 'deliver')));
    return order.done();
  });
}

/** Goods came back. Money goes back by a refund, which is a decision of its own. */
export async function returnUnits(order: OrderProcess, command: ReturnCommand): Promise<CommandOutcome> {
  return order.command('return', command, async (state) => {
    const plan = planUnits(state, 'return', command.lines);
    if (plan.notMovable.length > 0 || plan.units.length === 0) return notMovable('return', plan.notMovable);
    await order.record(orderReturned(state, plan.perLine, plan.units, command.restock, order.cause(command, 'return')));
    return order.done();
  });
}

/** Commands that move the status and nothing else. */
export async function move(order: OrderProcess, name: 'process' | 'hold' | 'release' | 'complete', command: Command): Promise<CommandOutcome> {
  return order.command(name, command, async (state) => {
    await order.record(orderMoved(state, name, order.cause(command, name)));
    return order.done();
  });
}

function notMovable(verb: 'ship' | 'deliver' | 'return', lines: NotMovable[]): Rejection {
  const detail = lines.length
    ? `Not that many units are left to ${verb}: ${lines.map(({ sku, requested, movable }) => `${sku} (${requested} asked, ${movable} left)`).join(', ')}.`
    : `There is nothing to ${verb}.`;
  return { outcome: 'rejected', refusal: { code: 'lines_not_movable', detail }, lines };
}
