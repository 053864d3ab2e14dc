import { fileCurrency } from '../file/lines.ts';
import type { OrderSummary } from '../api/types.ts';
import type { ImportPlan } from '../plan/plan.ts';
import type { Book } from './books.ts';

export interface Books {
  orders: ReadonlyMap<string, readonly OrderSummary[]>;
  ledger: Book;
  /** Undefined where the provider could not be asked. */
  provider: { book: Book; stillAuthorized: ReadonlyMap<string, number> } | undefined;
}

/** One line of the table: how many orders or refunds, and minor units by currency. */
export interface Row {
  name: string;
  count: number;
  amounts: Map<string, number>;
}

export interface Difference {
  invoice: string;
  what: string;
  expected: number;
  found: number;
}

export interface Reconciliation {
  sales: Row[];
  refunds: Row[];
  differences: Difference[];
  /** Invoices for which every book says the same. */
  exact: number;
  invoices: number;
}

/** Compares invoice by invoice what the file asks for with what each of the books says. */
export function compare(plan: ImportPlan, { orders, ledger, provider }: Books): Reconciliation {
  const columns = { file: new Column(), orders: new Column(), ledger: new Column(), provider: new Column() };
  const differences: Difference[] = [];
  const wrong = new Set<string>();
  for (const { number: invoice, total } of plan.sales) {
    const refund = (plan.refunds.get(invoice) ?? []).reduce((sum, { amount }) => sum + amount, 0);
    const own = orders.get(invoice) ?? [];
    const check = (what: string, expected: number, found: number) => {
      if (expected === found) return;
      wrong.add(invoice);
      differences.push({ invoice, what, expected, found });
    };
    columns.file.add({ currency: fileCurrency, captured: total, refunded: refund });
    check('orders', 1, own.length);
    check('orders in another currency', 0, own.filter(({ currency }) => currency !== fileCurrency).length);
    for (const { currency, totals, refunded_amount: refunded } of own) columns.orders.add({ currency, captured: totals.total, refunded });
    check('total of the order', total, sum(own, ({ totals }) => totals.total));
    check('captured, by the order', total, sum(own, (order) => order.captured_amount));
    check('refunded, by the order', refund, sum(own, (order) => order.refunded_amount));
    for (const [name, column, book] of [['ledger', columns.ledger, ledger], ['provider', columns.provider, provider?.book]] as const) {
      if (!book) continue;
      const moved = own.flatMap(({ id }) => book.get(id) ?? []);
      for (const one of moved) column.add(one);
      check(`captured, by the ${name}`, total, sum(moved, ({ captured }) => captured));
      check(`refunded, by the ${name}`, refund, sum(moved, ({ refunded }) => refunded));
    }
    check('still authorised at the provider', 0, sum(own, ({ id }) => provider?.stillAuthorized.get(id) ?? 0));
  }
  const rows = (kind: 'captured' | 'refunded', names: [keyof typeof columns, string][]) =>
    names.filter(([column]) => column !== 'provider' || provider).map(([column, name]) => columns[column].row(kind, name));
  return {
    sales: rows('captured', [['file', 'in the file'], ['orders', 'orders'], ['ledger', 'captured, ledger'], ['provider', 'captured, provider']]),
    refunds: rows('refunded', [['file', 'planned'], ['orders', 'orders'], ['ledger', 'ledger'], ['provider', 'provider']]),
    differences,
    exact: plan.sales.length - wrong.size,
    invoices: plan.sales.length,
  };
}

/** Sums of one book. */
class Column {
  readonly #sums = { captured: new Map<string, number>(), refunded: new Map<string, number>() };
  readonly #counts = { captured: 0, refunded: 0 };

  add(moved: { currency: string; captured: number; refunded: number }): void {
    for (const kind of ['captured', 'refunded'] as const) {
      if (moved[kind] === 0) continue;
      const sums = this.#sums[kind];
      sums.set(moved.currency, (sums.get(moved.currency) ?? 0) + moved[kind]);
      this.#counts[kind] += 1;
    }
  }

  row(kind: 'captured' | 'refunded', name: string): Row {
    return { name, count: this.#counts[kind], amounts: this.#sums[kind] };
  }
}

function sum<T>(items: readonly T[], amountOf: (item: T) => number): number {
  return items.reduce((total, item) => total + amountOf(item), 0);
}
