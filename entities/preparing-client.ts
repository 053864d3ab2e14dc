import { createHash } from 'node:crypto';
import pg from 'pg';

/** Of one connection: each holds its plan in the server's memory. The hot paths use about sixty texts. */
export const highestNames = 150;
const highestSeen = 1000;

/**
 * The server can't run a text under its name any more: a migration changed what it answers (feature_not_supported), or
 * something between forgot or took the name (invalid_sql_statement_name, duplicate_prepared_statement). The transaction
 * fails, and the next one runs that text without a name.
 */
const lostStatement: ReadonlySet<string> = new Set(['0A000', '26000', '42P05']);

/**
 * A connection that prepares the statements it runs again and again, under names: Postgres then parses, rewrites (row-level
 * security) and plans them once, which costs more than running them (docs/performance.md). A text gets its name when it comes
 * the second time, so that one-off texts take no memory. A name is its text's hash: whatever shares server connections
 * between clients must keep track of named statements, but can't run another text under one.
 */
export class PreparingClient extends pg.Client {
  readonly #names = new Map<string, string>();
  readonly #seen = new Set<string>();
  readonly #unnamed = new Set<string>();

  // Kysely calls it with text and values, and wants the promise; all of pg's other forms pass through.
  override query(...given: unknown[]): never {
    const [text, values] = given;
    if (typeof text === 'string' && Array.isArray(values) && values.length > 0 && given.length === 2) {
      const name = this.#nameOf(text);
      if (name !== undefined) return this.#prepared({ name, text, values }) as never;
    }
    return super.query(...(given as [string])) as never;
  }

  async #prepared(query: { name: string; text: string; values: unknown[] }): Promise<unknown> {
    try {
      return await super.query(query);
    } catch (error) {
      if (lostStatement.has((error as { code?: string }).code ?? '')) this.#unnamed.add(query.text);
      throw error;
    }
  }

  #nameOf(text: string): string | undefined {
    if (this.#unnamed.has(text)) return undefined;
    const known = this.#names.get(text);
    if (known !== undefined || this.#names.size >= highestNames) return known;
    if (this.#seen.delete(text)) {
      const name = `perdura_${createHash('sha256').update(text).digest('base64url').slice(0, 32)}`;
      this.#names.set(text, name);
      return name;
    }
    if (this.#seen.size >= highestSeen) this.#seen.clear();
    this.#seen.add(text);
    return undefined;
  }
}
