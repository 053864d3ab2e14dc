/** What the importer reads of the API's answers. Amounts in minor units of `currency`. */
export interface OrderSummary {
  id: string;
  status: string;
  payment_status: string;
  fulfillment_status: string;
  attention: { code: string; detail: string } | null;
  currency: string;
  totals: { total: number };
  captured_amount: number;
  refunded_amount: number;
  metadata: Record<string, string>;
}

export interface Order extends OrderSummary {
  refunds: { status: string; reason: string }[];
}

export interface LedgerTransaction {
  kind: string;
  order_id: string | null;
  entries: { account: string; currency: string; amount: number }[];
}
