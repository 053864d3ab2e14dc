import { setTimeout as wait } from 'node:timers/promises';
import { Context } from '@temporalio/activity';

/** Waits; ends with the cancellation's error when the activity is cancelled meanwhile. */
export async function pause(ms: number): Promise<void> {
  const cancelled = activityContext()?.cancelled;
  const stop = new AbortController();
  const waited = wait(ms, undefined, { signal: stop.signal }).catch(() => undefined);
  try {
    await (cancelled ? Promise.race([waited, cancelled]) : waited);
  } finally {
    stop.abort();
  }
}

/** The activity that this code runs in, if it runs in one. */
export function activityContext(): Context | undefined {
  try {
    return Context.current();
  } catch {
    return undefined;
  }
}
