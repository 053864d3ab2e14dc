/**
 * How long a claimed row is ours. Past it another dispatcher may take the row and send it again, so everything
 * that happens to a batch fits in: the last send starts by `lastStartMs` and ends `sendTimeoutMs` (45 s, see
 * activities/email/mailer.ts) later, which leaves 15 s to record it.
 */
export const leaseMs = 120_000;

/** A row of a batch that was not begun by then goes back untouched. */
export const lastStartMs = 60_000;

/** Rows taken at once. */
export const batchSize = 50;

/**
 * How often an idle dispatcher looks: one index probe. It looks instead of listening, because NOTIFY takes a lock on the
 * whole cluster until its transaction has committed: with 16 writers it held Postgres to 3 000 commits a
 * second where it made 10 000 without, and every order would pay for that.
 */
export const pollMs = 250;

/** While the mail server is away one mail is tried, after a pause that doubles between these. */
export const probePauseMs = { first: 1_000, cap: 30_000 } as const;
