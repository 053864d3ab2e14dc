import type { Sql } from '#entities/unit-of-work.ts';
import type { PaymentOutcome } from '#workflows/order/messages.ts';

/** A SKU of which there is less than asked for. */
export type Shortage = Extract<PaymentOutcome, { outcome: 'out_of_stock' }>['shortages'][number];

export interface Intake {
  /** Its outcome has not been told to anybody yet. */
  running: boolean;
  /** What was missing, where that kept the order from being placed. */
  shortages: Shortage[] | null;
}

/** What is known of an order that was taken in and has no row: it may still come to exist, or was out of stock. */
export async function readIntake(db: Sql, orderId: string): Promise<Intake | undefined> {
  const row = await db
    .selectFrom('intake_commands')
    .select(['status', 'shortages'])
    .where('resource_id', '=', orderId)
    .where('operation', '=', 'order.place')
    .executeTakeFirst();
  return row && { running: row.status === 'running', shortages: row.shortages as Shortage[] | null };
}
