import { newId } from '#domain/ids.ts';
import type { Sql, TenantScope } from '#entities/unit-of-work.ts';
import type { KeyRing } from '#platform/keyring.ts';
import { emailIndex, openProfile, sealNotes, sealProfile } from '#platform/personal-data.ts';
import { Problem } from '../../problem.ts';
import { withConstraints } from '../sql-errors.ts';
import { noCustomer } from './read-customers.ts';
import type { CustomerChangeBody, CustomerInputBody } from './schemas.ts';

/** @throws {Problem} already_exists when another customer of the tenant has that e-mail */
export async function createCustomer(db: Sql, scope: TenantScope, keyRing: KeyRing, input: CustomerInputBody, now: Date): Promise<string> {
  const id = newId('customer');
  const { email, name = null, phone = null, company = null, locale = null, notes } = input;
  await uniqueEmail(() =>
    db
      .insertInto('customers')
      .values({
        id, tenant_id: scope.tenantId, livemode: scope.livemode,
        email_index: emailIndex(keyRing, scope.tenantId, email),
        profile_sealed: sealProfile(keyRing, id, { email: email.trim(), name, phone, company, locale }),
        status: input.status ?? 'active', tags: input.tags ?? [], notes_sealed: notes ? sealNotes(keyRing, id, notes) : null,
        metadata: input.metadata ?? {}, created_at: now, updated_at: now,
      })
      .execute(),
  );
  return id;
}

/** @throws {Problem} not_found, precondition_failed, already_exists */
export async function updateCustomer(
  db: Sql, scope: TenantScope, keyRing: KeyRing, id: string, version: number, change: CustomerChangeBody, now: Date,
): Promise<void> {
  const row = await db.selectFrom('customers').select(['version', 'profile_sealed']).where('id', '=', id).forUpdate().executeTakeFirst();
  if (!row) throw noCustomer(id);
  if (row.version !== version) throw new Problem('precondition_failed');
  const { status, tags, metadata, notes, ...fields } = change;
  const profile = { ...openProfile(keyRing, id, row.profile_sealed), ...fields };
  await uniqueEmail(() =>
    db
      .updateTable('customers')
      .set({
        version: version + 1,
        updated_at: now,
        email_index: emailIndex(keyRing, scope.tenantId, profile.email),
        profile_sealed: sealProfile(keyRing, id, { ...profile, email: profile.email.trim() }),
        ...(status === undefined ? {} : { status }),
        ...(tags === undefined ? {} : { tags }),
        ...(metadata === undefined ? {} : { metadata }),
        ...(notes === undefined ? {} : { notes_sealed: notes ? sealNotes(keyRing, id, notes) : null }),
      })
      .where('id', '=', id)
      .execute(),
  );
}

/** Addresses and saved payment methods go with it. @throws {Problem} not_found; in_use once there are orders */
export async function deleteCustomer(db: Sql, id: string): Promise<void> {
  const detail = 'The customer has orders, which the law keeps: set status to inactive instead.';
  const deleted = await withConstraints({ orders_customer_id_fkey: { code: 'in_use', detail } }, () =>
    db.deleteFrom('customers').where('id', '=', id).returning('id').executeTakeFirst(),
  );
  if (!deleted) throw noCustomer(id);
}

function uniqueEmail<T>(work: () => Promise<T>): Promise<T> {
  const detail = 'There is a customer with this e-mail already: find it with GET /api/customers?email=.';
  return withConstraints({ customers_tenant_id_livemode_email_index_key: { code: 'already_exists', detail } }, work);
}
