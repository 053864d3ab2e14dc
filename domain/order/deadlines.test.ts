import { describe, expect, it } from '@jest/globals';
import { openedOrder } from './placement.ts';
import { nextDeadline } from './deadlines.ts';
import type { OrderState, PaymentState } from './state.ts';
import type { OrderStatus } from './status.ts';
import { sampleConnection, sampleId, samplePlacement, sampleScope, sampleSettings } from '#test/support/sample-order.ts';

const at = '2030-01-01T00:00:00.000Z';
const placed = openedOrder(samplePlacement(1), {
  id: sampleId('order', 1), scope: sampleScope, customerId: sampleId('customer', 1), at, settings: sampleSettings(), connection: sampleConnection(),
}).state;
const order = (status: OrderStatus, payment: Partial<PaymentState> = {}, more: Partial<OrderState> = {}): OrderState => ({
  ...placed, status, payments: [{ ...placed.payments[0]!, status: 'authorized', authorized: 11_750, ...payment }], ...more,
});

describe('what an order does by itself', () => {
  it('unpaid, it expires a day after it was placed', () => {
    expect(nextDeadline(placed)).toEqual({ kind: 'expire', at: '2030-01-02T00:00:00.000Z' });
  });

  it('authorised, it acts a day before its authorisation lapses, unless that is handled', () => {
    const payment = { captureBefore: '2030-01-08T00:00:00.000Z' };
    for (const status of ['confirmed', 'processing', 'on_hold'] as const) {
      expect(nextDeadline(order(status, payment))).toEqual({ kind: 'authorization_lapse', at: '2030-01-07T00:00:00.000Z' });
    }
    expect(nextDeadline(order('confirmed', payment, { lapseHandledFor: placed.payments[0]!.id }))).toBeUndefined();
    expect(nextDeadline(order('confirmed', { ...payment, status: 'captured' }))).toBeUndefined();
    expect(nextDeadline(order('confirmed'))).toBeUndefined();
  });

  it('acts no earlier than after half of the authorisation, and an hour', () => {
    expect(nextDeadline(order('confirmed', { captureBefore: '2030-01-02T00:00:00.000Z' }))?.at).toBe('2030-01-01T12:00:00.000Z');
    expect(nextDeadline(order('confirmed', { captureBefore: '2029-12-31T00:00:00.000Z' }))?.at).toBe('2030-01-01T01:00:00.000Z');
  });

  it('delivered, it is completed when its return window ends', () => {
    expect(nextDeadline(order('delivered', {}, { deliveredAt: at }))).toEqual({ kind: 'complete', at: '2030-01-31T00:00:00.000Z' });
  });

  it.each(['shipped', 'completed', 'cancelled', 'expired', 'returned'] as const)('%s, it waits for nothing', (status) => {
    expect(nextDeadline(order(status, { captureBefore: '2030-01-08T00:00:00.000Z' }))).toBeUndefined();
  });
});
