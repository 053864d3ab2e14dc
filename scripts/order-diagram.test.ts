import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { orderDiagram } from './parts/order-diagram.ts';

describe('docs/order-states.mmd', () => {
  it('shows the transition table as it is (else run node scripts/order-diagram.ts)', () => {
    expect(readFileSync(new URL('../docs/order-states.mmd', import.meta.url), 'utf8')).toBe(orderDiagram());
  });
});
