import { claimRows, renewRows, type ClaimedRow } from './claim.ts';
import type { OutboxDependencies } from './create.ts';
import { leaseMs } from './limits.ts';

/** Rows that are this dispatcher's for as long as it lives and reaches Postgres. */
export class Lease {
  readonly rows: readonly ClaimedRow[];
  readonly #deps: OutboxDependencies;
  readonly #timer: NodeJS.Timeout;
  readonly #ms: number;
  #until: Date;
  #kept: ReadonlySet<number>;
  #renewing: Promise<void> | undefined;

  private constructor(deps: OutboxDependencies, rows: readonly ClaimedRow[], until: Date, ms: number) {
    this.#deps = deps;
    this.rows = rows;
    this.#until = until;
    this.#ms = ms;
    this.#kept = new Set(rows.map(({ id }) => id));
    this.#timer = setInterval(() => (this.#renewing ??= this.#renew().finally(() => (this.#renewing = undefined))), ms / 3);
  }

  /** Takes due rows, or undefined when there are none. */
  static async take(deps: OutboxDependencies, atMost: number): Promise<Lease | undefined> {
    const ms = deps.leaseMs ?? leaseMs;
    const now = deps.clock?.() ?? new Date();
    const until = new Date(now.getTime() + ms);
    const rows = await claimRows(deps.database, now, until, atMost);
    return rows.length > 0 ? new Lease(deps, rows, until, ms) : undefined;
  }

  /** False once another dispatcher may have taken the row: then it is not begun. */
  holds({ id }: ClaimedRow): boolean {
    return this.#now() < this.#until && this.#kept.has(id);
  }

  /** What is not recorded by now is taken again when the lease has run out. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
  }

  async #renew(): Promise<void> {
    const until = new Date(this.#now().getTime() + this.#ms);
    try {
      this.#kept = await renewRows(this.#deps.database, this.rows, until);
      this.#until = until;
    } catch (error) {
      this.#deps.logger.warn({ err: error }, 'Mails under way could not be kept; another dispatcher may take them');
    }
  }

  #now(): Date {
    return this.#deps.clock?.() ?? new Date();
  }
}
