import { sql as raw } from 'kysely';
import type { Sql } from '#entities/unit-of-work.ts';
import { Problem } from '../problem.ts';
import type { RequestScope } from '../context.ts';
import type { Fingerprint } from './fingerprint.ts';

/** For how long a running request keeps others with its key away. Then a retry attaches to the running work. */
export const leaseSeconds = 30;

/** What is claimed: the resource that the command is about and the workflow that carries it out. */
export interface Claim {
  resourceId: string;
  workflowId: string;
  inputSealed: string;
}

export type Claimed = ({ state: 'ours' } & Claim) | { state: 'answered'; resourceId: string; responseSealed: string };

interface IntakeRow {
  body_hash: string;
  resource_id: string;
  workflow_id: string;
  input_sealed: string;
  status: string;
  response_sealed: string | null;
  lease_left: number;
}

/**
 * What is known about this key; undefined when it was never used. `lock` waits for a transaction that holds the row.
 * @throws {Problem} idempotency_key_reused for another body; request_in_progress within another's lease
 */
async function known(sql: Sql, operation: string, print: Fingerprint, lock: boolean): Promise<IntakeRow | undefined> {
  const { rows } = await raw<IntakeRow>`
    select body_hash, resource_id, workflow_id, input_sealed, status, response_sealed,
      extract(epoch from lease_expires_at - clock_timestamp())::float8 as lease_left
    from intake_commands where operation = ${operation} and idempotency_key = ${print.key}
    ${lock ? raw`for update` : raw``}`.execute(sql);
  const row = rows[0];
  if (!row) return undefined;
  if (row.body_hash !== print.bodyHash) throw new Problem('idempotency_key_reused');
  if (row.status === 'running' && row.lease_left > 0) {
    throw new Problem('request_in_progress', { headers: { 'retry-after': String(Math.max(1, Math.min(leaseSeconds, Math.ceil(row.lease_left)))) } });
  }
  return row;
}

function answered(row: IntakeRow): Claimed | undefined {
  return row.status === 'answered' && row.response_sealed !== null
    ? { state: 'answered', resourceId: row.resource_id, responseSealed: row.response_sealed }
    : undefined;
}

/** Takes a running key over whose lease has ended: the first one's id and input stay. */
async function attach(sql: Sql, operation: string, print: Fingerprint, row: IntakeRow): Promise<Claimed> {
  await raw`update intake_commands set lease_expires_at = clock_timestamp() + make_interval(secs => ${leaseSeconds})
    where operation = ${operation} and idempotency_key = ${print.key}`.execute(sql);
  return { state: 'ours', resourceId: row.resource_id, workflowId: row.workflow_id, inputSealed: row.input_sealed };
}

/**
 * Finds an earlier use of the key without claiming anything: its answer, or the work to attach to.
 * Cheap for a new key: one look-up by primary key.
 */
export async function findClaim(sql: Sql, operation: string, print: Fingerprint): Promise<Claimed | undefined> {
  const seen = await known(sql, operation, print, false);
  if (!seen) return undefined;
  const done = answered(seen);
  if (done) return done;
  const row = await known(sql, operation, print, true);
  return row && (answered(row) ?? (await attach(sql, operation, print, row)));
}

/**
 * Claims the key for this request, in the caller's transaction. When another request was faster, it is as if
 * it had been found before.
 */
export async function claim(sql: Sql, scope: RequestScope, operation: string, print: Fingerprint, wanted: Claim): Promise<Claimed> {
  const { numAffectedRows } = await raw`
    insert into intake_commands (tenant_id, livemode, operation, idempotency_key, body_hash, resource_id, workflow_id,
      input_sealed, status, lease_expires_at, created_at)
    values (${scope.tenantId}, ${scope.livemode}, ${operation}, ${print.key}, ${print.bodyHash}, ${wanted.resourceId},
      ${wanted.workflowId}, ${wanted.inputSealed}, 'running', clock_timestamp() + make_interval(secs => ${leaseSeconds}), clock_timestamp())
    on conflict do nothing`.execute(sql);
  if (numAffectedRows === 1n) return { state: 'ours', ...wanted };
  const found = await findClaim(sql, operation, print);
  if (!found) throw new Problem('request_in_progress', { headers: { 'retry-after': '1' } });
  return found;
}

/** Keeps the answer, and that the command has arrived. */
export async function storeAnswer(sql: Sql, operation: string, print: Fingerprint, responseSealed: string): Promise<void> {
  await raw`update intake_commands set status = 'answered', response_sealed = ${responseSealed},
      delivered_at = coalesce(delivered_at, clock_timestamp()), lease_expires_at = clock_timestamp()
    where operation = ${operation} and idempotency_key = ${print.key} and status = 'running'`.execute(sql);
}

/** Lets a retry attach at once; `delivered` when the command is known to have arrived, else the sweeper looks after it. */
export async function endLease(sql: Sql, operation: string, print: Fingerprint, delivered: boolean): Promise<void> {
  await raw`update intake_commands set lease_expires_at = clock_timestamp(),
      delivered_at = case when ${delivered} then coalesce(delivered_at, clock_timestamp()) else delivered_at end
    where operation = ${operation} and idempotency_key = ${print.key} and status = 'running'`.execute(sql);
}
