import { ApplicationFailure } from '@temporalio/common';
import { failures, type FailureType } from '#domain/names/failures.ts';

/**
 * A failure of the one table. Its message holds ids and codes only: it is kept in the workflow's history.
 * @param delayMs when to try again, instead of the retry policy's next interval
 */
export function failure(type: FailureType, message: string, options: { delayMs?: number } = {}): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable: !failures[type].retryable,
    ...(options.delayMs === undefined ? {} : { nextRetryDelay: options.delayMs }),
  });
}
