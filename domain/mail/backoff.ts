/**
 * Why a mail could not leave: the server (away, refuses us), this one message (greylisted, mailbox full), or a
 * fault of ours (a key that is not in the ring, data that a template misses) that waits for its repair.
 */
export type DeferralKind = 'server' | 'message' | 'fault';

const firstMs = 30_000;
const capMs: Record<DeferralKind, number> = {
  // Once the server is back, mail should follow within minutes, however long it was away.
  server: 5 * 60_000,
  // RFC 5321 §4.5.4.1 asks for half an hour or more between tries at a host that answers.
  message: 60 * 60_000,
  fault: 60 * 60_000,
};

/** A message that a working server keeps putting off is given up after this. RFC 5321 §4.5.4.1: 4 to 5 days. */
export const giveUpAfterMs = 5 * 24 * 3600_000;

/**
 * How long a mail waits after its n-th attempt: 30 s, doubled each time up to the kind's cap, spread by up to
 * 10 % so that a backlog does not come back in one moment.
 * @param attempts attempts made so far, ≥ 1
 * @param spread 0 ≤ spread < 1, random
 * @returns milliseconds
 */
export function backoffMs(attempts: number, kind: DeferralKind, spread: number): number {
  const doubled = firstMs * 2 ** Math.min(Math.max(attempts, 1) - 1, 20);
  return Math.round(Math.min(doubled, capMs[kind]) * (1 + spread / 10));
}

/**
 * Whether to stop trying. Only for what is wrong with the message itself: while a server is away, or a fault of
 * ours is not repaired, its mail waits however long that takes.
 */
export function isGivenUp(kind: DeferralKind, createdAt: Date, now: Date): boolean {
  return kind === 'message' && now.getTime() - createdAt.getTime() > giveUpAfterMs;
}
