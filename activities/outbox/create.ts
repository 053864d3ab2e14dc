import { setTimeout as pause } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { Database } from '#entities/database.ts';
import type { KeyRing } from '#platform/keyring.ts';
import type { Logger } from '#platform/logger.ts';
import type { Mailer } from '#activities/email/mailer.ts';
import { dispatchBatch } from './batch.ts';
import { batchSize, pollMs, probePauseMs } from './limits.ts';

export interface OutboxDependencies {
  database: Database;
  keyRing: KeyRing;
  mailer: Mailer;
  logger: Logger;
  /** The time; default is the machine's. */
  clock?: () => Date;
  /** Shorter in tests; see limits.ts. */
  leaseMs?: number;
}

export interface DispatchInput {
  /** How long one run lasts, milliseconds. */
  runForMs: number;
}

/** What one run did; goes into the workflow's history, so numbers only. */
export interface DispatchReport {
  sent: number;
  deferred: number;
  failed: number;
  duplicates: number;
}

/** As the dispatcher's workflow sees them. */
export interface OutboxActivities {
  dispatchOutbox(input: DispatchInput): Promise<DispatchReport>;
}

/** The dispatcher's activities. */
export function createOutboxActivities(deps: OutboxDependencies): OutboxActivities {
  return {
    /**
     * Sends what is due for a while, then returns, so that a new version of the worker takes over between runs.
     * Returns early, with what it has done, when the worker shuts down or the workflow is cancelled.
     */
    async dispatchOutbox({ runForMs }) {
      const context = Context.current();
      const stop = AbortSignal.any([context.cancellationSignal, AbortSignal.timeout(runForMs)]);
      const total: DispatchReport = { sent: 0, deferred: 0, failed: 0, duplicates: 0 };
      // Also while a batch waits for a slow server: the server must not think that this worker is dead.
      const beat = setInterval(() => context.heartbeat(), 2_000);
      try {
        await dispatchUntil(stop, deps, total);
        return total;
      } finally {
        clearInterval(beat);
      }
    },
  };
}

/**
 * The dispatcher's loop. While the mail server is away, one mail at a time is tried after a growing pause and the
 * others are left alone: they leave as soon as one went through, and a long outage rewrites no backlog.
 */
export async function dispatchUntil(stop: AbortSignal, deps: OutboxDependencies, total: DispatchReport): Promise<void> {
  let probePause = 0;
  while (!stop.aborted) {
    const result = await dispatchBatch(deps, probePause > 0 ? 1 : batchSize, stop);
    total.sent += result.sent;
    total.deferred += result.deferred;
    total.failed += result.failed;
    total.duplicates += result.duplicates;
    const wasAway = probePause > 0;
    if (result.serverAway) probePause = Math.min(Math.max(probePause * 2, probePauseMs.first), probePauseMs.cap);
    else if (result.serverAnswered) probePause = 0;
    if (wasAway !== probePause > 0) deps.logger.warn({ away: probePause > 0 }, 'The mail server went away or came back');
    const more = probePause === 0 && (wasAway || result.claimed === batchSize);
    if (!more) await waitFor(probePause || pollMs, stop);
  }
}

async function waitFor(ms: number, stop: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal: stop }).catch(() => undefined);
}
