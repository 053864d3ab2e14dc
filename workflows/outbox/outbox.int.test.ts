import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Client, Connection, WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { createOutboxActivities } from '#activities/outbox/create.ts';
import { OutboxFixture } from '#activities/outbox/testing/fixture.ts';
import { quietRuntime, temporalAddress, testNamespace } from '#test/environment/index.ts';
import { CountedWorkflows } from '#test/support/workflow-coverage.ts';
import { startDispatcher } from './client.ts';

// The first suite of a run also starts the servers.
jest.setTimeout(60_000);

const fixture = new OutboxFixture();
const counted = new CountedWorkflows();
const taskQueue = 'test-outbox';
let connection: Connection;
let native: NativeConnection;
let client: Client;
let workflowBundle: { code: string };
let order: string;
let dispatchers = 0;

beforeAll(async () => {
  quietRuntime();
  await fixture.start();
  order = await fixture.order(await fixture.tenant());
  const address = await temporalAddress();
  connection = await Connection.connect({ address });
  native = await NativeConnection.connect({ address });
  client = new Client({ connection, namespace: testNamespace });
  workflowBundle = await counted.bundle({
    workflowsPath: fileURLToPath(new URL('./workflow.ts', import.meta.url)),
    logger: new DefaultLogger('WARN'),
  });
});
afterAll(async () => {
  await native.close();
  await connection.close();
  await fixture.stop();
  await counted.write();
});
beforeEach(() => fixture.reset());

function createWorker(): Promise<Worker> {
  const activities = { ...createOutboxActivities(fixture.worker()) };
  const shared = { connection: native, namespace: testNamespace, taskQueue, workflowBundle, ...counted.forWorker };
  // A cancellation comes with the answer to a heartbeat; those are held back for up to 8 s otherwise.
  return Worker.create({ ...shared, activities, maxHeartbeatThrottleInterval: 100 });
}

/** A dispatcher of this test's own, stopped at its end. */
async function withDispatcher(input: object, work: (handle: WorkflowHandle) => Promise<void>): Promise<void> {
  const workflowId = `outbox/dispatcher-test-${(dispatchers += 1)}`;
  const handle = await startDispatcher(client, { input, taskQueue, workflowId });
  try {
    await work(handle);
  } finally {
    await handle.terminate().catch((error: unknown) => {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    });
  }
}

describe('the dispatcher', () => {
  it('goes on with the next worker when one shuts down, and doubles nothing', async () => {
    const count = 60;
    for (let index = 0; index < count; index += 1) await fixture.announce(order);
    fixture.smtp.delayMs = 30;
    await withDispatcher({}, async () => {
      const first = await createWorker();
      await first.runUntil(until(() => fixture.smtp.received.length >= 10));
      expect((await fixture.statuses()).sending).toBeUndefined();
      const second = await createWorker();
      await second.runUntil(until(() => fixture.smtp.received.length === count));
    });
    expect(await fixture.statuses()).toEqual({ sent: count });
    const ids = fixture.smtp.received.map((mail) => mail.headers.get('message-id'));
    expect(new Set(ids).size).toBe(count);
  });

  it('is one, however many workers start it, and carries its totals into a new history', async () => {
    await withDispatcher({ runForMs: 200, runsPerHistory: 2 }, async (handle) => {
      const again = await startDispatcher(client, { taskQueue, workflowId: handle.workflowId });
      const { runId: firstRun } = await handle.describe();
      expect((await again.describe()).runId).toBe(firstRun);
      await fixture.announce(order);
      const worker = await createWorker();
      await worker.runUntil(async () => {
        const deadline = performance.now() + 20_000;
        while ((await handle.describe()).runId === firstRun && performance.now() < deadline) await soon();
        const { runId, historyLength } = await handle.describe();
        expect(runId).not.toBe(firstRun);
        expect(historyLength).toBeLessThan(20);
        const history = await handle.fetchHistory();
        const started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
        const input = JSON.parse(Buffer.from(started!.input!.payloads![0]!.data!).toString()) as { totals: { sent: number } };
        expect(input.totals.sent).toBe(1);
      });
    });
    expect(fixture.smtp.received).toHaveLength(1);
  });

  it('can be cancelled, when what is under way is finished and the rest waits, and started again', async () => {
    for (let index = 0; index < 40; index += 1) await fixture.announce(order);
    fixture.smtp.delayMs = 800;
    const worker = await createWorker();
    await worker.runUntil(async () => {
      await withDispatcher({}, async (handle) => {
        await until(() => fixture.smtp.received.length >= 5);
        await handle.cancel();
        await expect(handle.result()).rejects.toThrow();
      });
      const { sent, pending = 0, sending } = await fixture.statuses();
      expect(sending).toBeUndefined();
      expect(pending).toBeGreaterThan(0);
      expect(fixture.smtp.received).toHaveLength(sent!);
      fixture.smtp.delayMs = 0;
      await withDispatcher({}, () => until(() => fixture.smtp.received.length === 40));
    });
    expect(await fixture.statuses()).toEqual({ sent: 40 });
  });
});

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('It did not come about within 20 s');
    await soon();
  }
}

function soon(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
