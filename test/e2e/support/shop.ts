import { randomUUID } from 'node:crypto';
import type { OrderBody, OrderSummaryBody } from '#api/routes/orders/schemas.ts';
import type { TimelineEntryBody } from '#api/routes/orders/timeline.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { Mailbox } from './mailbox.ts';
import { Processes } from './processes.ts';
import { Provider } from './provider.ts';
import { Rows } from './rows.ts';
import { takeSystem, type TakenSystem } from './system.ts';

export interface Reply<T> {
  status: number;
  headers: Headers;
  body: T;
  text: string;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  order_id?: string;
  decline_code?: string;
  allowed?: string[];
  skus?: string[];
  errors?: { pointer: string; detail: string }[];
}

export interface Page<T> {
  data: T[];
  has_more: boolean;
  next_cursor: string | null;
}

export interface Request {
  /** Idempotency-Key; null sends none; a new one unless told. */
  key?: string | null;
  apiKey?: string;
  ifMatch?: string;
}

export interface Placement {
  lines?: { sku: string; quantity: number; unit_price?: number }[];
  sku?: string;
  quantity?: number;
  currency?: string;
  card?: string;
  email?: string;
  /** Members of the body as they are. */
  body?: Record<string, unknown>;
}

/** The shop as its merchant's engineer sees it, and the outside world around it. */
export class Shop {
  readonly system: TakenSystem;
  readonly mailbox: Mailbox;
  readonly provider: Provider;
  readonly rows: Rows;
  readonly processes: Processes;

  private constructor(system: TakenSystem) {
    this.system = system;
    this.mailbox = new Mailbox(system.dev.mailbox_url!);
    this.provider = new Provider(system.dev.stripe_url!, system.stripeKey);
    this.rows = new Rows(system.ownerUrl);
    this.processes = new Processes(system.dev.temporal_address);
  }

  static async open(): Promise<Shop> {
    return new Shop(await takeSystem());
  }

  async close(): Promise<void> {
    await this.provider.clearFaults().catch(() => undefined);
    await this.rows.close();
    await this.processes.close();
    await this.system.release();
  }

  async call<T>(method: string, path: string, body?: unknown, { key, apiKey, ifMatch }: Request = {}): Promise<Reply<T>> {
    const idempotencyKey = key === undefined && method === 'POST' ? randomUUID() : key;
    const response = await fetch(new URL(path, this.system.dev.api_url), {
      method,
      headers: {
        authorization: `Bearer ${apiKey ?? this.system.dev.api_key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}),
        ...(ifMatch ? { 'if-match': ifMatch } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text ? JSON.parse(text) : undefined) as T, text };
  }

  post<T = OrderBody>(path: string, body: unknown, request?: Request): Promise<Reply<T>> {
    return this.call<T>('POST', path, body, request);
  }

  get<T>(path: string): Promise<Reply<T>> {
    return this.call<T>('GET', path);
  }

  /** A product with one variant and its stock (in the first location); answers the SKU. */
  async goods({ price = 1999, currency = 'USD', stock = 10 } = {}): Promise<string> {
    const sku = `E2E-${randomUUID().slice(0, 13).toUpperCase()}`;
    const product = await this.post('/api/products', { title: `Goods ${sku}`, variants: [{ sku, prices: [{ amount: price, currency }], weight_grams: 200 }] });
    if (product.status !== 201) throw new Error(product.text);
    if (stock > 0) await this.stockUp(sku, stock);
    return sku;
  }

  async stockUp(sku: string, quantity: number): Promise<void> {
    const { body } = await this.get<Page<{ id: string }>>('/api/locations');
    const adjusted = await this.post('/api/stock/adjustments', { location_id: body.data[0]!.id, sku, quantity, reason: 'counted' });
    if (adjusted.status >= 300) throw new Error(adjusted.text);
  }

  placement({ lines, sku, quantity = 1, currency = 'USD', card = 'pm_card_visa', email = newEmail(), body }: Placement): Record<string, unknown> {
    return {
      currency,
      customer: { email, name: 'Ada Byron' },
      lines: lines ?? [{ sku, quantity }],
      shipping_address: { name: 'Ada Byron', line1: '12 Analytical Way', city: 'Portland', region: 'OR', postal_code: '97201', country: 'US' },
      payment: { provider: 'stripe', payment_method: card },
      ...body,
    };
  }

  place<T = OrderBody>(placement: Placement, request?: Request): Promise<Reply<T>> {
    return this.post<T>('/api/orders', this.placement(placement), request);
  }

  command<T = OrderBody>(order: Pick<OrderBody, 'id'>, name: string, body: unknown = {}, request?: Request): Promise<Reply<T>> {
    return this.post<T>(`/api/orders/${order.id}/${name}`, body, request);
  }

  ship(order: Pick<OrderBody, 'id'>, lines?: { sku: string; quantity: number }[], request?: Request): Promise<Reply<OrderBody>> {
    return this.command(order, 'ship', { carrier: 'ups', tracking_number: '1Z999AA10123456784', ...(lines ? { lines } : {}) }, request);
  }

  async order(id: string): Promise<OrderBody> {
    return (await this.get<OrderBody>(`/api/orders/${id}`)).body;
  }

  /** Of an order, oldest first: `type` of each step, mail and provider event. */
  async timeline(id: string, kind?: TimelineEntryBody['kind']): Promise<TimelineEntryBody[]> {
    const { body } = await this.get<Page<TimelineEntryBody>>(`/api/orders/${id}/timeline?limit=100`);
    return body.data.filter((entry) => !kind || entry.kind === kind);
  }

  async steps(id: string): Promise<string[]> {
    return (await this.timeline(id, 'order')).map(({ type }) => type);
  }

  orders(query: string): Promise<Reply<Page<OrderSummaryBody>>> {
    return this.get(`/api/orders?${query}`);
  }

  /**
   * What a careful client does: the same request with the same key until there is a final answer, whatever
   * happens to the server meanwhile.
   */
  async insist<T = OrderBody>(path: string, body: unknown, key: string, timeoutMs = 90_000): Promise<Reply<T>> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const reply = await this.post<T>(path, body, { key }).catch(() => undefined);
      const busy = reply?.status === 409 && (reply.body as Problem).code === 'request_in_progress';
      if (reply && reply.status !== 202 && reply.status < 500 && !busy) return reply;
      if (performance.now() > end) throw new Error(`No final answer to POST ${path} within ${timeoutMs} ms: ${reply?.text}`);
      await pause(busy ? 500 : 100);
    }
  }
}

export function newEmail(): string {
  return `${randomUUID().slice(0, 13)}@example.com`;
}
