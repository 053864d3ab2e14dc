import type { Shortage } from './contract.ts';

/** Carries a shortage out of the transaction that it rolls back. */
export class ShortError extends Error {
  readonly shortages: Shortage[];

  constructor(shortages: Shortage[]) {
    super('Not enough stock');
    this.shortages = shortages;
  }
}
