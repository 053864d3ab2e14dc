import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { pino } from 'pino';
import { newId } from '#domain/ids.ts';
import type { MailData, MailTemplate } from '#domain/mail/templates.ts';
import type { OrderContact } from '#domain/order/contact.ts';
import { openDatabase, type Database } from '#entities/database.ts';
import { createMailer, type Mailer } from '#activities/email/mailer.ts';
import { KeyRing } from '#platform/keyring.ts';
import { createTestDatabase, type TestDatabase } from '#test/environment/index.ts';
import { dispatchBatch, type BatchResult } from '../batch.ts';
import type { OutboxDependencies } from '../create.ts';
import { FaultySmtpServer } from './smtp.ts';

export interface OutboxRow {
  id: number;
  status: string;
  attempts: number;
  possible_duplicate: boolean;
  last_error: string | null;
  message_id: string | null;
  next_attempt_at: Date;
  sent_at: Date | null;
}

/** A database with tenants and orders, a mail server, and dispatchers whose clock the test moves. */
export class OutboxFixture {
  readonly smtp = new FaultySmtpServer();
  readonly keyRing = new KeyRing(`test:${randomBytes(32).toString('base64')}`);
  readonly logged: string[] = [];
  /** Added to the machine's time. */
  skewMs = 0;
  database!: Database;
  #test!: TestDatabase;
  #owner!: pg.Client;
  #mailers: Mailer[] = [];
  #steps = 0;
  #numbers = 1000;

  async start(): Promise<void> {
    this.#test = await createTestDatabase();
    this.#owner = new pg.Client({ connectionString: this.#test.ownerUrl });
    await this.#owner.connect();
    await this.#owner.query('set role perdura_owner');
    this.database = await openDatabase(this.#test.url);
    await this.smtp.start();
  }

  async stop(): Promise<void> {
    for (const mailer of this.#mailers) mailer.close();
    await this.smtp.stop();
    await this.database.close(true);
    await this.#owner.end();
    await this.#test.drop();
  }

  /** An empty outbox, a server that behaves, and the machine's own time. */
  async reset(): Promise<void> {
    await this.#owner.query('truncate outbox');
    this.smtp.received.length = 0;
    this.smtp.attempts = 0;
    this.smtp.behave = () => 'accept';
    this.smtp.delayMs = 0;
    this.skewMs = 0;
    this.logged.length = 0;
  }

  /** A worker of its own: its connections to the mail server are shared with no other. */
  worker(change: Partial<OutboxDependencies> = {}): OutboxDependencies {
    const mailer = createMailer({ SMTP_URL: this.smtp.url, MAIL_FROM: 'Shop <orders@shop.example>' }, { sendTimeoutMs: 5_000 });
    this.#mailers.push(mailer);
    const logger = pino({ level: 'trace' }, { write: (line) => void this.logged.push(line) });
    const clock = () => new Date(Date.now() + this.skewMs);
    return { database: this.database, keyRing: this.keyRing, mailer, logger, clock, ...change };
  }

  /** One batch. */
  dispatch(worker: OutboxDependencies, atMost = 50): Promise<BatchResult> {
    return dispatchBatch(worker, atMost, new AbortController().signal);
  }

  async tenant(settings: Record<string, unknown> = {}): Promise<string> {
    const id = newId('tenant');
    await this.#owner.query('insert into tenants values ($1, $2, $3, $4, now())', [id, 'Nordlicht', id, settings]);
    return id;
  }

  /** An order of one line over 25.00 USD; answers its id. */
  async order(tenantId: string, email = 'ada@example.com', livemode = false): Promise<string> {
    const id = newId('order');
    const customer = newId('customer');
    const address = { name: 'Ada Lovelace', line1: '1 Market St', city: 'Denver', region: 'CO', postalCode: '80202', country: 'US' };
    const contact: OrderContact = { email, name: 'Ada Lovelace', shippingAddress: address };
    await this.#owner.query(
      `insert into customers (id, tenant_id, livemode, email_index, profile_sealed, status, created_at, updated_at)
       values ($1, $2, $3, $1, '', 'active', now(), now())`,
      [customer, tenantId, livemode],
    );
    await this.#owner.query(
      `insert into orders (id, tenant_id, livemode, number, version, status, payment_status, fulfillment_status, currency, subtotal, discount,
         shipping, tax, total, customer_id, contact_sealed, workflow_id, placed_at, created_at, updated_at)
       values ($1, $2, $3, $4, 1, 'confirmed', 'authorized', 'unfulfilled', 'USD', 2500, 0, 0, 0, 2500, $5, $6, $7, now(), now(), now())`,
      [id, tenantId, livemode, (this.#numbers += 1), customer, this.keyRing.seal(contact, id), `order/${id}`],
    );
    await this.#owner.query(
      `insert into order_lines (id, tenant_id, livemode, order_id, position, sku, title, quantity, unit_price, subtotal, discount, tax, total)
       values ($1, $2, $3, $4, 0, 'MUG-BLUE', 'Enamel mug', 2, 1250, 2500, 0, 0, 2500)`,
      [newId('orderLine'), tenantId, livemode, id],
    );
    return id;
  }

  /** What a transition of the order's workflow would write; answers the row's id. */
  async announce(orderId: string, template: MailTemplate | 'from_the_future' = 'order_confirmation', data: MailData = {}): Promise<number> {
    const { rows } = await this.#owner.query<{ id: string | number }>(
      `insert into outbox (tenant_id, livemode, kind, template, subject_id, data, dedupe_key, status, next_attempt_at, created_at)
       -- A JavaScript date has whole milliseconds: due at this moment, not in a fraction of the next.
       select tenant_id, livemode, 'mail', $2, id, $3, $4, 'pending', date_trunc('milliseconds', now()), now() from orders where id = $1 returning id`,
      [orderId, template, data, `order/${orderId}/${(this.#steps += 1)}/${template}`],
    );
    return Number(rows[0]!.id);
  }

  async row(id: number): Promise<OutboxRow> {
    const { rows } = await this.#owner.query<OutboxRow>('select * from outbox where id = $1', [id]);
    return rows[0]!;
  }

  /** How many rows have each status. */
  async statuses(): Promise<Record<string, number>> {
    const { rows } = await this.#owner.query<{ status: string; count: string }>('select status, count(*)::text as count from outbox group by 1');
    return Object.fromEntries(rows.map(({ status, count }) => [status, Number(count)]));
  }

  async sql(text: string, values: unknown[] = []): Promise<void> {
    await this.#owner.query(text, values);
  }
}
