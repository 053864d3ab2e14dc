import { sql as raw } from 'kysely';
import type { Sql } from '#entities/unit-of-work.ts';
import { rowsToRead, type PageQuery } from '../../pagination.ts';
import { summaryBody, type OrderRow } from './rows.ts';
import type { OrderSummaryBody } from './schemas.ts';

export interface OrderFilters extends PageQuery {
  status?: string;
  payment_status?: string;
  fulfillment_status?: string;
  customer_id?: string;
  number?: number;
  attention?: boolean;
  created_from?: string;
  created_before?: string;
}

/**
 * Newest first; one more than the page holds. By status, number, customer and attention, and by a payment_status that few
 * orders have, there is an index. All else (other payment statuses, fulfillment_status, the time, attention=false) is looked
 * for along the tenant's orders from the newest, or along one of those indexes when given with its filter: an index more
 * would be written with every step of every order, and one by created_at could not give the pages in the order of ids.
 */
export async function listOrders(db: Sql, filters: OrderFilters): Promise<OrderSummaryBody[]> {
  const { status, payment_status, fulfillment_status, customer_id, number, attention, created_from, created_before, starting_after } = filters;
  const conditions = [
    status !== undefined && raw`o.status = ${status}`,
    // Literal, so that the plan kept for a prepared statement may use the index of some values only.
    payment_status !== undefined && raw`o.payment_status = ${raw.lit(payment_status)}`,
    fulfillment_status !== undefined && raw`o.fulfillment_status = ${fulfillment_status}`,
    customer_id !== undefined && raw`o.customer_id = ${customer_id}`,
    number !== undefined && raw`o.number = ${number}`,
    attention !== undefined && (attention ? raw`o.attention is not null` : raw`o.attention is null`),
    created_from !== undefined && raw`o.created_at >= ${created_from}::timestamptz`,
    created_before !== undefined && raw`o.created_at < ${created_before}::timestamptz`,
    starting_after !== undefined && raw`o.id < ${starting_after}`,
  ].filter((condition) => condition !== false);
  const { rows } = await raw<OrderRow & { line_count: number }>`
    select o.*, (select count(*) from order_lines l where l.order_id = o.id) as line_count
    from orders o ${conditions.length > 0 ? raw`where ${raw.join(conditions, raw` and `)}` : raw``}
    order by o.id desc limit ${rowsToRead(filters)}`.execute(db);
  return rows.map((row) => ({ ...summaryBody(row), line_count: row.line_count }));
}
