import { createHash } from 'node:crypto';
import type { Database } from '../database.ts';
import { StripeError } from './errors.ts';
import type { Hash } from './types.ts';

const KEPT_SECONDS = 24 * 3600;

export interface StoredAnswer {
  status: number;
  body: string;
  requestId: string;
}

/** Answers kept by Idempotency-Key for 24 hours of the sandbox's clock, 500s included. */
export class Idempotency {
  readonly #db: Database;
  readonly #running = new Set<string>();

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * The answer stored for this key, or undefined when the request is the first. Throws `idempotency_error`
   * for other parameters (400) and while the first still runs (409).
   */
  find(account: string, key: string, fingerprint: string, now: number): StoredAnswer | undefined {
    if (key.length > 255) {
      throw new StripeError(400, {
        message: `Idempotency keys must be no more than 255 characters long; yours has ${key.length}.`,
        type: 'invalid_request_error',
      }, 'validation');
    }
    if (this.#running.has(`${account}/${key}`)) {
      throw new StripeError(409, {
        code: 'idempotency_key_in_use',
        message: `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`,
        type: 'idempotency_error',
      }, 'validation');
    }
    const row = this.#db.get(
      'SELECT fingerprint, request_id, status, body FROM idempotency WHERE account = ? AND key = ? AND created > ?',
      account, key, now - KEPT_SECONDS,
    );
    if (!row) return undefined;
    if (row.fingerprint !== fingerprint) {
      throw new StripeError(400, {
        message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
        type: 'idempotency_error',
      }, 'validation');
    }
    return { status: row.status as number, body: row.body as string, requestId: row.request_id as string };
  }

  /** Marks a key as running, until the answer to this call is called. */
  start(account: string, key: string): () => void {
    const name = `${account}/${key}`;
    this.#running.add(name);
    return () => this.#running.delete(name);
  }

  /** Keeps an answer. In the transaction of its effect, so that neither is there without the other. */
  store(account: string, key: string, fingerprint: string, now: number, answer: StoredAnswer): void {
    this.#db.run(
      `INSERT OR REPLACE INTO idempotency (account, key, fingerprint, request_id, status, body, created)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      account, key, fingerprint, answer.requestId, answer.status, answer.body, now,
    );
  }

  /** Forgets what is older than the 24 hours. */
  prune(now: number): void {
    this.#db.run('DELETE FROM idempotency WHERE created <= ?', now - KEPT_SECONDS);
  }
}

/** One value for one request: method, path and parameters in any order. */
export const fingerprintOf = (method: string, path: string, params: Hash): string =>
  createHash('sha256').update(`${method} ${path} ${canonical(params)}`).digest('base64');

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value === 'object' && value) {
    const hash = value as Hash;
    return `{${Object.keys(hash).sort().map((key) => `${JSON.stringify(key)}:${canonical(hash[key])}`).join()}}`;
  }
  return JSON.stringify(value) ?? '';
}
