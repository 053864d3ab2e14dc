import type { Database, Row } from '../database.ts';
import { noSuch } from './errors.ts';
import type { Base, Hash } from './types.ts';

/** Columns that lists filter by. */
export type Link = 'customer' | 'payment_intent' | 'charge' | 'kind';

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** What of an object can be filtered by: its references, and the one word that tells its kind. */
function linksOf(object: Base): Record<Link, string | null> {
  const hash = object as unknown as Hash;
  return {
    customer: text(hash.customer),
    payment_intent: text(hash.payment_intent),
    charge: text(hash.charge) ?? text(hash.source),
    kind: text(hash.type) ?? text(hash.email),
  };
}

/** The objects of all accounts, as JSON with a few columns beside it. Writes belong in a transaction. */
export class Store {
  readonly db: Database;

  constructor(db: Database) {
    this.db = db;
  }

  /** Adds an object. `hidden` is what the sandbox knows of it and the API never shows. */
  insert(account: string, object: Base & { created: number }, hidden?: object): void {
    const links = linksOf(object);
    this.db.run(
      `INSERT INTO objects (id, account, type, created, customer, payment_intent, charge, kind, body, hidden)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      object.id, account, object.object, object.created,
      links.customer, links.payment_intent, links.charge, links.kind,
      JSON.stringify(object), hidden ? JSON.stringify(hidden) : null,
    );
  }

  /** Replaces an object. */
  update(object: Base): void {
    const links = linksOf(object);
    this.db.run(
      'UPDATE objects SET customer = ?, payment_intent = ?, charge = ?, kind = ?, body = ? WHERE id = ?',
      links.customer, links.payment_intent, links.charge, links.kind, JSON.stringify(object), object.id,
    );
  }

  /** Removes an object. */
  delete(id: string): void {
    this.db.run('DELETE FROM objects WHERE id = ?', id);
  }

  /** The object of this type and id, if the account has it. */
  find<T extends Base>(account: string, type: T['object'], id: string): T | undefined {
    const row = this.db.get('SELECT body FROM objects WHERE id = ? AND account = ? AND type = ?', id, account, type);
    return row && (JSON.parse(row.body as string) as T);
  }

  /** An object of any type. */
  findAny(account: string, id: string): Base | undefined {
    const row = this.db.get('SELECT body FROM objects WHERE id = ? AND account = ?', id, account);
    return row && (JSON.parse(row.body as string) as Base);
  }

  /** The object, or Stripe's `resource_missing`. */
  get<T extends Base>(account: string, type: T['object'], id: string, param: string = type, status: 400 | 404 = 404): T {
    const found = this.find<T>(account, type, id);
    if (!found) throw noSuch(type, id, param, status);
    return found;
  }

  /** What the sandbox keeps about an object beside it. */
  hidden<T extends object>(id: string): T {
    const row = this.db.get('SELECT hidden FROM objects WHERE id = ?', id);
    return (row?.hidden ? JSON.parse(row.hidden as string) : {}) as T;
  }

  /** Changes what is kept beside an object. */
  setHidden(id: string, hidden: object): void {
    this.db.run('UPDATE objects SET hidden = ? WHERE id = ?', JSON.stringify(hidden), id);
  }

  /** The account that an id belongs to, whatever key asks: for pages without a key. */
  accountOf(id: string): string | undefined {
    return this.db.get('SELECT account FROM objects WHERE id = ?', id)?.account as string | undefined;
  }

  /** All objects of a type that hang on another, newest first. */
  linked<T extends Base>(type: T['object'], link: Link, id: string): T[] {
    const rows = this.db.all(
      `SELECT body FROM objects WHERE ${link} = ? AND type = ? ORDER BY created DESC, seq DESC`, id, type,
    );
    return rows.map((row: Row) => JSON.parse(row.body as string) as T);
  }
}
