import { sql as raw } from 'kysely';
import type { Sql } from '#entities/unit-of-work.ts';
import type { PlaceOrderBody } from './inputs.ts';

/** What the database knows about a placement. */
export interface PlacementFacts {
  variants: { sku: string; title: string; active: boolean; price: number | null }[];
  customer: { id: string; status: string; profile_sealed: string } | null;
  connection: boolean;
}

/** One query for everything a placement is checked against. */
export async function placementFacts(db: Sql, body: PlaceOrderBody, emailIndex: string | null): Promise<PlacementFacts> {
  const skus = [...new Set(body.lines.map(({ sku }) => sku))];
  const { rows } = await raw<PlacementFacts>`
    select
      (select coalesce(json_agg(json_build_object('sku', v.sku, 'active', p.status = 'active',
          'title', case when v.title is null then p.title else p.title || ' – ' || v.title end,
          'price', (select amount from prices where variant_id = v.id and currency = ${body.currency}))), '[]')
        from variants v join products p on p.id = v.product_id where v.sku = any(${skus}::text[])) as variants,
      (select json_build_object('id', c.id, 'status', c.status, 'profile_sealed', c.profile_sealed) from customers c
        where ${body.customer_id ? raw`c.id = ${body.customer_id}` : raw`c.email_index = ${emailIndex}`}) as customer,
      exists (select 1 from payment_gateway_connections g where g.status = 'active' and g.provider = ${body.payment?.provider ?? 'stripe'}
        ${body.payment?.connection_id ? raw`and g.id = ${body.payment.connection_id}` : raw``}) as connection`.execute(db);
  return rows[0]!;
}

/** The next number of the tenant's orders. A gap is allowed, so a crash may lose one: its commit need not wait for the disk. */
export async function nextOrderNumber(db: Sql, scope: { tenantId: string; livemode: boolean }): Promise<number> {
  const { rows } = await raw<{ last_number: number }>`
    with fast as materialized (select set_config('synchronous_commit', 'off', true))
    insert into order_counters (tenant_id, livemode, last_number) select ${scope.tenantId}, ${scope.livemode}, 1001 from fast
    on conflict (tenant_id, livemode) do update set last_number = order_counters.last_number + 1
    returning last_number`.execute(db);
  return rows[0]!.last_number;
}
