const minute = 60_000;

/** After an event arrived, how long until the sweeper takes it up if whoever received it does not. */
export const firstLookMs = 30_000;
/** How long an event that our own request caused waits until that request's rows are written. */
export const ownDoingMs = 2_000;
/** An owner that was told and has not recorded anything is told again after this. */
export const signalAgainMs = 10 * minute;

/** So many looks in a row find that an owner is gone before its event is given up: a workflow that was ended by mistake may be brought back. */
export const ownerlessLooks = 3;

const unmatchedForMs = 3 * 24 * 60 * minute;
const waitsMs = [10_000, minute, 5 * minute, 30 * minute, 2 * 60 * minute, 6 * 60 * minute];

/**
 * When an event whose object is not known yet is looked at again; undefined = no more by itself, three days after it
 * came. It stays visible and can be re-driven.
 */
export function nextLook(attempts: number, receivedAt: Date, now: Date): Date | undefined {
  const at = new Date(now.getTime() + waitsMs[Math.min(attempts, waitsMs.length - 1)]!);
  return at.getTime() - receivedAt.getTime() > unmatchedForMs ? undefined : at;
}
