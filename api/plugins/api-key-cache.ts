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
/** Of known keys and of unknown ones each. */
const mostKept = 10_000;
const useRecordedEveryMs = 60_000;

interface Entry {
  found: Promise<FoundKey | undefined>;
  until: number;
}

/**
 * Keys by hash, kept for a short while, unknown ones too, so that a request costs no look-up. Unknown ones are kept
 * apart: however many are tried, they push out no known one. The last use is written at most once a minute and never
 * waited for.
 */
export class ApiKeyCache {
  readonly #database: Database;
  readonly #report: (error: unknown) => void;
  readonly #known = new Map<string, Entry>();
  /** Those being looked up for the first time, too. */
  readonly #others = new Map<string, Entry>();
  readonly #recorded = new Map<string, number>();
  readonly #writes = new Set<Promise<void>>();

  constructor(database: Database, report: (error: unknown) => void) {
    this.#database = database;
    this.#report = report;
  }

  /** True when {@link find} needs no look-up, or the key was known when it was last looked up. */
  holds(hash: string): boolean {
    return this.#known.has(hash) || (this.#others.get(hash)?.until ?? 0) > Date.now();
  }

  /** The key with that hash, revoked and expired ones included; undefined when there is none. */
  async find(hash: string): Promise<FoundKey | undefined> {
    const now = Date.now();
    const entry = this.#known.get(hash) ?? this.#others.get(hash);
    const found = await (entry && entry.until > now ? entry.found : this.#lookUp(hash, now));
    if (found) this.#recordUse(found, now);
    return found;
  }

  /** Trusts nothing any longer: a key of this process's own making or revoking counts at once. */
  clear(): void {
    this.#others.clear();
    // Still held, so that a client that was let in is not taken for one who guesses.
    for (const entry of this.#known.values()) entry.until = 0;
  }

  #lookUp(hash: string, now: number): Promise<FoundKey | undefined> {
    const entry = { found: this.#read(hash), until: now + keptForMs };
    keep(this.#known.has(hash) ? this.#known : this.#others, hash, entry);
    entry.found.then(
      (found) => this.#sort(hash, entry, found !== undefined),
      // A failed look-up is not an answer: the next request asks again.
      () => {
        entry.until = 0;
        if (this.#others.get(hash) === entry) this.#others.delete(hash);
      },
    );
    return entry.found;
  }

  /** Puts an answer where it belongs, unless it was forgotten or asked for again meanwhile. */
  #sort(hash: string, entry: Entry, isKnown: boolean): void {
    const [from, to] = isKnown ? [this.#others, this.#known] : [this.#known, this.#others];
    if (from.get(hash) !== entry) return;
    from.delete(hash);
    keep(to, hash, entry);
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

/** The last one is the one that was looked up last: the first makes room. */
function keep(entries: Map<string, Entry>, hash: string, entry: Entry): void {
  entries.delete(hash);
  const [oldest] = entries.keys();
  if (entries.size >= mostKept && oldest !== undefined) entries.delete(oldest);
  entries.set(hash, entry);
}
