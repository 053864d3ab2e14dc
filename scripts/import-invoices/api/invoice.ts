import { setTimeout as sleep } from 'node:timers/promises';
import { fileCurrency } from '../file/lines.ts';
import type { Invoice } from '../file/invoices.ts';
import { buyerOf } from '../plan/buyer.ts';
import type { Buyer } from '../plan/buyer.ts';
import type { PlannedRefund } from '../plan/refunds.ts';
import { readOrders } from '../reconcile/books.ts';
import { GaveUp, Refused } from './client.ts';
import type { Client } from './client.ts';
import type { Order, OrderSummary } from './types.ts';

/** An order that the shop took but that can't go on: it needs somebody. */
export class Stuck extends Error {
  override name = 'Stuck';
}

const settleMs = 5 * 60_000;

/**
 * Takes invoices in, one by one, each from wherever it is to its end: placed, shipped, delivered, refunded. Every
 * request has a key of its own, so that doing it all again changes nothing.
 */
export class InvoiceImporter {
  readonly #client: Client;
  readonly #hash: string;
  readonly #signal: AbortSignal | undefined;
  /** Customers that were seen to in this run: several orders of one are placed at once. */
  readonly #customers = new Map<string, Promise<void>>();
  /** As they were when the first refusal of an earlier run was met. */
  #orders: Promise<Map<string, OrderSummary[]>> | undefined;

  constructor(client: Client, hash: string, signal?: AbortSignal) {
    this.#client = client;
    this.#hash = hash;
    this.#signal = signal;
  }

  /**
   * @param known the order of an earlier run
   * @throws {Refused} {Stuck} {GaveUp}
   */
  async take(sale: Invoice, refunds: readonly PlannedRefund[], known: OrderSummary | undefined): Promise<void> {
    const order = await this.#settled(known ?? (await this.#place(sale)));
    if (order.fulfillment_status === 'unfulfilled') {
      await this.#command(sale, order, 'ship', { carrier: 'royal_mail', tracking_number: `RM${sale.number}GB` });
    }
    if (order.fulfillment_status !== 'delivered') await this.#command(sale, order, 'deliver', {});
    const missing = refunds.reduce((sum, { amount }) => sum + amount, 0) - order.refunded_amount;
    if (missing > 0) await this.#refund(sale, order, refunds);
  }

  async #place(sale: Invoice): Promise<OrderSummary> {
    const buyer = buyerOf(sale);
    if (buyer.customer) await this.#customer(buyer.customer, buyer);
    const request = {
      key: this.#key(sale.number, 'place'),
      body: {
        currency: fileCurrency,
        customer: { email: buyer.email, name: buyer.name },
        lines: sale.lines.map(({ sku, quantity, unitPrice }) => ({ sku, quantity, unit_price: unitPrice })),
        shipping_address: buyer.address,
        shipping_amount: 0,
        tax_exempt: true,
        payment: { provider: 'stripe', payment_method: 'pm_card_visa' },
        channel: 'import',
        metadata: { import: this.#hash, invoice: sale.number, invoice_date: sale.date },
      },
    };
    return this.#client.postAgain<OrderSummary>('/api/orders', request, async () => (await this.#ordersNow()).get(sale.number)?.[0]);
  }

  /** The orders of this import, read once: what this run adds has answers of its own. */
  #ordersNow(): Promise<Map<string, OrderSummary[]>> {
    if (!this.#orders) {
      this.#orders = readOrders(this.#client, this.#hash);
      this.#orders.catch(() => (this.#orders = undefined));
    }
    return this.#orders;
  }

  /** An order of which it is known whether it is paid. A result that the provider owes is asked for until it is there. */
  async #settled(order: OrderSummary): Promise<OrderSummary> {
    const began = performance.now();
    let current = order;
    while (current.status === 'pending' && ['none', 'processing', 'unknown'].includes(current.payment_status)) {
      if (performance.now() - began > settleMs) throw new GaveUp(`${order.id} is still ${current.status} (payment ${current.payment_status}).`);
      await sleep(1_000, undefined, this.#signal ? { signal: this.#signal } : {});
      current = await this.#client.get<OrderSummary>(`/api/orders/${order.id}`);
    }
    if (['pending', 'on_hold', 'cancelled', 'expired'].includes(current.status)) {
      throw new Stuck(`${order.id} is ${current.status}, payment ${current.payment_status}${current.attention ? `: ${current.attention.detail}` : ''}`);
    }
    return current;
  }

  async #refund(sale: Invoice, order: OrderSummary, refunds: readonly PlannedRefund[]): Promise<void> {
    const { refunds: done } = await this.#client.get<Order>(`/api/orders/${order.id}`);
    for (const { source, reason, body } of refunds) {
      if (done.some((refund) => refund.reason === reason && ['succeeded', 'pending'].includes(refund.status))) continue;
      await this.#command(sale, order, 'refund', { ...body, reason }, source);
    }
  }

  async #command(sale: Invoice, { id }: OrderSummary, name: string, body: object, part?: string): Promise<void> {
    await this.#client.postAgain(`/api/orders/${id}/${name}`, { key: this.#key(sale.number, part ? `${name}-${part}` : name), body });
  }

  /** A customer with an address, once. One that the shop has already stays as it is. */
  #customer(number: string, buyer: Buyer): Promise<void> {
    let seen = this.#customers.get(number);
    if (!seen) {
      seen = this.#makeCustomer(number, buyer);
      this.#customers.set(number, seen);
      seen.catch(() => this.#customers.delete(number));
    }
    return seen;
  }

  async #makeCustomer(number: string, { email, name, address }: Buyer): Promise<void> {
    const part = `customer-${number}`;
    const body = { email, name, metadata: { import: this.#hash, customer: number } };
    const made = await this.#client.post<{ id: string }>('/api/customers', { key: this.#key(part, 'make'), body }).catch((error: unknown) => {
      if (error instanceof Refused && error.code === 'already_exists') return undefined;
      throw error;
    });
    if (!made) return;
    await this.#client.post(`/api/customers/${made.id}/addresses`, { key: this.#key(part, 'address'), body: { kind: 'shipping', ...address } });
  }

  #key(part: string, step: string): string {
    return `import-${this.#hash}-${part}-${step}`;
  }
}
