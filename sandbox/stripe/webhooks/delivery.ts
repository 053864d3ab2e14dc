import type { Database, Row } from '../../database.ts';
import { API_VERSION, type EventLog } from '../events.ts';
import { Poster } from './post.ts';
import { signatureHeader } from './signature.ts';

export interface DeliveryOptions {
  /** Wait before the second attempt; it doubles from there. */
  retryBaseMs: number;
  retryCapMs: number;
  attempts: number;
  concurrency: number;
  timeoutMs: number;
}

export const DEFAULT_DELIVERY: DeliveryOptions = {
  retryBaseMs: 1000,
  retryCapMs: 60_000,
  attempts: 20,
  concurrency: 16,
  timeoutMs: 10_000,
};

/**
 * Sends what EventLog queued: signed, several at a time, again with growing waits until the endpoint answers
 * 2xx or the attempts are used up. The queue is in the database, so a restart goes on with it.
 */
export class Deliveries {
  readonly #db: Database;
  readonly #events: EventLog;
  readonly #options: DeliveryOptions;
  readonly #poster = new Poster();
  readonly #running = new Set<number>();
  readonly #endpoints = new Map<string, { url: string; secret: string } | undefined>();
  #timer: NodeJS.Timeout | undefined;
  #scheduled = false;
  #closed = false;

  constructor(db: Database, events: EventLog, options: DeliveryOptions) {
    this.#db = db;
    this.#events = events;
    this.#options = options;
  }

  /** To be called after a commit. Several calls before the next turn of the loop are one. */
  wake(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  /** Makes held deliveries due. Answers how many. */
  release(): number {
    const { changes } = this.#db.run(
      `UPDATE deliveries SET state = 'pending', next_attempt_ms = ? WHERE state = 'held'`, Date.now(),
    );
    this.wake();
    return changes;
  }

  /** Numbers by state, for tests that wait until all is delivered. */
  counts(): Record<string, number> {
    const counts: Record<string, number> = { pending: 0, held: 0, delivered: 0, failed: 0, dropped: 0 };
    for (const row of this.#db.all('SELECT state, count(*) AS n FROM deliveries GROUP BY state')) {
      counts[row.state as string] = row.n as number;
    }
    return counts;
  }

  /** Forgets cached endpoints, after one was changed. */
  endpointsChanged(): void {
    this.#endpoints.clear();
  }

  /** Starts nothing more. What is under way is finished or, after a restart, sent again. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (let i = 0; i < 100 && this.#running.size > 0; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    this.#poster.close();
  }

  #pump(): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    const free = this.#options.concurrency - this.#running.size;
    if (free <= 0) return;
    const now = Date.now();
    const rows = this.#db.all(
      `SELECT d.seq, d.event, d.endpoint, d.attempts, o.body FROM deliveries d JOIN objects o ON o.id = d.event
       WHERE d.state = 'pending' AND d.next_attempt_ms <= ? ORDER BY d.next_attempt_ms, d.seq LIMIT ?`,
      now, free + this.#running.size,
    );
    for (const row of rows) {
      if (this.#running.size >= this.#options.concurrency) return;
      if (!this.#running.has(row.seq as number)) void this.#deliver(row);
    }
    const next = this.#db.get(
      `SELECT min(next_attempt_ms) AS at FROM deliveries WHERE state = 'pending' AND next_attempt_ms > ?`, now,
    );
    if (next?.at) {
      this.#timer = setTimeout(() => this.#pump(), Math.max(1, (next.at as number) - now));
      this.#timer.unref();
    }
  }

  async #deliver(row: Row): Promise<void> {
    const seq = row.seq as number;
    this.#running.add(seq);
    let status: number | null = null;
    let failure: string | null = null;
    try {
      status = await this.#send(row.endpoint as string, row.body as string);
    } catch (error) {
      failure = (error as Error).message;
    }
    this.#running.delete(seq);
    if (this.#closed) return;
    const delivered = status !== null && status >= 200 && status < 300;
    const attempts = (row.attempts as number) + 1;
    const spent = !delivered && attempts >= this.#options.attempts;
    const wait = Math.min(this.#options.retryBaseMs * 2 ** (attempts - 1), this.#options.retryCapMs);
    this.#db.run(
      'UPDATE deliveries SET state = ?, attempts = ?, next_attempt_ms = ?, last_status = ?, last_error = ? WHERE seq = ?',
      delivered ? 'delivered' : spent ? 'failed' : 'pending', attempts, Date.now() + wait, status, failure, seq,
    );
    if (delivered) this.#letOvertakenFollow(seq, row.endpoint as string);
    this.wake();
  }

  async #send(endpointId: string, body: string): Promise<number> {
    const endpoint = this.#endpoint(endpointId);
    if (!endpoint) throw new Error('the endpoint is gone');
    return this.#poster.post(
      endpoint.url,
      body,
      {
        'content-type': 'application/json; charset=utf-8',
        'stripe-signature': signatureHeader(body, endpoint.secret, Math.floor(Date.now() / 1000)),
        'stripe-version': API_VERSION,
        'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
        accept: '*/*; q=0.5, application/xml',
      },
      this.#options.timeoutMs,
    );
  }

  #endpoint(id: string): { url: string; secret: string } | undefined {
    if (!this.#endpoints.has(id)) {
      const row = this.#db.get('SELECT body, hidden FROM objects WHERE id = ?', id);
      const found = row && {
        url: (JSON.parse(row.body as string) as { url: string }).url,
        secret: (JSON.parse(row.hidden as string) as { secret: string }).secret,
      };
      this.#endpoints.set(id, found);
    }
    return this.#endpoints.get(id);
  }

  /** A later event was delivered: those it had to overtake may go now. */
  #letOvertakenFollow(delivered: number, endpoint: string): void {
    for (const [seq, to] of this.#events.reordered) {
      if (seq >= delivered || to !== endpoint) continue;
      this.#events.reordered.delete(seq);
      this.#db.run(`UPDATE deliveries SET next_attempt_ms = ? WHERE seq = ? AND state = 'pending'`, Date.now(), seq);
    }
  }
}
