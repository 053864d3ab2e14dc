/** A bank's dispute of a payment, as the newest event about it has it. */
export interface DisputeState {
  /** The provider's id. */
  ref: string;
  open: boolean;
  /** When the provider made that event, ISO 8601. */
  at: string;
}

/**
 * Whether an event about a dispute is news. Events come out of order: what was made before the end of a dispute does
 * not open it again, and an end that comes first is remembered. Providers count in seconds: of the same one, the end holds.
 */
export function disputeMoves(known: readonly DisputeState[], told: DisputeState): boolean {
  const before = known.find(({ ref }) => ref === told.ref);
  if (!before) return true;
  if (before.open === told.open) return false;
  return told.open ? told.at > before.at : told.at >= before.at;
}
