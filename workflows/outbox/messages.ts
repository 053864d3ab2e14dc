/** Numbers since the dispatcher was first started. */
export interface DispatcherTotals {
  sent: number;
  deferred: number;
  failed: number;
  duplicates: number;
}

/** What the dispatcher is started with; it has no signals, updates or queries: rows are its messages. */
export interface DispatcherInput {
  /** Carried through continue-as-new. */
  totals?: DispatcherTotals;
  /** How long one run of the activity lasts; shorter in tests. */
  runForMs?: number;
  /** After how many runs the history starts anew; fewer in tests. */
  runsPerHistory?: number;
}

/** Ten minutes. */
export const dispatchRunMs = 10 * 60_000;

/** About a day of ten-minute runs, 900 events. */
export const runsPerHistory = 144;
