/** The order that every measurement places: two SKUs of the catalogue, one of 500 customers. */
export class OrderBodies {
  readonly #skus: readonly string[];
  #seed: number;

  constructor(skus: readonly string[], seed: number) {
    this.#skus = skus;
    this.#seed = seed >>> 0;
  }

  /** @param lines how many different SKUs */
  next(lines = 2): string {
    const from = this.#below(this.#skus.length);
    const customer = this.#below(500);
    return JSON.stringify({
      currency: 'USD',
      customer: { email: `bench${customer}@example.com`, name: 'Ada Bench' },
      lines: Array.from({ length: lines }, (_, index) => ({ sku: this.#skus[(from + index) % this.#skus.length], quantity: 1 + this.#below(3) })),
      shipping_address: { name: 'Ada Bench', line1: '1 Main St', city: 'Springfield', region: 'IL', postal_code: '62701', country: 'US' },
      payment: { provider: 'stripe', payment_method: 'pm_card_visa' },
    });
  }

  /** A linear congruential generator (Numerical Recipes): the same orders in every run. */
  #below(limit: number): number {
    this.#seed = (Math.imul(this.#seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#seed / 2 ** 32) * limit);
  }
}
