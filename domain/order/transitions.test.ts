import { describe, expect, it } from '@jest/globals';
import { openedOrder } from './placement.ts';
import type { OrderState, PaymentState } from './state.ts';
import { isClosed } from './state.ts';
import { orderStatuses, paymentAttemptStatuses, type OrderStatus } from './status.ts';
import { allowedCommands, moveTo, orderCommands, refusalOf, transitions, type OrderCommand } from './transitions.ts';
import { sampleConnection, sampleId, samplePlacement, sampleScope, sampleSettings } from '#test/support/sample-order.ts';

const placed = openedOrder(samplePlacement(1), {
  id: sampleId('order', 1), scope: sampleScope, customerId: sampleId('customer', 1), at: '2030-01-01T00:00:00.000Z', settings: sampleSettings(),
  connection: sampleConnection(),
}).state;
const order = (status: OrderStatus, payment: Partial<PaymentState> = {}, more: Partial<OrderState> = {}): OrderState => ({
  ...placed, status, payments: [{ ...placed.payments[0]!, ...payment }], ...more,
});
const shipment = { id: 's', carrier: 'c', trackingNumber: 't', lines: [], status: 'shipped' as const, capturedAmount: 0, shippedAt: '' };
const everyPair = orderStatuses.flatMap((status) => orderCommands.map((command): [OrderStatus, OrderCommand] => [status, command]));
const targets = (status: OrderStatus) => new Set(Object.values(transitions[status]).flat());

describe('the life of an order', () => {
  it('reaches every status from a draft, and from pending all but the draft', () => {
    const reached = (from: OrderStatus) => {
      const seen = new Set<OrderStatus>([from]);
      for (const status of seen) for (const target of targets(status)) seen.add(target);
      return seen;
    };
    expect(reached('draft')).toEqual(new Set(orderStatuses));
    expect(new Set([...reached('pending'), 'draft'])).toEqual(new Set(orderStatuses));
  });

  it('ends where the workflow ends, and leaves no end again', () => {
    for (const status of orderStatuses) {
      const ended = isClosed(order(status));
      const leaves = [...targets(status)].some((target) => target !== status);
      expect([status, leaves]).toEqual([status, !ended]);
    }
  });

  it('can be given up until something is on its way, and never after', () => {
    const cancellable = orderStatuses.filter((status) => transitions[status].cancel);
    expect(cancellable).toEqual(['draft', 'pending', 'confirmed', 'processing', 'on_hold']);
  });

  it.each(everyPair)('%s: %s is in the table, or refused as illegal with what is allowed', (status, command) => {
    const state = order(status, { status: 'authorized', authorized: 100, captured: 50 }, { attention: null });
    const refusal = refusalOf(state, command);
    if (command === 'resolve') expect(refusal?.code).toBe('nothing_to_resolve');
    else if (transitions[status][command]) expect(refusal?.code).not.toBe('illegal_transition');
    else {
      expect(refusal?.code).toBe('illegal_transition');
      expect(refusal?.detail).toContain(`${status} can't ${command}`);
      for (const allowed of allowedCommands(state)) expect(refusal?.detail).toContain(allowed);
    }
  });

  it.each(everyPair)('%s: %s is listed as allowed where it is not refused, and nowhere else', (status, command) => {
    const payments: Partial<PaymentState>[] = paymentAttemptStatuses.flatMap((payment) => [
      { status: payment, authorized: 100, captured: 0 }, { status: payment, authorized: 100, captured: 100 }, { status: payment, authorized: 100, captured: 100, refunded: 100 },
    ]);
    for (const payment of payments) {
      for (const more of [{}, { shipments: [shipment] }, { attention: { code: 'capture_failed' as const, since: '', detail: '' } }]) {
        const state = order(status, payment, more);
        const internal = ['authorize', 'expire'].includes(command);
        const allowed = allowedCommands(state).includes(command);
        const refused = refusalOf(state, command) !== undefined;
        // What moves units is listed only while there are units to move.
        if (['ship', 'deliver', 'return'].includes(command)) expect(allowed && refused).toBe(false);
        else expect(allowed).toBe(!internal && !refused);
      }
    }
  });

  it.each(everyPair)('%s –%s→ leads only where the table says', (status, command) => {
    for (const target of orderStatuses) {
      const way = () => moveTo(order(status), command, target);
      if (transitions[status][command]?.includes(target)) expect(way()).toBe(target);
      else expect(way).toThrow('No transition');
    }
  });
});

describe('guards', () => {
  it('pay: not beside a payment whose outcome is open', () => {
    for (const status of ['pending', 'processing', 'unknown', 'authorized'] as const) {
      expect(refusalOf(order('pending', { status }), 'pay')?.code).toBe('payment_pending');
    }
    for (const status of ['declined', 'voided', 'requires_action'] as const) {
      for (const life of ['pending', 'confirmed', 'processing', 'on_hold'] as const) expect(refusalOf(order(life, { status }), 'pay')).toBeUndefined();
    }
    expect(refusalOf(order('processing', { status: 'captured', captured: 11_749 }), 'pay')).toBeUndefined();
    expect(refusalOf(order('processing', { status: 'captured', captured: 11_750 }), 'pay')?.detail).toContain('nothing is left to pay');
  });

  it('cancel: not once something is on its way', () => {
    expect(refusalOf(order('processing', {}, { shipments: [shipment] }), 'cancel')?.code).toBe('already_shipped');
    expect(refusalOf(order('processing'), 'cancel')).toBeUndefined();
  });

  it('capture: only what is authorised and not taken', () => {
    expect(refusalOf(order('confirmed', { status: 'captured', authorized: 100, captured: 100 }), 'capture')?.code).toBe('nothing_to_capture');
    expect(refusalOf(order('confirmed', { status: 'authorized', authorized: 100 }), 'capture')).toBeUndefined();
  });

  it('refund: only what is taken and not given back', () => {
    expect(refusalOf(order('delivered', { captured: 100, refunded: 100 }), 'refund')?.code).toBe('nothing_to_refund');
    expect(refusalOf(order('delivered', { captured: 100, refunded: 99 }), 'refund')).toBeUndefined();
  });

  it('resolve: only what waits for someone', () => {
    expect(refusalOf(order('confirmed'), 'resolve')?.code).toBe('nothing_to_resolve');
    expect(refusalOf(order('confirmed', {}, { attention: { code: 'capture_failed', since: '', detail: '' } }), 'resolve')).toBeUndefined();
  });
});
