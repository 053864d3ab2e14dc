import type { FailureType } from '#domain/names/failures.ts';
import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';

/** True for an activity's failure of this type: a local activity's arrives bare, a real one's wrapped. */
export function isFailure(error: unknown, type: FailureType): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure && cause.type === type;
}
