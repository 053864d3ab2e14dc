import { sql as raw } from 'kysely';
import type { OrderContact } from '#domain/order/contact.ts';
import type { Sql } from '#entities/unit-of-work.ts';
import type { KeyRing } from '#platform/keyring.ts';
import { Problem } from '../../problem.ts';
import type { OrderBody } from './schemas.ts';
import { at, paymentBody, summaryBody, type OrderRow, type PaymentRow } from './rows.ts';

interface FullRow extends OrderRow {
  contact_sealed: string;
  lines: OrderBody['lines'];
  payments: PaymentRow[];
  shipments: (Omit<OrderBody['shipments'][number], 'shipped_at' | 'delivered_at'> & { shipped_at: string; delivered_at: string | null })[];
  refunds: (Omit<OrderBody['refunds'][number], 'created_at'> & { created_at: string })[];
}

/**
 * One order with everything that belongs to it: one query, no entities.
 * @throws {Problem} not_found
 */
export async function readOrder(db: Sql, keyRing: KeyRing, id: string): Promise<OrderBody> {
  const order = await findOrder(db, keyRing, id);
  if (!order) throw noOrder(id);
  return order;
}

/** The same, or undefined when there is none. */
export async function findOrder(db: Sql, keyRing: KeyRing, id: string): Promise<OrderBody | undefined> {
  const { rows } = await raw<FullRow>`
    select o.*,
      (select coalesce(json_agg(json_build_object('id', l.id, 'sku', l.sku, 'title', l.title, 'quantity', l.quantity,
          'unit_price', l.unit_price, 'subtotal', l.subtotal, 'discount', l.discount, 'tax', l.tax, 'total', l.total,
          'shipped', l.shipped, 'delivered', l.delivered, 'returned', l.returned) order by l.position), '[]')
        from order_lines l where l.order_id = o.id) as lines,
      (select coalesce(json_agg(p order by p.attempt), '[]') from order_payments p where p.order_id = o.id) as payments,
      (select coalesce(json_agg(json_build_object('id', s.id, 'carrier', s.carrier, 'tracking_number', s.tracking_number,
          'status', s.status, 'lines', s.lines, 'captured_amount', s.captured_amount, 'shipped_at', s.shipped_at,
          'delivered_at', s.delivered_at) order by s.id), '[]')
        from order_shipments s where s.order_id = o.id) as shipments,
      (select coalesce(json_agg(json_build_object('id', r.id, 'payment_id', r.payment_id, 'status', r.status, 'amount', r.amount,
          'reason', r.reason, 'lines', r.lines, 'created_at', r.created_at) order by r.id), '[]')
        from order_refunds r where r.order_id = o.id) as refunds
    from orders o where o.id = ${id}`.execute(db);
  const row = rows[0];
  return row && toBody(row, keyRing);
}

export const noOrder = (id: string) => new Problem('not_found', { detail: `There is no order ${id}.` });

function toBody(row: FullRow, keyRing: KeyRing): OrderBody {
  const payments = row.payments.map(paymentBody);
  const last = row.payments.at(-1);
  const sealedAction = last?.status === 'requires_action' ? last.next_action_sealed : null;
  return {
    ...summaryBody(row),
    payment: payments.at(-1) ?? null,
    next_action: sealedAction && last ? keyRing.open<OrderBody['next_action']>(sealedAction, last.id) : null,
    customer: contactBody(keyRing.open<OrderContact>(row.contact_sealed, row.id)),
    lines: row.lines,
    payments,
    shipments: row.shipments.map((shipment) => ({ ...shipment, shipped_at: at(shipment.shipped_at), delivered_at: at(shipment.delivered_at) })),
    refunds: row.refunds.map((refund) => ({ ...refund, created_at: at(refund.created_at) })),
  };
}

function contactBody({ email, name, shippingAddress }: OrderContact): OrderBody['customer'] {
  const { postalCode, ...address } = shippingAddress;
  return { email, name, shipping_address: { ...address, ...(postalCode ? { postal_code: postalCode } : {}) } };
}
