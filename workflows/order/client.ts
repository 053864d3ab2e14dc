import { searchAttributes } from '#domain/names/search-attributes.ts';
import { taskQueues } from '#domain/names/task-queues.ts';
import { workflowIds } from '#domain/names/workflow-ids.ts';
import type { TenantRef } from '#domain/tenant.ts';
import {
  isGrpcDeadlineError,
  isGrpcServiceError,
  WithStartWorkflowOperation,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import { ApplicationFailure, type UpdateDefinition } from '@temporalio/common';
import {
  placed,
  type CommandOutcome,
  type OrderUpdateName,
  type OrderWorkflowInput,
  type OrderWorkflowResult,
  type PaymentOutcome,
} from './messages.ts';
import { rejectedType } from './rejected.ts';

/**
 * How a command that was taken in reaches its order and is answered. What the API does not manage to deliver, the sweeper
 * hands over (hand-over.ts). No workflow code is imported here.
 */

/** Temporal did not answer in time, or not at all: the command may or may not have arrived. The intake row knows. */
export interface NotKnown {
  outcome: 'not_known';
}

/** The order's workflow has ended (or never was): the rows say how. */
export interface NotRunning {
  outcome: 'not_running';
}

export interface Placement {
  scope: TenantRef;
  orderId: string;
  /** Order number and currency amount are shown to operators; nothing personal. */
  summary: string;
}

export interface Delivery {
  /** Operation + hash(tenant, key): the same command again gets the first one's answer. */
  updateId: string;
  timeoutMs: number;
}

/** Starts the order (or finds it) and waits for the outcome of placing: one round trip. */
export async function deliverPlacement(client: Client, placement: Placement, { updateId, timeoutMs }: Delivery): Promise<PaymentOutcome | NotKnown | NotRunning> {
  const startWorkflowOperation = startOfOrder(placement);
  return answerOf(() =>
    client.withDeadline(Date.now() + timeoutMs, () =>
      client.workflow.executeUpdateWithStart(placed, { startWorkflowOperation, updateId }),
    ),
  );
}

export function startOfOrder(placement: Placement) {
  return new WithStartWorkflowOperation<(input: OrderWorkflowInput) => Promise<OrderWorkflowResult>>('orderWorkflow', {
    workflowId: workflowIds.order(placement.orderId),
    taskQueue: taskQueues.orders,
    args: [{ scope: placement.scope, orderId: placement.orderId }],
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: placement.summary,
    typedSearchAttributes: [
      { key: searchAttributes.tenant, value: placement.scope.tenantId },
      { key: searchAttributes.mode, value: placement.scope.livemode ? 'live' : 'test' },
      { key: searchAttributes.orderStatus, value: 'pending' },
      { key: searchAttributes.paymentStatus, value: 'none' },
    ],
  });
}

/** Sends a command to a running order and waits for its outcome: one round trip. */
export async function deliverCommand(
  client: Client,
  command: { workflowId: string; name: OrderUpdateName; input: unknown },
  { updateId, timeoutMs }: Delivery,
): Promise<PaymentOutcome | CommandOutcome | NotKnown | NotRunning> {
  return answerOf(() =>
    client.withDeadline(Date.now() + timeoutMs, () =>
      client.workflow
        .getHandle(command.workflowId)
        .executeUpdate<PaymentOutcome | CommandOutcome, [unknown]>(command.name, { args: [command.input], updateId }),
    ),
  );
}

/** A command on an ended order, which is a process of its own. */
export interface LateCommand<Input extends { scope: TenantRef }> {
  type: string;
  workflowId: string;
  input: Input;
  /** The update that waits for the outcome. */
  told: UpdateDefinition<CommandOutcome>;
  summary: string;
}

/** Starts such a process (or finds it) and waits for its outcome: one round trip. */
export async function deliverLate<Input extends { scope: TenantRef }>(
  client: Client,
  command: LateCommand<Input>,
  { updateId, timeoutMs }: Delivery,
): Promise<CommandOutcome | NotKnown | NotRunning> {
  const startWorkflowOperation = startOf(command);
  return answerOf(() =>
    client.withDeadline(Date.now() + timeoutMs, () => client.workflow.executeUpdateWithStart(command.told, { startWorkflowOperation, updateId })),
  );
}

export function startOf<Input extends { scope: TenantRef }>({ type, workflowId, input, summary }: LateCommand<Input>) {
  return new WithStartWorkflowOperation<(input: Input) => Promise<CommandOutcome>>(type, {
    workflowId,
    taskQueue: taskQueues.orders,
    args: [input],
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: summary,
    typedSearchAttributes: [
      { key: searchAttributes.tenant, value: input.scope.tenantId },
      { key: searchAttributes.mode, value: input.scope.livemode ? 'live' : 'test' },
    ],
  });
}

/** What a round trip to Temporal ended in; only what is unforeseen throws. */
export async function answerOf<T>(call: () => Promise<T>): Promise<T | NotKnown | NotRunning> {
  try {
    return await call();
  } catch (error) {
    if (isRefusal(error)) return error.cause.details![0] as T;
    if (error instanceof WorkflowNotFoundError || isAlreadyStarted(error)) return { outcome: 'not_running' };
    if (isUnavailable(error)) return { outcome: 'not_known' };
    throw error;
  }
}

export function isRefusal(error: unknown): error is WorkflowUpdateFailedError & { cause: ApplicationFailure } {
  return error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure && error.cause.type === rejectedType;
}

/** A placement whose workflow has already ended meets the reuse policy. */
function isAlreadyStarted(error: unknown): boolean {
  return error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError';
}

const transientCodes = new Set([1, 4, 8, 10, 14]); // CANCELLED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, UNAVAILABLE

function isUnavailable(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isGrpcDeadlineError(error)) return true;
  const cause = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error;
  return isGrpcServiceError(cause) && transientCodes.has(cause.code);
}
