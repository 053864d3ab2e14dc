/**
 * How long claimed rows are ours without a word of life; a third of it later they are renewed. Past it another dispatcher
 * takes them and may send one again, so it is what a mail waits at worst when its dispatcher is killed, and how long
 * Postgres may be away from a dispatcher before a mail that is under way can double.
 */
export const leaseMs = 15_000;

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
