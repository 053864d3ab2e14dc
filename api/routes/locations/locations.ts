import { isCountry } from '#domain/addresses/countries.ts';
import { newId } from '#domain/ids.ts';
import type { Sql, TenantScope } from '#entities/unit-of-work.ts';
import { Problem } from '../../problem.ts';
import { withConstraints } from '../sql-errors.ts';
import type { LocationBody, LocationChangeBody, LocationInputBody } from './schemas.ts';

function locationQuery(db: Sql) {
  return db.selectFrom('locations').select(['id', 'code', 'name', 'country', 'priority', 'status', 'version', 'created_at', 'updated_at']);
}

type LocationRow = Awaited<ReturnType<ReturnType<typeof locationQuery>['executeTakeFirstOrThrow']>>;

const toBody = (row: LocationRow): LocationBody => ({
  ...row,
  status: row.status as LocationBody['status'],
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
});

/** Newest first; up to `limit` locations after the one named by `after`. */
export async function listLocations(db: Sql, status: LocationBody['status'] | undefined, after: string | undefined, limit: number): Promise<LocationBody[]> {
  const rows = await locationQuery(db)
    .$if(status !== undefined, (query) => query.where('status', '=', status!))
    .$if(after !== undefined, (query) => query.where('id', '<', after!))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(toBody);
}

/** @throws {Problem} not_found */
export async function readLocation(db: Sql, id: string): Promise<LocationBody> {
  const row = await locationQuery(db).where('id', '=', id).executeTakeFirst();
  if (!row) throw noLocation(id);
  return toBody(row);
}

/** @throws {Problem} already_exists, validation_failed */
export async function createLocation(db: Sql, scope: TenantScope, input: LocationInputBody, now: Date): Promise<string> {
  checkCountry(input.country);
  const id = newId('location');
  await uniqueCode(() =>
    db
      .insertInto('locations')
      .values({
        id, tenant_id: scope.tenantId, livemode: scope.livemode, code: input.code, name: input.name, country: input.country ?? null,
        priority: input.priority ?? 100, status: input.status ?? 'active', created_at: now, updated_at: now,
      })
      .execute(),
  );
  return id;
}

/** @throws {Problem} not_found, precondition_failed, already_exists, validation_failed */
export async function updateLocation(db: Sql, id: string, version: number, change: LocationChangeBody, now: Date): Promise<void> {
  checkCountry(change.country);
  const changed = await uniqueCode(() =>
    db
      .updateTable('locations')
      .set({ ...change, version: version + 1, updated_at: now })
      .where('id', '=', id)
      .where('version', '=', version)
      .returning('id')
      .executeTakeFirst(),
  );
  if (changed) return;
  await readLocation(db, id);
  throw new Problem('precondition_failed');
}

/** @throws {Problem} not_found; in_use once there was stock */
export async function deleteLocation(db: Sql, id: string): Promise<void> {
  const detail = 'The location has a stock history: set status to inactive instead.';
  const deleted = await withConstraints({ '*': { code: 'in_use', detail } }, () =>
    db.deleteFrom('locations').where('id', '=', id).returning('id').executeTakeFirst(),
  );
  if (!deleted) throw noLocation(id);
}

export const noLocation = (id: string) => new Problem('not_found', { detail: `There is no location ${id}.` });

function checkCountry(country: string | null | undefined): void {
  if (!country || isCountry(country)) return;
  throw new Problem('validation_failed', { errors: [{ pointer: '/country', detail: 'is not an ISO 3166-1 alpha-2 country' }] });
}

function uniqueCode<T>(work: () => Promise<T>): Promise<T> {
  return withConstraints(
    { locations_tenant_id_livemode_code_key: { code: 'already_exists', detail: 'Another location has this code.' } },
    work,
  );
}
