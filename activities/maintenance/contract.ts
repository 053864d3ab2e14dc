import type { TenantRef } from '#domain/tenant.ts';
import type { Database } from '#entities/database.ts';
import type { Logger } from '#platform/logger.ts';

/** A command that was taken in and may never have reached its workflow. */
export interface TakenIn {
  scope: TenantRef;
  operation: string;
  idempotencyKey: string;
  resourceId: string;
  workflowId: string;
  inputSealed: string;
}

/** It has arrived; its order can't take it yet; or nobody answered. */
export type Redelivered = 'arrived' | 'busy' | 'no_answer';

export interface MaintenanceDeps {
  database: Database;
  logger: Logger;
  /** Delivers once more, under the command's own update id. */
  redeliver: (command: TakenIn) => Promise<Redelivered>;
  /** Decides about a stored provider event once more. */
  handleWebhookEvent: (event: { id: string; scope: TenantRef }) => Promise<void>;
}

/** What one sweep did; numbers only. */
export interface SweepReport {
  commands: number;
  webhookEvents: number;
  failed: number;
}

export interface MaintenanceActivities {
  /** True when anything is left over. A local activity: most sweeps find nothing and cost next to nothing. */
  isAnythingLeft(): Promise<boolean>;
  sweep(): Promise<SweepReport>;
}

/** A command in flight is left to the API for this long. */
export const patienceSeconds = 30;
/** Taken up in one go. */
export const batch = 100;
/** A backlog after an outage is worked off in one sweep, up to this many batches. */
export const mostBatches = 20;
