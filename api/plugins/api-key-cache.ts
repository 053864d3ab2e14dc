import { sql } from 'kysely';
import type { Database } from '#entities/database.ts';
import { inTenant, withoutTenant } from '#entities/unit-of-work.ts';

/** A key as the look-up finds it: without the key itself. */
export interface FoundKey {
  id: string;
  tenantId: string;
  livemode: boolean;
  kind: string;
  scopes: string[];
  expiresAt: Date | null;
  revokedAt: Date | null;
  settings: Record<string, unknown>;
}

interface KeyRow {
  id: string;
  tenant_id: string;
  livemode: boolean;
  kind: string;
  scopes: string[];
  expires_at: Date | null;
  revoked_at: Date | null;
  settings: Record<string, unknown>;
}

/** A revoked key may work this much longer in other processes of the API. */
const keptForMs = 10_000;
const mostKept = 10_000;
const useRecordedEveryMs = 60_000;

/**
 * Keys by hash, kept for a short while, unknown ones too, so that a request costs no look-up. The last use is
 * written at most once a minute and never waited for.
 */
export class ApiKeyCache {
  readonly #database: Database;
  readonly #report: (error: unknown) => void;
  readonly #entries = new Map<string, { found: Promise<FoundKey | undefined>; until: number }>();
  readonly #recorded = new Map<string, number>();
  readonly #writes = new Set<Promise<void>>();

  constructor(database: Database, report: (error: unknown) => void) {
    this.#database = database;
    this.#report = report;
  }

  /** The key with that hash, revoked and expired ones included; undefined when there is none. */
  async find(hash: string): Promise<FoundKey | undefined> {
    const now = Date.now();
    let entry = this.#entries.get(hash);
    if (!entry || entry.until <= now) {
      if (this.#entries.size >= mostKept) this.#entries.clear();
      entry = { found: this.#read(hash), until: now + keptForMs };
      this.#entries.set(hash, entry);
      // A failed look-up is not an answer: the next request asks again.
      entry.found.catch(() => this.#entries.delete(hash));
    }
    const found = await entry.found;
    if (found) this.#recordUse(found, now);
    return found;
  }

  /** Forgets everything: a key of this process's own making or revoking counts at once. */
  clear(): void {
    this.#entries.clear();
  }

  /** Resolves when no write is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#writes);
  }

  async #read(hash: string): Promise<FoundKey | undefined> {
    const { rows } = await sql<KeyRow>`select * from find_api_key(${hash})`.execute(withoutTenant(this.#database));
    const row = rows[0];
    return (
      row && {
        id: row.id,
        tenantId: row.tenant_id,
        livemode: row.livemode,
        kind: row.kind,
        scopes: row.scopes,
        expiresAt: row.expires_at,
        revokedAt: row.revoked_at,
        settings: row.settings,
      }
    );
  }

  #recordUse(key: FoundKey, now: number): void {
    if (now - (this.#recorded.get(key.id) ?? 0) < useRecordedEveryMs) return;
    this.#recorded.set(key.id, now);
    const write = inTenant(this.#database, key, async (sql) => {
      await sql.updateTable('api_keys').set({ last_used_at: new Date(now) }).where('id', '=', key.id).execute();
    }).catch(this.#report);
    this.#writes.add(write);
    void write.finally(() => this.#writes.delete(write));
  }
}
