/** Failure type under which a validator refuses a command; its detail is the {@link Rejection} of messages.ts. */
export const rejectedType = 'CommandRejected';
