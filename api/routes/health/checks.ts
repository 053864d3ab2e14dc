import type { Client } from '@temporalio/client';
import { sql } from 'kysely';
import { taskQueues } from '#domain/names/task-queues.ts';
import type { Database } from '#entities/database.ts';
import { withoutTenant } from '#entities/unit-of-work.ts';

export interface Readiness {
  postgres: boolean;
  temporal: boolean;
  /** Somebody takes the tasks of orders and of payments. */
  workers: boolean;
}

/** How long an answer is used again: probes may be many, what they ask costs three round trips. */
const keptForMs = 1500;
const patienceMs = 1000;

// temporal.api.enums.v1.TaskQueueType
const workflowTasks = 1;
const activityTasks = 2;

/** Asks all three at once, each for a second at most; concurrent callers share one look. */
export function createReadiness(database: Database, temporal: Client): () => Promise<Readiness> {
  let last: { at: number; answer: Promise<Readiness> } | undefined;
  return () => {
    if (!last || Date.now() - last.at > keptForMs) last = { at: Date.now(), answer: look() };
    return last.answer;
  };

  async function look(): Promise<Readiness> {
    const [postgres, service, orders, payments] = await Promise.all([
      holds(async () => sql`select 1`.execute(withoutTenant(database))),
      holds(() => temporal.withDeadline(Date.now() + patienceMs, () => temporal.workflowService.getSystemInfo({}))),
      hasPollers(taskQueues.orders, workflowTasks),
      hasPollers(taskQueues.payments, activityTasks),
    ]);
    return { postgres, temporal: service, workers: orders && payments };
  }

  function hasPollers(name: string, taskQueueType: number): Promise<boolean> {
    return holds(async () => {
      const { namespace } = temporal.options;
      const { pollers } = await temporal.withDeadline(Date.now() + patienceMs, () =>
        temporal.workflowService.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType }),
      );
      const fresh = (pollers ?? []).some(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 > Date.now() - 120_000);
      if (!fresh) throw new Error('nobody polls');
    });
  }
}

async function holds(check: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), patienceMs);
  });
  try {
    await Promise.race([check(), late]);
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
