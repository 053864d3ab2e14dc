import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allocateStock } from './allocate.ts';

const skus = ['A', 'B', 'C'];
const wanted = fc.uniqueArray(fc.record({ sku: fc.constantFrom(...skus), quantity: fc.integer({ min: 1, max: 20 }) }), { selector: ({ sku }) => sku, minLength: 1 });
const free = fc.uniqueArray(
  fc.record({
    sku: fc.constantFrom(...skus), locationId: fc.constantFrom('north', 'south', 'west'), available: fc.integer({ min: -3, max: 20 }),
    priority: fc.integer({ min: 0, max: 3 }),
  }),
  { selector: ({ sku, locationId }) => `${sku}/${locationId}` },
);

describe('allocateStock', () => {
  it('takes exactly what is wanted and never more than there is, or takes nothing and names what is short', () => {
    fc.assert(
      fc.property(wanted, free, (units, stock) => {
        const plan = allocateStock(units, stock);
        const there = (sku: string) => stock.filter((row) => row.sku === sku).reduce((sum, { available }) => sum + Math.max(0, available), 0);
        const short = units.filter(({ sku, quantity }) => there(sku) < quantity);
        expect(plan.ok).toBe(short.length === 0);
        if (!plan.ok) {
          expect(plan.shortages).toEqual(short.map(({ sku, quantity }) => ({ sku, requested: quantity, available: there(sku) })));
          return;
        }
        for (const { sku, quantity } of units) {
          expect(plan.allocations.filter((part) => part.sku === sku).reduce((sum, part) => sum + part.quantity, 0)).toBe(quantity);
        }
        for (const part of plan.allocations) {
          expect(part.quantity).toBeGreaterThan(0);
          expect(part.quantity).toBeLessThanOrEqual(stock.find((row) => row.sku === part.sku && row.locationId === part.locationId)!.available);
        }
        expect(new Set(plan.allocations.map(({ sku, locationId }) => `${sku}/${locationId}`)).size).toBe(plan.allocations.length);
      }),
    );
  });

  it('prefers one parcel to the preferred location', () => {
    const stock = [
      { sku: 'A', locationId: 'near', available: 5, priority: 0 },
      { sku: 'A', locationId: 'far', available: 5, priority: 1 },
      { sku: 'B', locationId: 'far', available: 1, priority: 1 },
    ];
    expect(allocateStock([{ sku: 'A', quantity: 2 }, { sku: 'B', quantity: 1 }], stock)).toEqual({
      ok: true, allocations: [{ sku: 'A', locationId: 'far', quantity: 2 }, { sku: 'B', locationId: 'far', quantity: 1 }],
    });
    expect(allocateStock([{ sku: 'A', quantity: 8 }], stock)).toEqual({
      ok: true, allocations: [{ sku: 'A', locationId: 'near', quantity: 5 }, { sku: 'A', locationId: 'far', quantity: 3 }],
    });
  });
});
