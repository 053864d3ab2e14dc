import { sql } from 'kysely';
import type { Database } from '#entities/database.ts';
import { withoutTenant } from '#entities/unit-of-work.ts';

/** A row of the outbox that this dispatcher may send until its lease ends. */
export interface ClaimedRow {
  id: number;
  tenant_id: string;
  livemode: boolean;
  template: string;
  subject_id: string;
  data: Record<string, unknown>;
  dedupe_key: string;
  /** Attempts including this one; also the fence under which the outcome is recorded. */
  attempts: number;
  message_id: string | null;
  /** An earlier attempt may have arrived. */
  possible_duplicate: boolean;
  created_at: Date;
}

/** Takes up to `atMost` due rows over all tenants, oldest first. Rows that another dispatcher holds are skipped. */
export async function claimRows(database: Database, now: Date, leaseUntil: Date, atMost: number): Promise<ClaimedRow[]> {
  const { rows } = await sql<ClaimedRow>`
    select id, tenant_id, livemode, template, subject_id, data, dedupe_key, attempts, message_id, possible_duplicate, created_at
    from claim_outbox(${now}, ${leaseUntil}, ${atMost}) order by id`.execute(withoutTenant(database));
  return rows;
}

/** Keeps rows that this dispatcher still holds, and answers their ids: the others are recorded, or another one's. */
export async function renewRows(database: Database, rows: readonly ClaimedRow[], leaseUntil: Date): Promise<Set<number>> {
  const [ids, fences] = [rows.map(({ id }) => id), rows.map(({ attempts }) => attempts)];
  const kept = await sql<{ id: number }>`select renew_outbox(${ids}::bigint[], ${fences}::int[], ${leaseUntil}) as id`.execute(withoutTenant(database));
  return new Set(kept.rows.map(({ id }) => id));
}

/** Rows by tenant and mode, since each group is read and written in a unit of work of its own. */
export function byScope<T extends { tenant_id: string; livemode: boolean }>(rows: readonly T[]): T[][] {
  return [...Map.groupBy(rows, (row) => `${row.tenant_id}/${row.livemode}`).values()];
}
