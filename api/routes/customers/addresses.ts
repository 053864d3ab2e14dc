import { isCountry, isRegion } from '#domain/addresses/countries.ts';
import { newId } from '#domain/ids.ts';
import type { Sql, TenantScope } from '#entities/unit-of-work.ts';
import type { KeyRing } from '#platform/keyring.ts';
import { openAddress, sealAddress } from '#platform/personal-data.ts';
import type { PostalAddress } from '#platform/personal-data.ts';
import { Problem } from '../../problem.ts';
import type { FieldError } from '../../problem.ts';
import { requireCustomer } from './read-customers.ts';
import type { CustomerAddressBody, CustomerAddressInputBody } from './schemas.ts';

export interface AddressPath {
  id: string;
  address_id: string;
}

/** Newest first; up to `limit` addresses after the one named by `after`. */
export async function listAddresses(
  db: Sql, keyRing: KeyRing, customerId: string, after: string | undefined, limit: number,
): Promise<CustomerAddressBody[]> {
  const rows = await addressQuery(db, customerId)
    .$if(after !== undefined, (query) => query.where('id', '<', after!))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => toBody(keyRing, row));
}

/** @throws {Problem} not_found */
export async function readAddress(db: Sql, keyRing: KeyRing, path: AddressPath): Promise<CustomerAddressBody> {
  const row = await addressQuery(db, path.id).where('id', '=', path.address_id).executeTakeFirst();
  if (!row) throw noAddress(path);
  return toBody(keyRing, row);
}

/** @throws {Problem} not_found, validation_failed */
export async function addAddress(
  db: Sql, scope: TenantScope, keyRing: KeyRing, customerId: string, input: CustomerAddressInputBody, now: Date,
): Promise<string> {
  checkAddress(input);
  await requireCustomer(db, customerId);
  const id = newId('address');
  const isDefault = await takeDefault(db, customerId, input);
  await db
    .insertInto('customer_addresses')
    .values({
      id, tenant_id: scope.tenantId, livemode: scope.livemode, customer_id: customerId, kind: input.kind, is_default: isDefault,
      country: input.country, address_sealed: sealAddress(keyRing, id, postal(input)), created_at: now,
    })
    .execute();
  return id;
}

/** Replaces an address whole. @throws {Problem} not_found, validation_failed */
export async function replaceAddress(db: Sql, keyRing: KeyRing, path: AddressPath, input: CustomerAddressInputBody): Promise<void> {
  checkAddress(input);
  const isDefault = await takeDefault(db, path.id, input, path.address_id);
  const changed = await db
    .updateTable('customer_addresses')
    .set({ kind: input.kind, is_default: isDefault, country: input.country, address_sealed: sealAddress(keyRing, path.address_id, postal(input)) })
    .where('id', '=', path.address_id)
    .where('customer_id', '=', path.id)
    .returning('id')
    .executeTakeFirst();
  if (!changed) throw noAddress(path);
}

/** @throws {Problem} not_found */
export async function removeAddress(db: Sql, path: AddressPath): Promise<void> {
  const removed = await db
    .deleteFrom('customer_addresses')
    .where('id', '=', path.address_id)
    .where('customer_id', '=', path.id)
    .returning('id')
    .executeTakeFirst();
  if (!removed) throw noAddress(path);
}

function addressQuery(db: Sql, customerId: string) {
  return db
    .selectFrom('customer_addresses')
    .select(['id', 'kind', 'is_default', 'address_sealed', 'created_at'])
    .where('customer_id', '=', customerId);
}

type AddressRow = Awaited<ReturnType<ReturnType<typeof addressQuery>['executeTakeFirstOrThrow']>>;

function toBody(keyRing: KeyRing, { address_sealed, ...row }: AddressRow): CustomerAddressBody {
  return {
    ...row,
    ...openAddress(keyRing, row.id, address_sealed),
    kind: row.kind as CustomerAddressBody['kind'],
    created_at: row.created_at.toISOString(),
  };
}

/** One default of each kind: the one that asks for it, else the first. Answers whether this one is it. */
async function takeDefault(db: Sql, customerId: string, input: CustomerAddressInputBody, own = ''): Promise<boolean> {
  const others = db.updateTable('customer_addresses').where('customer_id', '=', customerId).where('kind', '=', input.kind).where('id', '<>', own);
  if (input.is_default) {
    await others.set({ is_default: false }).execute();
    return true;
  }
  const current = await db
    .selectFrom('customer_addresses')
    .select('id')
    .where('customer_id', '=', customerId)
    .where('kind', '=', input.kind)
    .where('is_default', '=', true)
    .where('id', '<>', own)
    .executeTakeFirst();
  return current === undefined;
}

function checkAddress({ country, region }: CustomerAddressInputBody): void {
  const errors: FieldError[] = [];
  if (!isCountry(country)) errors.push({ pointer: '/country', detail: 'is not an ISO 3166-1 alpha-2 country' });
  else if (region !== undefined && !isRegion(country, region)) errors.push({ pointer: '/region', detail: `is not an ISO 3166-2 region of ${country}` });
  if (errors.length > 0) throw new Problem('validation_failed', { errors });
}

function postal(input: CustomerAddressInputBody): PostalAddress {
  const { name, company = null, line1, line2 = null, city, region = null, postal_code = null, country, phone = null } = input;
  return { name, company, line1, line2, city, region, postal_code, country, phone };
}

const noAddress = (path: AddressPath) => new Problem('not_found', { detail: `The customer has no address ${path.address_id}.` });
