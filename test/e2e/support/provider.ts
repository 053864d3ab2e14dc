/** What the sandbox keeps about a payment; amounts in minor units. */
export interface Intent {
  id: string;
  status: string;
  amount: number;
  amount_capturable: number;
  amount_received: number;
  currency: string;
  metadata: Record<string, string>;
}

export interface Books {
  currency: string;
  authorized: number;
  captured: number;
  refunded: number;
  capturable: number;
  charges: number;
  charges_failed: number;
  refunds: number;
}

const nothing = { authorized: 0, captured: 0, refunded: 0, capturable: 0, charges: 0, charges_failed: 0, refunds: 0 };

/** The payment provider's side: the Stripe-compatible sandbox, its books and its faults. */
export class Provider {
  readonly url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.url = url;
    this.#key = key;
  }

  async #call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(new URL(path, this.url), {
      method,
      headers: { authorization: `Bearer ${this.#key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  /** The books of one currency, as they stand. */
  async books(currency: string): Promise<Books> {
    const { data } = await this.#call<{ data: Books[] }>('GET', `/_sandbox/books?api_key=${this.#key}`);
    return data.find((books) => books.currency === currency.toLowerCase()) ?? { currency, ...nothing };
  }

  intent(id: string): Promise<Intent> {
    return this.#call('GET', `/v1/payment_intents/${id}`);
  }

  /** Every payment that the provider has for an order. */
  async intentsOf(orderId: string): Promise<Intent[]> {
    return (await this.intents()).filter(({ metadata }) => metadata.perdura_order === orderId);
  }

  async intents(): Promise<Intent[]> {
    const all: Intent[] = [];
    for (let after = ''; ; ) {
      const page = await this.#call<{ data: Intent[]; has_more: boolean }>('GET', `/v1/payment_intents?limit=100${after}`);
      all.push(...page.data);
      if (!page.has_more) return all;
      after = `&starting_after=${page.data.at(-1)!.id}`;
    }
  }

  refunds(intentId: string): Promise<{ data: { id: string; amount: number; status: string }[] }> {
    return this.#call('GET', `/v1/refunds?payment_intent=${intentId}`);
  }

  /** What the customer does on the page of their bank. */
  async authenticate(intentId: string, how: 'complete' | 'fail' = 'complete'): Promise<void> {
    const response = await fetch(new URL(`/3ds/${intentId}/${how}`, this.url), { method: 'POST', redirect: 'manual' });
    if (response.status >= 400) throw new Error(`3-D Secure ${how}: ${response.status} ${await response.text()}`);
  }

  async fault(fault: Record<string, unknown>): Promise<string> {
    return (await this.#call<{ id: string }>('POST', '/_sandbox/faults', fault)).id;
  }

  /** How often a fault has struck. */
  async hits(id: string): Promise<number> {
    const { data } = await this.#call<{ data: { id: string; hits: number }[] }>('GET', '/_sandbox/faults');
    return data.find((fault) => fault.id === id)?.hits ?? 0;
  }

  async clearFaults(): Promise<void> {
    await this.#call('DELETE', '/_sandbox/faults');
  }

  async releaseWebhooks(): Promise<void> {
    await this.#call('POST', '/_sandbox/webhooks/release', {});
  }

  /** What somebody does at the provider without the shop: a request as Stripe's own pages would send it. */
  async form(path: string, parameters: Record<string, string>): Promise<{ id: string }> {
    const headers = { authorization: `Bearer ${this.#key}`, 'content-type': 'application/x-www-form-urlencoded' };
    const response = await fetch(new URL(path, this.url), { method: 'POST', headers, body: new URLSearchParams(parameters) });
    if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as { id: string };
  }
}

/** What was added to the books since `before`. */
export function added(before: Books, now: Books): Omit<Books, 'currency'> {
  const keys = Object.keys(nothing) as (keyof typeof nothing)[];
  return Object.fromEntries(keys.map((key) => [key, now[key] - before[key]])) as unknown as Omit<Books, 'currency'>;
}
