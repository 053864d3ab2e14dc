import { searchAttributeRegistry } from '#domain/names/search-attributes.ts';
import { taskQueues } from '#domain/names/task-queues.ts';
import { workflowIds } from '#domain/names/workflow-ids.ts';
import type { PlacementInput } from '#domain/order/placement.ts';
import type { OrderState } from '#domain/order/state.ts';
import type { TenantSettings } from '#domain/tenant.ts';
import { KeyRing } from '#platform/keyring.ts';
import { createDataConverter } from '#platform/temporal.ts';
import { startTimeSkipping } from '#test/environment/time-skipping.ts';
import { workflowSources } from '#worker/bundle.ts';
import { answerOf } from '#workflows/order/client.ts';
import { orderUpdates, paymentChanged, placed, type OrderUpdateName, type OrderWorkflowInput, type OrderWorkflowResult, type PaymentChanged, type PaymentOutcome } from '#workflows/order/messages.ts';
import { WithStartWorkflowOperation, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { MemoryRows } from './memory-rows.ts';
import { sampleConnection, sampleId, samplePlacement, sampleScope, sampleSettings } from './sample-order.ts';
import { ScriptedProvider } from './scripted-provider.ts';
import { CountedWorkflows } from './workflow-coverage.ts';

/** The key ring of recorded histories: fixed, and good for nothing else. */
export const testKeyRing = new KeyRing(`test:${Buffer.alloc(32, 7).toString('base64')}`);

export interface Story {
  placement?: Partial<PlacementInput>;
  settings?: Partial<TenantSettings>;
  multicapture?: boolean;
}

/** One order in an {@link OrderWorld}, and the commands it takes. */
export interface StoryOrder {
  id: string;
  paymentId: string;
  handle: WorkflowHandle;
  outcome: PaymentOutcome;
  state(): OrderState;
  send(name: OrderUpdateName, input?: object): Promise<{ outcome: string }>;
  signal(event: Partial<PaymentChanged>): Promise<string>;
  result(): Promise<OrderWorkflowResult>;
  events(): Promise<number>;
}

/** Order workflows on a clock that skips, with rows in memory and a provider that does as it is told. */
export class OrderWorld {
  readonly rows: MemoryRows;
  readonly provider: ScriptedProvider;
  readonly environment: TestWorkflowEnvironment;
  /** Handlers that were cut off by the end of their workflow, since the start. */
  readonly warnings: string[];
  readonly #workers: Worker[];
  readonly #running: Promise<void>[];
  readonly #counted: CountedWorkflows;
  #stories = 0;

  private constructor(parts: Pick<OrderWorld, 'rows' | 'provider' | 'environment' | 'warnings'>, workers: Worker[], counted: CountedWorkflows) {
    this.#counted = counted;
    this.rows = parts.rows;
    this.provider = parts.provider;
    this.environment = parts.environment;
    this.warnings = parts.warnings;
    this.#workers = workers;
    this.#running = workers.map((worker) => worker.run());
  }

  /** Starts a server of its own, so that no other suite's clock is skipped. */
  static async start(): Promise<OrderWorld> {
    const warnings: string[] = [];
    const logger = new DefaultLogger('WARN', ({ message }) => {
      if (/unfinished|TMPRL1102|without handler/i.test(message)) warnings.push(message);
    });
    Runtime.install({ logger });
    const dataConverter = createDataConverter(testKeyRing);
    const environment = await startTimeSkipping({ client: { dataConverter }, searchAttributes: [...searchAttributeRegistry] });
    const shared = { connection: environment.nativeConnection, dataConverter };
    const counted = new CountedWorkflows();
    const { code } = await counted.bundle({ ...workflowSources, logger });
    const rows = new MemoryRows();
    const provider = new ScriptedProvider();
    const workers = await Promise.all([
      // Bugs fail a test instead of being tried for ever.
      Worker.create({
        ...shared, taskQueue: taskQueues.orders, workflowBundle: { code }, activities: rows, workflowFailureErrorTypes: { '*': ['Error'] },
        ...counted.forWorker,
      }),
      Worker.create({ ...shared, taskQueue: taskQueues.payments, activities: provider }),
    ]);
    return new OrderWorld({ rows, provider, environment, warnings }, workers, counted);
  }

  async stop(): Promise<void> {
    for (const worker of this.#workers) worker.shutdown();
    await Promise.all(this.#running);
    await this.environment.teardown();
    await this.#counted.write();
  }

  /** Takes an order in as the API does, and places it. */
  async place(story: Story = {}): Promise<StoryOrder> {
    return this.attach(await this.takeIn(story));
  }

  /** The intake row, with stock for the sample's lines. */
  async takeIn({ placement, settings, multicapture = false }: Story = {}): Promise<{ id: string; paymentId: string }> {
    this.#stories += 1;
    const id = sampleId('order', this.#stories);
    const input = samplePlacement(this.#stories, placement);
    this.provider.multicapture = multicapture;
    this.rows.intakes.set(id, { input, settings: sampleSettings(settings), connection: sampleConnection(multicapture) });
    if (!placement?.lines) for (const { sku } of input.lines) this.rows.stock.set(sku, { onHand: 100, reserved: 0 });
    return { id, paymentId: input.payment.paymentId };
  }

  /** Starts the order's workflow and waits for the outcome of placing. */
  async attach({ id, paymentId }: { id: string; paymentId: string }): Promise<StoryOrder> {
    const { workflow } = this.environment.client;
    const startWorkflowOperation = new WithStartWorkflowOperation<(input: OrderWorkflowInput) => Promise<OrderWorkflowResult>>('orderWorkflow', {
      workflowId: workflowIds.order(id), taskQueue: taskQueues.orders, args: [{ scope: sampleScope, orderId: id }],
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
    const outcome = await workflow.executeUpdateWithStart(placed, { startWorkflowOperation });
    return this.order(id, paymentId, outcome);
  }

  order(id: string, paymentId: string, outcome: PaymentOutcome): StoryOrder {
    const handle = this.environment.client.workflow.getHandle<(input: OrderWorkflowInput) => Promise<OrderWorkflowResult>>(workflowIds.order(id));
    let signals = 0;
    return {
      id, paymentId, handle, outcome,
      state: () => this.rows.state(id),
      send: (name, input = {}) =>
        answerOf(() =>
          handle.executeUpdate<{ outcome: string }, [object]>(orderUpdates[name].name, { args: [{ actor: 'key:test', ...input }] }),
        ),
      signal: async (event) => {
        signals += 1;
        const webhookEventId = `whe_${id}_${signals}`;
        await handle.signal(paymentChanged, { webhookEventId, paymentId, kind: 'payment', ...event });
        await until(() => this.rows.applied.includes(webhookEventId));
        return webhookEventId;
      },
      result: () => handle.result(),
      events: async () => (await handle.fetchHistory()).events?.length ?? 0,
    };
  }

  /** Lets time pass for everybody. */
  async pass(duration: string): Promise<void> {
    await this.environment.sleep(duration as '1s');
  }

  /** The clock of the world, as ISO day and hour of the order's life. */
  async now(): Promise<number> {
    return this.environment.currentTimeMs();
  }
}

/** Waits in real time for what other processes do. @throws {Error} after ten seconds */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('It did not come true in ten seconds');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
