import type { Database } from '../database.ts';

/**
 * The sandbox's own time: real time plus an offset that survives a restart. Everything that Stripe dates
 * (created, capture_before, the 24 hours of an idempotency key) follows it; the signature header and the
 * retries of webhooks follow real time, since their receivers do.
 */
export class Clock {
  readonly #db: Database;
  #offsetMs: number;

  constructor(db: Database) {
    this.#db = db;
    this.#offsetMs = Number(db.get(`SELECT value FROM settings WHERE name = 'clock_offset_ms'`)?.value ?? 0);
  }

  /** Unix seconds. */
  now(): number {
    return Math.floor((Date.now() + this.#offsetMs) / 1000);
  }

  /** Moves the clock by this many seconds. */
  advance(seconds: number): void {
    this.#setOffset(this.#offsetMs + seconds * 1000);
  }

  /** Sets the clock; it runs on from there. */
  set(unixSeconds: number): void {
    this.#setOffset(unixSeconds * 1000 - Date.now());
  }

  /** Back to real time. */
  reset(): void {
    this.#setOffset(0);
  }

  #setOffset(offsetMs: number): void {
    this.#offsetMs = Math.round(offsetMs);
    this.#db.run(
      `INSERT INTO settings (name, value) VALUES ('clock_offset_ms', ?)
       ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
      String(this.#offsetMs),
    );
  }
}
