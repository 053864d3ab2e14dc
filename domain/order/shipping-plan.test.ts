import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyOrder, happen, shipped } from '#test/support/random-life.ts';
import { planCapture, planUnits, valueOfUnits } from './shipping-plan.ts';
import { planRefund, refundable } from './refund-plan.ts';
import { capturedTotal, type OrderState } from './state.ts';

const cause = { at: '2030-01-02T00:00:00.000Z', actor: 'test' };
const parcels = fc.array(fc.record({ line: fc.nat(3), quantity: fc.integer({ min: 1, max: 3 }) }), { maxLength: 8 });

/** A confirmed order; with `saved`, its method can be charged again. */
function confirmed(state: OrderState, saved: boolean): OrderState | undefined {
  if (state.totals.total === 0) return undefined;
  return happen(state, { what: 'authorized', dice: saved ? 1 : 0, more: 0 }, 0)!.state;
}

describe('shipping', () => {
  it('takes exactly the total over any sequence of shipments, by both capabilities and both policies', () => {
    fc.assert(
      fc.property(anyOrder, parcels, fc.boolean(), (order, parts, saved) => {
        let state = confirmed(order, saved);
        if (!state) return;
        let n = 1;
        for (const { line, quantity } of parts) {
          const next = shipped(state, [{ sku: state.lines[line % state.lines.length]!.sku, quantity }], (n += 1), cause);
          if (next) state = next.state;
          if (state.status === 'shipped') break;
          expect(capturedTotal(state)).toBeLessThanOrEqual(state.totals.total);
        }
        if (state.status !== 'shipped') {
          const last = shipped(state, undefined, (n += 1), cause);
          expect(last).toBeDefined();
          state = last!.state;
        }
        expect(state.status).toBe('shipped');
        expect(capturedTotal(state)).toBe(state.totals.total);
        expect(state.shipments.reduce((sum, { capturedAmount }) => sum + capturedAmount, 0)).toBe(state.totals.total);
        expect(state.reserved).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('never plans more units than are left, and says how many are', () => {
    fc.assert(
      fc.property(anyOrder, fc.array(fc.record({ sku: fc.constantFrom('A', 'B', 'Z'), quantity: fc.integer({ min: 1, max: 30 }) })), (state, wanted) => {
        const plan = planUnits(state, 'ship', wanted);
        plan.perLine.forEach((units, index) => expect(units >= 0 && units <= state.lines[index]!.quantity).toBe(true));
        for (const { sku, requested, movable } of plan.notMovable) {
          expect(movable).toBe(state.lines.filter((line) => line.sku === sku).reduce((sum, { quantity }) => sum + quantity, 0));
          expect(requested).toBeGreaterThan(movable);
        }
      }),
    );
  });

  it('is impossible to charge where neither authorisation nor saved method is left', () => {
    const [order] = fc.sample(anyOrder.filter(({ totals, settings }) => totals.total > 0 && settings.splitCapture === 'reauthorize'), 1);
    const state = { ...order!, payments: [{ ...order!.payments[0]!, status: 'voided' as const }] };
    expect(planCapture(state, state.lines.map(({ quantity }) => quantity))).toEqual({ kind: 'impossible', amount: state.totals.total });
  });

  it('values units exactly for the whole line', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), fc.integer({ min: 1, max: 1_000 }), (total, quantity) => {
        expect(valueOfUnits({ total, quantity }, quantity)).toBe(total);
        expect(valueOfUnits({ total, quantity }, 0)).toBe(0);
      }),
    );
  });
});

describe('refunds', () => {
  const paid = fc.tuple(anyOrder, fc.boolean()).map(([order, saved]) => {
    const state = confirmed(order, saved);
    return state && shipped(state, undefined, 1, cause)!.state;
  });

  it('never plan more than was taken, and exactly what was asked', () => {
    fc.assert(
      fc.property(paid, fc.integer({ min: -5, max: 100_000 }), (state, amount) => {
        if (!state) return;
        const plan = planRefund(state, { amount });
        expect(plan.ok).toBe(amount > 0 && amount <= refundable(state));
        if (plan.ok) expect(plan.parts.reduce((sum, part) => sum + part.amount, 0)).toBe(amount);
      }),
    );
  });

  it('line by line, unit by unit, sum to the lines’ totals exactly', () => {
    fc.assert(
      fc.property(paid, (state) => {
        if (!state) return;
        let order = state;
        let n = 10;
        for (const [index, line] of order.lines.entries()) {
          for (let unit = 0; unit < line.quantity; unit += 1) {
            const plan = planRefund(order, { lines: [{ sku: order.lines[index]!.sku, quantity: 1 }] });
            if (!plan.ok) {
              // A unit that cost nothing has nothing to give back.
              expect(plan.code).toBe('amount_too_high');
              return;
            }
            order = happen(order, { what: 'refundLines', dice: index, more: 1 }, (n += 1))!.state;
          }
        }
        const goods = order.lines.reduce((sum, line) => sum + line.total, 0);
        expect(order.refunds.reduce((sum, { amount }) => sum + amount, 0)).toBe(goods);
        expect(refundable(order)).toBe(order.totals.total - goods);
        expect(planRefund(order, { lines: [{ sku: order.lines[0]!.sku, quantity: 1 }] })).toMatchObject({ ok: false, code: 'lines_not_refundable' });
      }),
    );
  });
});
