import type Stripe from 'stripe';
import { fromStripeAmount } from '#domain/payments/stripe-amounts.ts';
import type { Client } from '../api/client.ts';
import type { LedgerTransaction, OrderSummary } from '../api/types.ts';

/** Money of one order as one of the books has it, minor units. */
export interface Moved {
  currency: string;
  captured: number;
  refunded: number;
}

/** By order id. */
export type Book = Map<string, Moved>;

/** A provider that is being restarted is asked again. */
const patient = { maxNetworkRetries: 10 };

/** Orders of this import, by invoice: more than one means that something was doubled. */
export async function readOrders(client: Client, hash: string): Promise<Map<string, OrderSummary[]>> {
  const orders = new Map<string, OrderSummary[]>();
  for await (const order of client.list<OrderSummary>('/api/orders')) {
    const { import: source, invoice } = order.metadata;
    if (source === hash && invoice) orders.set(invoice, [...(orders.get(invoice) ?? []), order]);
  }
  return orders;
}

/** What the ledger says of these orders: the account that stands for the money at the provider. */
export async function readLedger(client: Client, orderIds: ReadonlySet<string>): Promise<Book> {
  const book: Book = new Map();
  for await (const { kind, order_id: id, entries } of client.list<LedgerTransaction>('/api/ledger/transactions')) {
    if (id === null || !orderIds.has(id)) continue;
    for (const { account, currency, amount } of entries) {
      if (account !== 'cash_at_provider') continue;
      // A refund that failed later is booked the other way round: it takes away from what was refunded.
      if (kind === 'capture') add(book, id, currency, { captured: amount });
      else add(book, id, currency, { refunded: -amount });
    }
  }
  return book;
}

/**
 * What the provider says, by its own lists and through its own client: payments carry our order's id. Authorisations
 * that nobody captured or released are named too.
 */
export async function readProvider(stripe: Stripe, orderIds: ReadonlySet<string>): Promise<{ book: Book; stillAuthorized: Map<string, number> }> {
  const book: Book = new Map();
  const stillAuthorized = new Map<string, number>();
  const orderOf = new Map<string, string>();
  for await (const intent of stripe.paymentIntents.list({ limit: 100 }, patient)) {
    const id = intent.metadata.perdura_order;
    if (!id || !orderIds.has(id)) continue;
    orderOf.set(intent.id, id);
    add(book, id, intent.currency.toUpperCase(), { captured: fromStripeAmount(intent.amount_received, intent.currency) });
    if (intent.amount_capturable > 0) stillAuthorized.set(id, (stillAuthorized.get(id) ?? 0) + fromStripeAmount(intent.amount_capturable, intent.currency));
  }
  for await (const refund of stripe.refunds.list({ limit: 100 }, patient)) {
    const intent = typeof refund.payment_intent === 'string' ? refund.payment_intent : refund.payment_intent?.id;
    const id = intent && orderOf.get(intent);
    if (id && ['succeeded', 'pending'].includes(refund.status ?? '')) add(book, id, refund.currency.toUpperCase(), { refunded: fromStripeAmount(refund.amount, refund.currency) });
  }
  return { book, stillAuthorized };
}

function add(book: Book, id: string, currency: string, { captured = 0, refunded = 0 }: Partial<Moved>): void {
  const moved = book.get(id) ?? { currency, captured: 0, refunded: 0 };
  book.set(id, { ...moved, captured: moved.captured + captured, refunded: moved.refunded + refunded });
}
