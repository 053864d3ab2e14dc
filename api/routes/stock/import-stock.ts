import { sql } from 'kysely';
import { parseRows } from '#domain/csv/parse-rows.ts';
import { readUploadedCsv } from '#domain/csv/read-csv.ts';
import type { CsvFailure } from '#domain/csv/read-csv.ts';
import { newId } from '#domain/ids.ts';
import { parseStockRow, stockColumns } from '#domain/inventory/stock-row.ts';
import type { StockRow } from '#domain/inventory/stock-row.ts';
import type { Sql, TenantScope } from '#entities/unit-of-work.ts';
import { importLimits } from '../csv-body.ts';

export interface StockImportReport {
  /** Lines that were applied. */
  imported: number;
  failed: CsvFailure[];
}

/** All lines of one SKU at one location: they are applied together or not at all. */
interface Change {
  sku: string;
  locationId: string;
  total: number;
  rows: StockRow[];
}

/**
 * Adds the signed quantities of a stock file (see `stockColumns`) to what is on hand, recording each line as an
 * adjustment. Lines of an unknown SKU or location, and those that would take what orders have reserved, are
 * reported; the others are kept.
 * @throws {CsvFileError} when nothing of the file can be used
 */
export async function importStock(db: Sql, scope: TenantScope, actor: string, text: string, now: Date): Promise<StockImportReport> {
  const { rows, failed: unreadable } = await readUploadedCsv(text, stockColumns, importLimits);
  const { parsed, failed: refused } = parseRows(rows, parseStockRow);
  const { changes, failed: unknown } = groupByPlace(parsed, await locationIds(db, parsed), await knownSkus(db, parsed));
  await lockLevels(db, changes);
  await receive(db, scope, changes.filter(({ total }) => total > 0), now);
  const taken = await take(db, changes.filter(({ total }) => total < 0), now);
  const applied = changes.filter((change) => change.total >= 0 || taken.has(placeOf(change)));
  const short = changes.filter((change) => change.total < 0 && !taken.has(placeOf(change)));
  await recordAdjustments(db, scope, actor, applied, now);
  const failed = [...unreadable, ...refused, ...unknown, ...short.flatMap(failuresOf)].sort((a, b) => a.line - b.line);
  return { imported: applied.reduce((count, change) => count + change.rows.length, 0), failed };
}

function failuresOf(change: Change): CsvFailure[] {
  return change.rows.map(({ line }) => ({
    line,
    reason: `${change.total} of ${change.sku} would leave less on hand than orders have reserved.`,
  }));
}

async function locationIds(db: Sql, rows: readonly StockRow[]): Promise<Map<string, string>> {
  const codes = [...new Set(rows.map(({ locationCode }) => locationCode))];
  const found = await db.selectFrom('locations').select(['id', 'code']).where(sql<boolean>`code = any(${codes})`).execute();
  return new Map(found.map(({ code, id }) => [code, id]));
}

async function knownSkus(db: Sql, rows: readonly StockRow[]): Promise<Set<string>> {
  const skus = [...new Set(rows.map(({ sku }) => sku))];
  const found = await db.selectFrom('variants').select('sku').where(sql<boolean>`sku = any(${skus})`).execute();
  return new Set(found.map(({ sku }) => sku));
}

function groupByPlace(rows: readonly StockRow[], locations: ReadonlyMap<string, string>, skus: ReadonlySet<string>) {
  const changes = new Map<string, Change>();
  const failed: CsvFailure[] = [];
  for (const row of rows) {
    const locationId = locations.get(row.locationCode);
    if (!locationId) failed.push({ line: row.line, reason: `There is no location ${row.locationCode}.` });
    else if (!skus.has(row.sku)) failed.push({ line: row.line, reason: `There is no SKU ${row.sku}.` });
    else {
      const place = placeOf({ sku: row.sku, locationId });
      const change = changes.get(place) ?? { sku: row.sku, locationId, total: 0, rows: [] };
      change.total += row.quantity;
      change.rows.push(row);
      changes.set(place, change);
    }
  }
  return { changes: [...changes.values()], failed };
}

function placeOf({ sku, locationId }: { sku: string; locationId: string }): string {
  return `${locationId}/${sku}`;
}

/** In the order in which orders take them, so that neither waits for the other in a circle. */
async function lockLevels(db: Sql, changes: readonly Change[]): Promise<void> {
  await sql`select 1 from stock_levels s join ${input(changes)} on s.sku = x.sku and s.location_id = x.location_id
    order by s.sku, s.location_id for update of s`.execute(db);
}

async function receive(db: Sql, scope: TenantScope, changes: readonly Change[], now: Date): Promise<void> {
  await sql`
    insert into stock_levels (tenant_id, livemode, sku, location_id, on_hand, updated_at)
    select ${scope.tenantId}, ${scope.livemode}, x.sku, x.location_id, x.total, ${now} from ${input(changes)}
    order by x.sku, x.location_id
    on conflict (tenant_id, livemode, sku, location_id)
    do update set on_hand = stock_levels.on_hand + excluded.on_hand, updated_at = excluded.updated_at`.execute(db);
}

/** Takes where enough is free; answers where it was. */
async function take(db: Sql, changes: readonly Change[], now: Date): Promise<Set<string>> {
  const { rows } = await sql<{ sku: string; location_id: string }>`
    update stock_levels s set on_hand = s.on_hand + x.total, updated_at = ${now} from ${input(changes)}
    where s.sku = x.sku and s.location_id = x.location_id and s.on_hand + x.total >= s.reserved
    returning s.sku, s.location_id`.execute(db);
  return new Set(rows.map((row) => placeOf({ sku: row.sku, locationId: row.location_id })));
}

function input(changes: readonly Change[]) {
  const json = JSON.stringify(changes.map(({ sku, locationId, total }) => ({ sku, location_id: locationId, total })));
  return sql`jsonb_to_recordset(${json}::jsonb) as x(sku text, location_id text, total bigint)`;
}

async function recordAdjustments(db: Sql, scope: TenantScope, actor: string, changes: readonly Change[], now: Date): Promise<void> {
  const rows = changes.flatMap((change) =>
    change.rows.map(({ quantity, reason }) => ({
      id: newId('stockAdjustment'), tenant_id: scope.tenantId, livemode: scope.livemode, location_id: change.locationId,
      sku: change.sku, quantity, reason, actor, created_at: now,
    })),
  );
  for (let start = 0; start < rows.length; start += 1000) {
    await db.insertInto('stock_adjustments').values(rows.slice(start, start + 1000)).execute();
  }
}
