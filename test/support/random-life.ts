import fc from 'fast-check';
import type { Cause, Change, OrderStep } from '#domain/order/changes/change.ts';
import { attentionRaised, attentionResolved, disputeSeen, orderEnded, paymentUndone, refundRecorded, refundUpdated } from '#domain/order/changes/endings.ts';
import { orderDelivered, orderMoved, orderReturned, orderShipped } from '#domain/order/changes/fulfilment.ts';
import { paymentBegun, paymentCaptured, paymentSettled, paymentUnknown } from '#domain/order/changes/payments.ts';
import { openedOrder } from '#domain/order/placement.ts';
import { planRefund } from '#domain/order/refund-plan.ts';
import { planCapture, planUnits } from '#domain/order/shipping-plan.ts';
import { capturedTotal, isClosed, livePayment, openAuthorization, type OrderState, type PaymentState } from '#domain/order/state.ts';
import { isUncapturable, refusalOf } from '#domain/order/transitions.ts';
import type { PaymentResult } from '#domain/payments/port.ts';
import { sampleConnection, sampleId, samplePlacement, sampleScope, sampleSettings } from './sample-order.ts';

/** One thing that happens to an order, with dice for its details. */
export interface Happening {
  what: (typeof happenings)[number];
  dice: number;
  more: number;
}

const happenings = [
  'authorized', 'declined', 'action', 'unknown', 'taken', 'pay', 'process', 'hold', 'release', 'capture', 'ship', 'shipPart', 'deliver', 'return',
  'refundAmount', 'refundLines', 'refundAll', 'refundPending', 'refundEnds', 'cancel', 'expire', 'complete', 'dispute', 'attention', 'resolve',
] as const;

/** Any first state: prices, quantities, discount, shipping, tax, capability and policy at random. */
export const anyOrder = fc
  .record({
    lines: fc.array(fc.record({ sku: fc.constantFrom('A', 'B', 'C'), quantity: fc.integer({ min: 1, max: 5 }), unitPrice: fc.integer({ min: 0, max: 9_999 }) }), {
      minLength: 1, maxLength: 4,
    }),
    discount: fc.integer({ min: 0, max: 5_000 }),
    shipping: fc.integer({ min: 0, max: 999 }),
    tax: fc.constantFrom(0, 75_000, 190_000),
    multicapture: fc.boolean(),
    splitCapture: fc.constantFrom('capture_all' as const, 'reauthorize' as const),
  })
  .map(({ lines, discount, shipping, tax, multicapture, splitCapture }): OrderState => {
    const input = samplePlacement(1, {
      lines: lines.map((line, index) => ({ ...line, id: sampleId('orderLine', index), title: line.sku })), discount, shipping, taxed: true,
    });
    return openedOrder(input, {
      id: sampleId('order', 1), scope: sampleScope, customerId: sampleId('customer', 1), at: '2030-01-01T00:00:00.000Z',
      settings: sampleSettings({ taxRateMillionths: tax, splitCapture }), connection: sampleConnection(multicapture),
    }).state;
  });

const rare = ['cancel', 'expire', 'dispute', 'declined', 'unknown', 'action', 'attention', 'complete'] as const;
const anyHappening = fc.record({
  what: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...happenings.filter((what) => !(rare as readonly string[]).includes(what))) },
    { weight: 2, arbitrary: fc.constantFrom(...rare) },
  ),
  dice: fc.nat(1_000),
  more: fc.nat(1_000),
}) satisfies fc.Arbitrary<Happening>;

/** Long enough to be delivered and sent back; what ends a life at once is rare. */
export const anyLife = fc.array(anyHappening, { minLength: 20, maxLength: 80 });

/** Commands that the state knows by an id alone. */
const remembered = ['process', 'hold', 'release', 'capture', 'deliver', 'return', 'cancel', 'complete', 'resolve'] as const;

/** Lets something happen as the workflow would decide it; undefined where it is refused. */
export function happen(state: OrderState, { what, dice, more }: Happening, n: number): Change | undefined {
  const by = { at: new Date(Date.UTC(2030, 0, 1, n)).toISOString(), actor: 'test' };
  const name = remembered.find((command) => command === what);
  const cause: Cause = { ...by, ...(name ? { command: { name, id: sampleId('command', n) } } : {}) };
  const live = livePayment(state);
  const waiting = live && ['pending', 'requires_action', 'unknown'].includes(live.status) ? live : undefined;
  const allowed = (command: Parameters<typeof refusalOf>[1]) => refusalOf(state, command) === undefined;
  const settled = (result: PaymentResult) => (waiting && !isClosed(state) ? paymentSettled(state, waiting, result, cause) : undefined);
  switch (what) {
    case 'authorized':
      return settled({ outcome: 'authorized', providerRef: 'pi', authorizedAmount: waiting?.amount ?? 0, ...(dice % 2 ? { savedMethod: 'pm' } : {}) });
    case 'taken':
      return settled({ outcome: 'captured', providerRef: 'pi', capturedAmount: waiting?.amount ?? 0, refundedAmount: 0 });
    case 'declined':
      return settled({ outcome: 'declined', code: 'card_declined' });
    case 'action':
      return waiting?.status === 'pending' ? settled({ outcome: 'requires_action', providerRef: 'pi', nextActionSealed: 'sealed' }) : undefined;
    case 'unknown':
      return waiting?.status === 'pending' ? paymentUnknown(state, waiting, cause) : undefined;
    case 'pay': {
      // Given up first, in a step of its own: the next one to pay begins.
      const stuck = allowed('pay') ? state.payments.find((payment) => isUncapturable(state, payment)) : undefined;
      if (stuck) return paymentUndone(state, stuck, { outcome: 'voided' }, cause);
      return allowed('pay') && !waiting ? paymentBegun(state, attempt(state, n, cause.at, state.totals.total - capturedTotal(state)), cause.at, cause) : undefined;
    }
    case 'process':
    case 'hold':
    case 'release':
    case 'complete':
      return allowed(what) ? orderMoved(state, what, cause) : undefined;
    case 'capture': {
      const payment = allowed('capture') ? openAuthorization(state) : undefined;
      if (!payment) return undefined;
      const amount = 1 + (dice % (payment.authorized - payment.captured));
      return paymentCaptured(state, payment, { outcome: 'captured', capturedAmount: payment.captured + amount }, cause);
    }
    case 'ship':
    case 'shipPart':
      return allowed('ship') ? shipped(state, what === 'ship' ? undefined : [{ sku: state.lines[dice % state.lines.length]!.sku, quantity: 1 + (more % 3) }], n, cause) : undefined;
    case 'deliver': {
      const shipment = state.shipments.find(({ status }) => status === 'shipped');
      return allowed('deliver') && shipment ? orderDelivered(state, [shipment.id], planUnits(state, 'deliver', shipment.lines).perLine, cause) : undefined;
    }
    case 'return': {
      const plan = planUnits(state, 'return', dice % 2 ? undefined : [{ sku: state.lines[0]!.sku, quantity: 1 }]);
      return allowed('return') && plan.notMovable.length === 0 && plan.units.length > 0 ? orderReturned(state, plan.perLine, plan.units, more % 2 === 0, cause) : undefined;
    }
    case 'refundAmount':
      return refunded(state, { amount: 1 + dice }, 'succeeded', n, cause);
    case 'refundLines':
      return refunded(state, { lines: [{ sku: state.lines[dice % state.lines.length]!.sku, quantity: 1 }] }, more % 4 === 0 ? 'pending' : 'succeeded', n, cause);
    case 'refundAll':
      return refunded(state, {}, more % 5 === 0 ? 'failed' : 'succeeded', n, cause);
    case 'refundPending':
      return refunded(state, { amount: 1 + dice }, 'pending', n, cause);
    case 'refundEnds': {
      const refund = state.refunds.find(({ status }) => status === 'pending') ?? state.refunds.find(({ status }) => status === 'succeeded');
      if (!refund) return undefined;
      const outcome = refund.status === 'pending' && dice % 2 ? 'succeeded' : 'failed';
      return refundUpdated(state, refund.id, { outcome, refundRef: 're', amount: refund.amount }, cause);
    }
    case 'cancel':
    case 'expire':
      return allowed(what) ? ended(state, what, cause) : undefined;
    case 'dispute':
      return disputeSeen(state, { ref: `dp_${more % 2}`, open: dice % 2 === 0, at: cause.at }, state.payments[0]?.id ?? 'none', cause);
    case 'attention':
      return attentionRaised(state, { code: 'capture_failed', since: cause.at, detail: '' }, cause);
    case 'resolve':
      return allowed('resolve') ? attentionResolved(state, 'dismiss', cause) : undefined;
  }
}

/** Ships with the money that the plan asks for; undefined where the plan is impossible. */
export function shipped(state: OrderState, lines: { sku: string; quantity: number }[] | undefined, n: number, cause: Cause): Change | undefined {
  const plan = planUnits(state, 'ship', lines);
  if (plan.notMovable.length > 0 || plan.units.length === 0) return undefined;
  const money = planCapture(state, plan.perLine);
  if (money.kind === 'impossible') return undefined;
  const payer =
    money.kind === 'capture' ? state.payments.find(({ id }) => id === money.paymentId)
    : money.kind === 'charge_saved_method' ? { ...attempt(state, n, cause.at, money.amount), savedMethod: money.savedMethod }
    : undefined;
  const taken = payer && money.kind !== 'none' ? { payment: payer, amount: money.amount } : undefined;
  return orderShipped(state, { id: sampleId('shipment', n), carrier: 'ups', trackingNumber: '1Z', lines: plan.units }, plan.perLine, taken, cause);
}

function attempt(state: OrderState, n: number, requestedAt: string, amount: number): PaymentState {
  return {
    id: sampleId('payment', 1_000 + n), attempt: state.payments.length + 1, connectionId: state.connection.id, provider: 'stripe', status: 'pending',
    amount, authorized: 0, captured: 0, refunded: 0, requestedAt, capabilities: state.connection.capabilities,
  };
}

function refunded(state: OrderState, wanted: Parameters<typeof planRefund>[1], outcome: 'succeeded' | 'pending' | 'failed', n: number, cause: Cause): Change | undefined {
  const plan = refusalOf(state, 'refund') ? undefined : planRefund(state, wanted);
  if (!plan?.ok) return undefined;
  const [part] = plan.parts;
  const refund = { id: sampleId('refund', n), paymentId: part!.paymentId, amount: part!.amount, reason: '', actor: 'test', ...(plan.units ? { lines: plan.units } : {}) };
  return refundRecorded(state, refund, { outcome, refundRef: 're', amount: part!.amount }, plan.perLine, cause);
}

function ended(state: OrderState, command: 'cancel' | 'expire', cause: Cause): Change {
  const undone = state.payments
    .filter(({ status }) => !['declined', 'voided'].includes(status))
    .map((payment) => {
      const { captured } = payment;
      return { payment, result: captured > 0 ? ({ outcome: 'refunded', refundRef: 're', captured, refunded: captured } as const) : ({ outcome: 'voided' } as const) };
    });
  return orderEnded(state, command, undone, cause);
}

/** What the stock effects of a life amount to, by SKU. */
export function stockOf(first: OrderState, steps: readonly OrderStep[]): { held: Map<string, number>; shipped: Map<string, number>; released: Map<string, number> } {
  const [held, gone, released] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
  const add = (map: Map<string, number>, sku: string, quantity: number) => map.set(sku, (map.get(sku) ?? 0) + quantity);
  if (first.reserved) for (const { sku, quantity } of first.lines) add(held, sku, quantity);
  for (const { stock } of steps) {
    if (stock?.kind === 'hold') for (const { sku, quantity } of stock.units) add(held, sku, quantity);
    if (stock?.kind === 'ship') for (const { sku, quantity } of stock.units) add(gone, sku, quantity);
    if (stock?.kind === 'release') for (const [sku, quantity] of held) released.set(sku, quantity - (gone.get(sku) ?? 0));
  }
  return { held, shipped: gone, released };
}
