import type { FailureType } from '#domain/names/failures.ts';
import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';

/** What an activity raised: a local activity's failure arrives bare, a real one's wrapped. */
export function failureIn(error: unknown): ApplicationFailure | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure ? cause : undefined;
}

/** True for an activity's failure of this type. */
export function isFailure(error: unknown, type: FailureType): boolean {
  return failureIn(error)?.type === type;
}
