import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyLife, anyOrder, happen, stockOf } from '#test/support/random-life.ts';
import { deriveFulfillmentStatus, derivePaymentStatus } from '../derive.ts';
import { refundable } from '../refund-plan.ts';
import { wasApplied } from '../applied.ts';
import { capturedTotal, refundedTotal, type OrderState } from '../state.ts';
import { orderCommands } from '../transitions.ts';
import { missingMailData } from '../../mail/templates.ts';
import type { OrderStep } from './change.ts';

/** However long its life, an order remembers no more commands than it has money and units to move, and one of each other. */
function expectBounded(state: OrderState): void {
  const moved = (step: 'delivered' | 'returned') => state.lines.reduce((sum, line) => sum + line[step], 0);
  const most: Record<string, number> = { capture: capturedTotal(state), deliver: moved('delivered'), return: moved('returned') };
  for (const [name, ids] of Object.entries(state.applied ?? {})) expect(ids.length).toBeLessThanOrEqual(most[name] ?? 1);
}

describe('any life of any order', () => {
  it('keeps every invariant at every step', () => {
    fc.assert(
      fc.property(anyOrder, anyLife, (first, life) => {
        let state = first;
        const steps: OrderStep[] = [];
        life.forEach((happening, n) => {
          const before = JSON.stringify(state);
          const change = happen(state, happening, n);
          expect(JSON.stringify(state)).toBe(before); // pure
          if (!change) return;
          const { state: next, step } = change;
          steps.push(step);

          expect(next.seq).toBe(state.seq + 1);
          expect(next.paymentStatus).toBe(derivePaymentStatus(next));
          expect(next.fulfillmentStatus).toBe(deriveFulfillmentStatus(next.lines));
          expect(capturedTotal(next)).toBeLessThanOrEqual(next.totals.total);
          expect(refundedTotal(next)).toBeLessThanOrEqual(capturedTotal(next));
          expect(refundable(next)).toBeGreaterThanOrEqual(0);
          for (const payment of next.payments) {
            expect(payment.captured).toBeLessThanOrEqual(payment.authorized);
            expect(payment.refunded).toBeLessThanOrEqual(payment.captured);
          }
          next.lines.forEach((line, index) => {
            const old = state.lines[index]!;
            expect(0 <= line.returned && line.returned <= line.delivered && line.delivered <= line.shipped && line.shipped <= line.quantity).toBe(true);
            expect(line.shipped >= old.shipped && line.delivered >= old.delivered && line.returned >= old.returned).toBe(true);
            expect(line.refunded >= 0 && line.refunded <= line.quantity).toBe(true);
          });
          for (const { entries } of step.postings) expect(entries.reduce((sum, { amount }) => sum + amount, 0)).toBe(0);
          for (const { template, data } of step.mails) expect(missingMailData(template, data)).toEqual([]);
          const { command_id: commandId } = step.event.data as { command_id?: string };
          const name = orderCommands.find((command) => command === happening.what);
          if (commandId && name) {
            expect(wasApplied(state, name, { commandId })).toBe(false);
            expect(wasApplied(next, name, { commandId })).toBe(true);
          }
          expectBounded(next);
          state = next;
        });

        const cash = steps.flatMap(({ postings }) => postings.flatMap(({ entries }) => entries)).filter(({ account }) => account === 'cash_at_provider');
        expect(cash.reduce((sum, { amount }) => sum + amount, 0)).toBe(capturedTotal(state) - refundedTotal(state));

        const stock = stockOf(first, steps);
        const lastHold = new Map(state.lines.map(({ sku }) => [sku, state.lines.filter((line) => line.sku === sku).reduce((sum, { quantity }) => sum + quantity, 0)]));
        for (const [sku, quantity] of lastHold) {
          const shipped = stock.shipped.get(sku) ?? 0;
          expect(shipped).toBe(state.lines.filter((line) => line.sku === sku).reduce((sum, line) => sum + line.shipped, 0));
          const ended = ['cancelled', 'expired'].includes(state.status);
          if (ended) expect(state.reserved).toBe(false);
          if (state.status === 'confirmed') expect(state.reserved).toBe(true);
          expect(shipped).toBeLessThanOrEqual(quantity);
        }
        const holds = (first.reserved ? 1 : 0) + steps.filter(({ stock: effect }) => effect?.kind === 'hold').length;
        const releases = steps.filter(({ stock: effect }) => effect?.kind === 'release').length;
        // Every hold is released, shipped, or still there: never two at once, never two releases.
        expect([0, 1]).toContain(holds - releases);
        expect(holds - releases === 1).toBe(state.reserved || state.lines.some(({ shipped }) => shipped > 0));
      }),
      { numRuns: 150 },
    );
  });
});
