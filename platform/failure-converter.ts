import { DefaultFailureConverter } from '@temporalio/common';

/** Messages and stack traces are encrypted like payloads: an error text may quote what it failed on. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
