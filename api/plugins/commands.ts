/** What routes need to run a command at most once per Idempotency-Key. See api/commands/. */
export type { Answer } from '../commands/answer.ts';
export { runCommand, unknownOutcome, type Delivery, type DurableCommand } from '../commands/run-command.ts';
export { runOnce, type OnceCommand } from '../commands/run-once.ts';
