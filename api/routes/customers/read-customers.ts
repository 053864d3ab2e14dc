import { sql } from 'kysely';
import type { Sql } from '#entities/unit-of-work.ts';
import type { KeyRing } from '#platform/keyring.ts';
import { openNotes, openProfile } from '#platform/personal-data.ts';
import { Problem } from '../../problem.ts';
import type { CustomerBody, PaymentMethodBody } from './schemas.ts';

export interface CustomerFilters {
  /** The blind index of the e-mail that is looked for. */
  emailIndex?: string;
  status?: CustomerBody['status'];
  tag?: string;
}

function customerQuery(db: Sql) {
  return db
    .selectFrom('customers')
    .select([
      'id', 'profile_sealed', 'notes_sealed', 'status', 'tags', 'metadata', 'order_count', 'first_order_at', 'last_order_at', 'version',
      'created_at', 'updated_at',
    ]);
}

type CustomerRow = Awaited<ReturnType<ReturnType<typeof customerQuery>['executeTakeFirstOrThrow']>>;

function toBody(keyRing: KeyRing, { profile_sealed, notes_sealed, ...row }: CustomerRow): CustomerBody {
  return {
    ...row,
    ...openProfile(keyRing, row.id, profile_sealed),
    notes: notes_sealed === null ? null : openNotes(keyRing, row.id, notes_sealed),
    status: row.status as CustomerBody['status'],
    metadata: row.metadata as Record<string, string>,
    first_order_at: row.first_order_at?.toISOString() ?? null,
    last_order_at: row.last_order_at?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}

/** Newest first; up to `limit` customers after the one named by `after`. */
export async function listCustomers(
  db: Sql, keyRing: KeyRing, { emailIndex, status, tag }: CustomerFilters, after: string | undefined, limit: number,
): Promise<CustomerBody[]> {
  const rows = await customerQuery(db)
    .$if(emailIndex !== undefined, (query) => query.where('email_index', '=', emailIndex!))
    .$if(status !== undefined, (query) => query.where('status', '=', status!))
    .$if(tag !== undefined, (query) => query.where(sql<boolean>`${tag} = any(tags)`))
    .$if(after !== undefined, (query) => query.where('id', '<', after!))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => toBody(keyRing, row));
}

/** @throws {Problem} not_found */
export async function readCustomer(db: Sql, keyRing: KeyRing, id: string): Promise<CustomerBody> {
  const row = await customerQuery(db).where('id', '=', id).executeTakeFirst();
  if (!row) throw noCustomer(id);
  return toBody(keyRing, row);
}

/** @throws {Problem} not_found */
export async function requireCustomer(db: Sql, id: string): Promise<void> {
  if (!(await db.selectFrom('customers').select('id').where('id', '=', id).executeTakeFirst())) throw noCustomer(id);
}

export const noCustomer = (id: string) => new Problem('not_found', { detail: `There is no customer ${id}.` });

/** Newest first; up to `limit` saved payment methods after the one named by `after`. */
export async function listPaymentMethods(db: Sql, customerId: string, after: string | undefined, limit: number): Promise<PaymentMethodBody[]> {
  const rows = await db
    .selectFrom('customer_payment_methods')
    .select(['id', 'connection_id', 'provider_ref', 'brand', 'last_four', 'exp_month', 'exp_year', 'is_default', 'created_at'])
    .where('customer_id', '=', customerId)
    .$if(after !== undefined, (query) => query.where('id', '<', after!))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ ...row, created_at: row.created_at.toISOString() }));
}
