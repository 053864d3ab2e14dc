import { MikroORM, type Options } from '@mikro-orm/postgresql';
import { Migrator } from '@mikro-orm/migrations';
import pg from 'pg';
import { PaymentGatewayConnection } from './connections.ts';
import { Customer, CustomerAddress, CustomerPaymentMethod } from './customers.ts';
import { Price, Product, Variant } from './catalogue.ts';
import { Location, StockAdjustment, StockLevel, StockReservation } from './inventory.ts';
import { LedgerEntry, LedgerTransaction } from './ledger.ts';
import { OutboxMessage, WebhookEvent } from './messages.ts';
import { migrationsList } from './migrations/index.ts';
import { Order, OrderEvent, OrderLine, OrderPayment, OrderRefund, OrderShipment } from './orders.ts';
import { ApiKey, IntakeCommand, OrderCounter, Tenant } from './platform.ts';
import { PreparingClient } from './preparing-client.ts';

export const entities = [
  Tenant, ApiKey, OrderCounter, IntakeCommand,
  Product, Variant, Price,
  Customer, CustomerAddress, CustomerPaymentMethod,
  Location, StockLevel, StockAdjustment, StockReservation,
  PaymentGatewayConnection,
  Order, OrderLine, OrderPayment, OrderShipment, OrderRefund, OrderEvent,
  LedgerTransaction, LedgerEntry,
  WebhookEvent, OutboxMessage,
] as const;

// Minor units and counts fit a double exactly up to 2^53; anything beyond must not be rounded in silence.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is beyond the safe integers`);
  return value;
});

function options(url: string, poolSize: number, driverOptions: Record<string, unknown>) {
  return {
    clientUrl: url,
    entities: [...entities],
    extensions: [Migrator],
    migrations: { migrationsList, snapshot: false, transactional: true },
    forceUtcTimezone: true,
    pool: { min: 0, max: poolSize },
    // Rows read by SQL carry real dates, as their types say: pg's own parsers, not MikroORM's raw text.
    driverOptions: { Client: PreparingClient, types: new pg.TypeOverrides(), ...driverOptions },
  } satisfies Options;
}

/**
 * The application's database: every connection acts as the role perdura_app, which row-level security binds,
 * whatever the login may do.
 */
export async function openDatabase(url: string, poolSize = 20) {
  return MikroORM.init(options(url, poolSize, {
      options: '-c role=perdura_app -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s',
      application_name: 'perdura',
      // A database that is away is an answer (503, try again), not a request that hangs.
      connectionTimeoutMillis: 5000,
    }));
}

/** The owner's view of the database, for migrations only. */
export async function openOwnerDatabase(url: string) {
  return MikroORM.init(options(url, 1, { application_name: 'perdura-migrations' }));
}

export type Database = Awaited<ReturnType<typeof openDatabase>>;
