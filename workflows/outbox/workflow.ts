import { continueAsNew, proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { OutboxActivities } from '#activities/outbox/create.ts';
import { dispatchRunMs, runsPerHistory, type DispatcherInput, type DispatcherTotals } from './messages.ts';

const { dispatchOutbox } = proxyActivities<OutboxActivities>({
  summary: 'Send what is due',
  // The run, and for its last batch the slowest mail (45 s) with room to record it.
  startToCloseTimeout: dispatchRunMs + 120_000,
  // A worker that dies is noticed after this; another one then goes on.
  heartbeatTimeout: '10 seconds',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  // Whatever breaks (Postgres, mostly), the dispatcher never gives up.
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
});

/**
 * Sends everything that leaves through the outbox, for all tenants, for ever. Its activity works for ten minutes at a
 * time, so that this history gains six events in that time and orders pay nothing for their mails.
 */
export async function outboxDispatcher(input: DispatcherInput = {}): Promise<void> {
  const totals: DispatcherTotals = input.totals ?? { sent: 0, deferred: 0, failed: 0, duplicates: 0 };
  const runs = input.runsPerHistory ?? runsPerHistory;
  for (let run = 0; run < runs; run += 1) {
    setCurrentDetails(describe(totals));
    const report = await dispatchOutbox({ runForMs: input.runForMs ?? dispatchRunMs });
    totals.sent += report.sent;
    totals.deferred += report.deferred;
    totals.failed += report.failed;
    totals.duplicates += report.duplicates;
  }
  await continueAsNew<typeof outboxDispatcher>({ ...input, totals });
}

function describe(totals: DispatcherTotals): string {
  return [
    'Up to the last finished run:',
    `- sent **${totals.sent}** (possible duplicates among them: ${totals.duplicates})`,
    `- put off ${totals.deferred} times`,
    `- refused for good **${totals.failed}**; see \`GET /api/mails?status=failed\``,
  ].join('\n');
}
