import pg from 'pg';

/** What only the database tells, read as its owner. */
export class Rows {
  readonly #pool: pg.Pool;

  constructor(url: string) {
    this.#pool = new pg.Pool({ connectionString: url, max: 2 });
    this.#pool.on('error', () => undefined); // the server may be killed under us
    pg.types.setTypeParser(20, Number);
  }

  close(): Promise<void> {
    return this.#pool.end();
  }

  async query<T extends object>(text: string, values: unknown[] = []): Promise<T[]> {
    return (await this.#pool.query(text, values)).rows as T[];
  }

  /** Sets members of the demo tenant's settings for what is placed from now on; null removes. */
  async setTenant(settings: Record<string, unknown>): Promise<void> {
    await this.query(`update tenants set settings = jsonb_strip_nulls(settings || $1::jsonb)`, [JSON.stringify(settings)]);
  }

  /** Over all locations. */
  async stock(sku: string): Promise<{ on_hand: number; reserved: number }> {
    const [row] = await this.query<{ on_hand: number; reserved: number }>(
      `select coalesce(sum(on_hand), 0)::bigint as on_hand, coalesce(sum(reserved), 0)::bigint as reserved from stock_levels where sku = $1`, [sku]);
    return row!;
  }

  /** Balance of each account over the ledger transactions of these orders. */
  async ledger(orderIds: readonly string[]): Promise<Record<string, number>> {
    const rows = await this.query<{ account: string; amount: number }>(
      `select e.account, sum(e.amount)::bigint as amount from ledger_entries e join ledger_transactions t on t.id = e.transaction_id
       where t.order_id = any($1) group by e.account order by e.account`, [orderIds]);
    return Object.fromEntries(rows.map(({ account, amount }) => [account, amount]));
  }

  async deadlocks(): Promise<number> {
    const [row] = await this.query<{ deadlocks: number }>(`select deadlocks from pg_stat_database where datname = current_database()`);
    return row!.deadlocks;
  }
}
