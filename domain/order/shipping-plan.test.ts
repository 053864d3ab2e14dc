import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyOrder, happen, shipped } from '#test/support/random-life.ts';
import { sampleId } from '#test/support/sample-order.ts';
import { refundRecorded } from './changes/endings.ts';
import { planCapture, planUnits, valueOfUnits } from './shipping-plan.ts';
import { planRefund, refundable } from './refund-plan.ts';
import { chargeablePart, chargeableStep, toStripeAmount } from '../payments/stripe-amounts.ts';
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

describe('where the provider takes multiples only', () => {
  /** The currencies with a step, and one without. */
  const anyCurrency = fc.constantFrom('BHD', 'JOD', 'KWD', 'OMR', 'TND', 'MGA', 'ISK', 'USD');
  /** An order in that currency whose shipping brings its total to what can be authorised. */
  const anyChargeable = fc.tuple(anyOrder, anyCurrency, fc.boolean()).map(([order, currency, saved]) => {
    const step = chargeableStep('stripe', currency);
    const more = (step - (order.totals.total % step)) % step;
    const totals = { ...order.totals, shipping: order.totals.shipping + more, total: order.totals.total + more };
    return confirmed({ ...order, currency, totals, payments: order.payments.map((payment) => ({ ...payment, amount: totals.total })) }, saved);
  });
  const takes = (state: OrderState, amount: number) => toStripeAmount(amount, state.currency) !== undefined;

  /** Three units of one line that come to 10.000 KWD, shipped one by one. */
  const shippedOneByOne = (provider = 'stripe') => {
    const [order] = fc.sample(anyOrder.filter(({ connection, totals }) => connection.capabilities.multicapture && totals.total > 0), 1);
    const lines = [{ ...order!.lines[0]!, sku: 'A', quantity: 3, total: 10_000 }];
    const totals = { ...order!.totals, subtotal: 10_000, discount: 0, shipping: 0, tax: 0, total: 10_000 };
    const payments = [{ ...order!.payments[0]!, amount: 10_000 }];
    let state = confirmed({ ...order!, currency: 'KWD', lines, totals, payments, connection: { ...order!.connection, provider } }, false)!;
    for (const n of [1, 2, 3]) state = shipped(state, [{ sku: 'A', quantity: 1 }], n, cause)!.state;
    return state;
  };
  const refundedUnits = (state: OrderState, quantity: number, sku: string, n: number): OrderState | string => {
    const plan = planRefund(state, { lines: [{ sku, quantity }] });
    if (!plan.ok) return plan.code;
    return plan.parts.reduce((now, { paymentId, amount, perLine }, index) => {
      expect(takes(state, amount)).toBe(true);
      const refund = { id: sampleId('refund', n * 100 + index), paymentId, amount, reason: '', actor: 'test' };
      return refundRecorded(now, refund, { outcome: 'succeeded', refundRef: `re_${n}_${index}`, amount }, perLine, cause).state;
    }, state);
  };

  it('a part is rounded down, and the last one settles the rest', () => {
    const state = shippedOneByOne();
    expect(state.shipments.map(({ capturedAmount }) => capturedAmount)).toEqual([3330, 3330, 3340]);
    const back = [1, 2, 3].reduce((now, n) => refundedUnits(now, 1, 'A', n) as OrderState, state);
    expect(back.refunds.map(({ amount }) => amount)).toEqual([3330, 3330, 3340]);
    expect(refundable(back)).toBe(0);
    expect(shippedOneByOne('other').shipments.map(({ capturedAmount }) => capturedAmount)).toEqual([3333, 3333, 3334]);
  });

  it('captures what was authorised by the last shipment, whatever the order of the parts', () => {
    fc.assert(
      fc.property(anyChargeable, parcels, (order, parts) => {
        if (!order) return;
        let state = order;
        let n = 1;
        for (const { line, quantity } of [...parts, undefined].map((part) => part ?? { line: -1, quantity: 0 })) {
          if (state.status === 'shipped') break;
          const next = shipped(state, line < 0 ? undefined : [{ sku: state.lines[line % state.lines.length]!.sku, quantity }], (n += 1), cause);
          if (!next) continue;
          const money = capturedTotal(next.state) - capturedTotal(state);
          expect(takes(state, money)).toBe(true);
          expect(next.step.postings.reduce((sum, { entries }) => sum + (entries.find(({ account }) => account === 'cash_at_provider')?.amount ?? 0), 0)).toBe(money);
          for (const { entries } of next.step.postings) expect(entries.reduce((sum, { amount }) => sum + amount, 0)).toBe(0);
          state = next.state;
          expect(capturedTotal(state)).toBeLessThanOrEqual(state.totals.total);
        }
        expect(state.status).toBe('shipped');
        expect(capturedTotal(state)).toBe(state.totals.total);
      }),
      { numRuns: 500 },
    );
  });

  it('gives back what all lines come to, whatever the order of the refunds, and the rest at last', () => {
    fc.assert(
      fc.property(anyChargeable, parcels, parcels, (order, parts, givenBack) => {
        if (!order) return;
        let n = 1;
        let state = order;
        for (const { line, quantity } of parts) state = shipped(state, [{ sku: state.lines[line % state.lines.length]!.sku, quantity }], (n += 1), cause)?.state ?? state;
        if (state.status !== 'shipped') state = shipped(state, undefined, (n += 1), cause)!.state;
        for (const { line, quantity } of givenBack) {
          const next = refundedUnits(state, quantity, state.lines[line % state.lines.length]!.sku, (n += 1));
          if (typeof next !== 'string') state = next;
          expect(refundable(state)).toBeGreaterThanOrEqual(0);
        }
        const left = state.lines.map((line) => ({ sku: line.sku, quantity: line.quantity - line.refunded })).filter(({ quantity }) => quantity > 0);
        const plan = planRefund(state, { lines: left });
        const goods = state.lines.reduce((sum, line) => sum + line.total, 0);
        const given = state.totals.total - refundable(state);
        const rest = chargeablePart(goods, chargeableStep('stripe', state.currency)) - given;
        // Exactly what the lines come to, or nothing where they come to less than one step more.
        expect(plan.ok ? plan.amount : 0).toBe(rest);
        const all = planRefund(state, {});
        if (refundable(state) > 0) expect(all).toMatchObject({ ok: true, amount: refundable(state) });
        if (all.ok) for (const part of all.parts) expect(takes(state, part.amount)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses an amount, or lines, that no multiple stands for', () => {
    const state = shippedOneByOne();
    expect(planRefund(state, { amount: 3333 })).toEqual({ ok: false, code: 'amount_not_chargeable', step: 10 });
    expect(planRefund(state, { amount: 10_001 })).toMatchObject({ code: 'amount_too_high' });
    expect(planRefund(state, { amount: 3330 })).toMatchObject({ ok: true });
    const cheap = { ...state, lines: [{ ...state.lines[0]!, total: 9 }] };
    expect(planRefund(cheap, { lines: [{ sku: 'A', quantity: 1 }] })).toEqual({ ok: false, code: 'amount_not_chargeable', step: 10 });
  });

  it.each([
    ['captures nothing for units that come to less than a step', true, { kind: 'none' }],
    ['captures everything with them where it is captured at once', false, { kind: 'capture', amount: 10, final: true }],
  ])('%s', (_name, multicapture, plan) => {
    const [order] = fc.sample(anyOrder.filter(({ connection, totals }) => connection.capabilities.multicapture === multicapture && totals.total > 0), 1);
    const lines = [{ ...order!.lines[0]!, sku: 'A', quantity: 2, total: 10 }];
    const totals = { ...order!.totals, total: 10 };
    const state = confirmed({ ...order!, currency: 'KWD', lines, totals, payments: [{ ...order!.payments[0]!, amount: 10 }] }, false)!;
    expect(planCapture(state, [1])).toMatchObject(plan);
  });
});
