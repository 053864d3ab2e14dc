import { condition, proxyActivities, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type { TwinProvider, TwinRequest, TwinRows } from './activities.ts';
import { deliver, filler, placed, ship, twinQueues, type TwinInput } from './messages.ts';

// The same options as workflows/order/activities.ts.
const rows = proxyLocalActivities<TwinRows>({
  startToCloseTimeout: '20s',
  localRetryThreshold: '10s',
  retry: { initialInterval: '100ms', backoffCoefficient: 2, maximumInterval: '30s' },
});
const provider = (summary: string) =>
  proxyActivities<TwinProvider>({
    taskQueue: twinQueues.payments,
    startToCloseTimeout: '30s',
    scheduleToCloseTimeout: '2m',
    retry: { initialInterval: '300ms', backoffCoefficient: 3, maximumAttempts: 4 },
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    summary,
  });

/**
 * Does nothing, in the shape of an order: the same updates, local and real activities and payload bytes, without SQL,
 * HTTP, decisions, search attributes, timers or webhooks. What it costs is what the engine costs.
 */
export async function orderTwin({ sizes }: TwinInput): Promise<void> {
  let placement: string | undefined;
  const save = () => rows.saveOrder(request(sizes.saveInput, sizes.saveResult));

  setHandler(placed, async () => {
    await condition(() => placement !== undefined);
    return placement!;
  });
  setHandler(ship, async () => {
    await provider('capture payment 1').capturePayment(request(sizes.captureInput, sizes.captureResult));
    await save();
    return filler(sizes.commandOutcome);
  });
  setHandler(deliver, async () => {
    await save();
    return filler(sizes.commandOutcome);
  });

  await rows.openOrder(request(sizes.openInput, sizes.state));
  await provider('authorise payment 1').authorizePayment(request(sizes.authorizeInput, sizes.authorizeResult));
  await save();
  placement = filler(sizes.placedOutcome);
  // It stays open as an order does in its return window.
  await condition(() => false);
}

/** `{"data":"","answer":1234}` around the text is counted too. */
function request(bytes: number, answer: number): TwinRequest {
  return { data: filler(bytes - 24), answer };
}
