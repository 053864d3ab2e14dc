/**
 * Every error type that an activity of ours raises: whether Temporal tries again, and whether a person is told.
 * Business answers (a declined card, a shortage) are results and not in here.
 */
interface FailureKind {
  retryable: boolean;
  /** `none`: passes by itself; `ticket`: look at it today; `page`: money waits. */
  alert: 'none' | 'ticket' | 'page';
  /** What it means, for the operator who sees the type in Temporal's UI. */
  meaning: string;
}

export const failures = {
  ProviderOutcomeUnknown: { retryable: true, alert: 'none', meaning: 'The provider did not answer, or answered with a 5xx: it may or may not have acted. Asked again with the same key.' },
  ProviderRateLimited: { retryable: true, alert: 'none', meaning: 'The provider refuses for now, without having acted. Asked again after the time it names.' },
  ProviderBusy: { retryable: true, alert: 'none', meaning: 'The payment is between two states at the provider. Asked again shortly.' },
  ProviderMisconfigured: { retryable: true, alert: 'page', meaning: 'The provider does not accept our credentials, or they lack a permission. Mend the connection; what waits goes on by itself.' },
  ProviderRefusedRequest: { retryable: false, alert: 'page', meaning: 'The provider calls our request wrong: a defect of ours.' },
  IdempotencyConflict: { retryable: false, alert: 'page', meaning: 'One idempotency key was used for two different requests: a defect of ours.' },
  ConnectionMissing: { retryable: true, alert: 'page', meaning: 'The payment connection is gone, or of a provider that this version does not know.' },
  VersionConflict: { retryable: false, alert: 'none', meaning: 'Somebody else has written the order meanwhile. On an ended order its writer reads it again; a running one waits, with attention, until its rows fit.' },
  WriteRefused: { retryable: false, alert: 'page', meaning: 'Postgres or the books refuse what an order wants to write: a defect of ours, or rows changed by hand. The order waits, with attention, and tries again.' },
  IntakeMissing: { retryable: false, alert: 'page', meaning: 'A workflow runs without its intake row.' },
  OrderNotClosed: { retryable: false, alert: 'ticket', meaning: "Work on an order whose own workflow is gone, while its rows do not know it as ended: terminated by hand, or rows set back." },
} as const satisfies Record<string, FailureKind>;

export type FailureType = keyof typeof failures;
