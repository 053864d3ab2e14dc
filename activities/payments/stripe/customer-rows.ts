import { sql as raw } from 'kysely';
import type { Database } from '#entities/database.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import type { StripeCustomers } from './context.ts';

/** The Stripe customers of ours: `customers.provider_refs`, by connection. */
export function customerRows(database: Database, connectionId: string): StripeCustomers {
  const stripeCustomer = raw<string | null>`provider_refs ->> ${connectionId}`;
  return {
    find: (scope, customerId) =>
      inTenant(database, scope, async (sql) => {
        const row = await sql.selectFrom('customers').where('id', '=', customerId).select(stripeCustomer.as('ref')).executeTakeFirst();
        return row?.ref ?? undefined;
      }),
    findOwner: (scope, customerId, paymentMethod) =>
      inTenant(database, scope, async (sql) => {
        const row = await sql
          .selectFrom('customer_payment_methods as method')
          .innerJoin('customers as customer', 'customer.id', 'method.customer_id')
          .where('method.connection_id', '=', connectionId)
          .where('method.provider_ref', '=', paymentMethod)
          .where('customer.id', '=', customerId)
          .select(raw<string | null>`customer.provider_refs ->> ${connectionId}`.as('ref'))
          .executeTakeFirst();
        return row?.ref ?? undefined;
      }),
    keep: (scope, customerId, ref) =>
      inTenant(database, scope, async (sql) => {
        await sql
          .updateTable('customers')
          .set({ provider_refs: raw`provider_refs || jsonb_build_object(${connectionId}::text, ${ref}::text)` })
          .where('id', '=', customerId)
          .execute();
      }),
  };
}
