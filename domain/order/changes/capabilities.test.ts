import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyOrder, shipped } from '#test/support/random-life.ts';
import { planCapture } from '../shipping-plan.ts';
import { capturedTotal, type OrderState } from '../state.ts';
import { paymentSettled } from './payments.ts';

const cause = { at: '2030-01-02T00:00:00.000Z', actor: 'test' };
const told = fc.constantFrom(true, false, undefined);
const charged = anyOrder.filter(({ totals }) => totals.total > 0);

/** The order's first payment is authorised; the provider says whether it can be captured in parts, or does not. */
function authorized(state: OrderState, multicapture: boolean | undefined, savedMethod?: string): OrderState {
  const [payment] = state.payments;
  return paymentSettled(state, payment!, {
    outcome: 'authorized', providerRef: 'pi', authorizedAmount: payment!.amount,
    ...(multicapture === undefined ? {} : { multicapture }), ...(savedMethod ? { savedMethod } : {}),
  }, cause).state;
}

describe('what the provider says of a payment’s card', () => {
  it('narrows what the connection can do, for that payment alone, and never widens it', () => {
    fc.assert(
      fc.property(charged, told, (order, multicapture) => {
        const { payments: [payment], connection } = authorized(order, multicapture);
        const { multicapture: before, ...others } = order.connection.capabilities;
        expect(payment!.capabilities).toEqual({ ...others, multicapture: before && multicapture !== false });
        expect(connection).toEqual(order.connection);
      }),
    );
  });

  it('decides how a shipment is paid: never in parts from a card that is captured once, and in the end exactly the total', () => {
    fc.assert(
      fc.property(charged, told, fc.option(fc.constant('pm'), { nil: undefined }), (order, multicapture, savedMethod) => {
        const state = authorized(order, multicapture, savedMethod);
        const one = state.lines.map((_, index) => (index === 0 ? 1 : 0));
        const plan = planCapture(state, one);
        if (!state.payments[0]!.capabilities.multicapture && plan.kind === 'capture') {
          expect(plan.final).toBe(true);
          // Nothing could be charged later: whatever the tenant chose, everything is taken at once.
          if (!savedMethod) expect(plan.amount).toBe(state.totals.total);
        }
        const first = shipped(state, [{ sku: state.lines[0]!.sku, quantity: 1 }], 1, cause)!.state;
        const all = first.status === 'shipped' ? first : shipped(first, undefined, 2, cause)!.state;
        expect(all.status).toBe('shipped');
        expect(capturedTotal(all)).toBe(all.totals.total);
      }),
    );
  });
});
