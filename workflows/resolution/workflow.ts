import { wasApplied } from '#domain/order/applied.ts';
import { getExternalWorkflowHandle, log, setWorkflowOptions, sleep } from '@temporalio/workflow';
import { rows } from '../order/activities.ts';
import { asOwnProcess, withClosedOrder } from '../order/closed.ts';
import { answerStep, type CommandOutcome } from '../order/messages.ts';
import { resolved, type ResolutionInput } from './messages.ts';

/**
 * Resolves the attention of an ended order. Where another workflow waits for the answer (a late refund whose outcome is
 * not known, money that can't be given back), it is passed on, and that one records it; else the notice is ended here.
 */
export async function resolutionWorkflow({ command, ...input }: ResolutionInput): Promise<CommandOutcome> {
  return asOwnProcess(resolved, async () => {
    const passed = await passOn({ command, ...input });
    return withClosedOrder(input, async (order) => (passed ? order.done() : order.operator.resolve(command)));
  });
}

const longestPauseMs = 60_000;

/** Waits until whoever waits for the answer has taken it; false where nobody does. */
async function passOn({ command, ...input }: ResolutionInput): Promise<boolean> {
  const { attention } = await rows.loadClosedOrder(input);
  if (!attention?.by) return false;
  for (let pauseMs = 250; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      // More than once: it may not wait yet, or end without having taken the answer.
      await getExternalWorkflowHandle(attention.by).signal(answerStep, command);
    } catch (error) {
      log.warn('Whoever waited for this answer is gone', { error: String(error) });
      return false;
    }
    await sleep(pauseMs);
    const state = await rows.loadClosedOrder(input);
    if (wasApplied(state, 'resolve', command) || state.attention?.since !== attention.since) return true;
  }
}

setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, resolutionWorkflow);
