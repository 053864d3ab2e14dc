import { setTimeout as wait } from 'node:timers/promises';
import { Context } from '@temporalio/activity';

/** Waits; ends with the cancellation's error when the activity is cancelled meanwhile. */
export async function pause(ms: number): Promise<void> {
  const context = activityContext();
  if (!context) return void (await wait(ms));
  await Promise.race([wait(ms, undefined, { signal: context.cancellationSignal }).catch(() => context.cancelled), context.cancelled]);
}

/** The activity that this code runs in, if it runs in one. */
export function activityContext(): Context | undefined {
  try {
    return Context.current();
  } catch {
    return undefined;
  }
}
