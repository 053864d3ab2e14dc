import { sql } from 'kysely';
import type { Database } from '#entities/database.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { byScope, type ClaimedRow } from './claim.ts';

/** What a row becomes. */
export interface RowOutcome {
  status: 'sent' | 'failed' | 'pending';
  /** As it shall be recorded: one less than claimed when the row was given back unsent. */
  attempts: number;
  nextAttemptAt: Date | null;
  messageId: string | null;
  possibleDuplicate: boolean;
  reason: string | null;
  sentAt: Date | null;
}

/**
 * Writes outcomes as they come, in as few statements as the database keeps up with: what arrives while one
 * statement runs goes into the next. So the time between a server's 250 and our record stays short (only a
 * death in that time can double a mail), and a fast server costs few statements.
 */
export class OutcomeRecorder {
  readonly #database: Database;
  readonly #onLost: (ids: number[]) => void;
  #waiting: { row: ClaimedRow; outcome: RowOutcome }[] = [];
  #running: Promise<void> | undefined;
  #failure: unknown;

  /** @param onLost told of rows whose lease ended before their outcome could be written */
  constructor(database: Database, onLost: (ids: number[]) => void) {
    this.#database = database;
    this.#onLost = onLost;
  }

  add(row: ClaimedRow, outcome: RowOutcome): void {
    this.#waiting.push({ row, outcome });
    this.#running ??= this.#drain().catch((error: unknown) => void (this.#failure = error));
  }

  /** Waits until everything is written. @throws what kept it from being written; those rows keep their lease */
  async settle(): Promise<void> {
    await this.#running;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #drain(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const taken = this.#waiting.splice(0);
        const groups = byScope(taken.map(({ row, outcome }) => ({ ...row, outcome })));
        for (const group of groups) await this.#write(group);
      }
    } finally {
      this.#running = undefined;
    }
  }

  async #write(group: (ClaimedRow & { outcome: RowOutcome })[]): Promise<void> {
    const [first] = group;
    const values = group.map(({ id, attempts, outcome }) => ({ id, fence: attempts, ...outcome }));
    const written = await inTenant(this.#database, { tenantId: first!.tenant_id, livemode: first!.livemode }, async (db) => {
      const { rows } = await sql<{ id: number }>`
        update outbox o set
          status = v.status,
          attempts = v.attempts,
          next_attempt_at = coalesce(v."nextAttemptAt", o.next_attempt_at),
          message_id = coalesce(v."messageId", o.message_id),
          possible_duplicate = v."possibleDuplicate",
          last_error = v.reason,
          sent_at = v."sentAt"
        from jsonb_to_recordset(${JSON.stringify(values)}::jsonb) as v(id bigint, fence int, status text, attempts int,
          "nextAttemptAt" timestamptz, "messageId" text, "possibleDuplicate" boolean, reason text, "sentAt" timestamptz)
        where o.id = v.id and o.status = 'sending' and o.attempts = v.fence
        returning o.id`.execute(db);
      return new Set(rows.map((row) => row.id));
    });
    const lost = group.map((row) => row.id).filter((id) => !written.has(id));
    if (lost.length > 0) this.#onLost(lost);
  }
}
