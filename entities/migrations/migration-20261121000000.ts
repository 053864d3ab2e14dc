import { readFile } from 'node:fs/promises';
import { Migration } from '@mikro-orm/migrations';

/** v0.1.0: the foundation. Roles are cluster-wide, so they are made only where missing and never dropped. */
export class Migration20261121000000 extends Migration {
  override name = 'migration-20261121000000';

  override async up(): Promise<void> {
    // Two databases of one cluster may be migrated at the same time: each role in a block of its own.
    for (const role of ['perdura_owner', 'perdura_app']) {
      await this.execute(`do $$ begin
        if not exists (select 1 from pg_roles where rolname = '${role}') then create role ${role} nologin; end if;
        exception when duplicate_object or unique_violation then null; end $$`);
    }
    await this.execute(`do $$ begin
      execute format('grant perdura_owner, perdura_app to %I', current_user);
      grant create, usage on schema public to perdura_owner;
      grant usage on schema public to perdura_app; end $$`);
    await this.execute('set local role perdura_owner');
    await this.execute(await readFile(new URL('./20261121000000_foundation.sql', import.meta.url), 'utf8'));
    await this.execute('reset role');
  }

  override async down(): Promise<void> {
    await this.execute(`
      drop table if exists outbox, webhook_events, ledger_entries, ledger_transactions, order_events, order_refunds, order_shipments,
        stock_reservations, order_payments, order_lines, orders, customer_payment_methods, payment_gateway_connections,
        stock_adjustments, stock_levels, locations, customer_addresses, customers, prices, variants, products,
        intake_commands, order_counters, api_keys, tenants cascade;
      drop function if exists ledger_transaction_balances, find_api_key, find_payment_connection, undelivered_commands,
        open_webhook_events, claim_outbox, protect_table, perdura_tenant, perdura_livemode cascade`);
  }
}
