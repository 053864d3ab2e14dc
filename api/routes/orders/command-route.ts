import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Static, TSchema } from 'typebox';
import { newId } from '#domain/ids.ts';
import { workflowIds } from '#domain/names/workflow-ids.ts';
import { wasApplied } from '#domain/order/applied.ts';
import type { OrderState } from '#domain/order/state.ts';
import type { Sql } from '#entities/unit-of-work.ts';
import { deliverCommand, deliverLate, type NotKnown, type NotRunning } from '#workflows/order/client.ts';
import type { Command, CommandOutcome, OrderUpdateName, PaymentOutcome, RefundCommand } from '#workflows/order/messages.ts';
import { lateRefund } from '#workflows/refund/client.ts';
import { lateResolution } from '#workflows/resolution/client.ts';
import type { ResolutionInput } from '#workflows/resolution/messages.ts';
import { runCommand, unknownOutcome, type Delivery } from '../../plugins/commands.ts';
import { Problem, type ProblemCode } from '../../problem.ts';
import { Accepted, IdempotencyHeaders, idempotencyProblems, problemsOf, ref } from '../../schemas/common.ts';
import type { Scope } from '../../scopes.ts';
import { commandAnswer, orderAnswer, orderUrl } from './outcomes.ts';
import { noOrder, readOrder } from './read-order.ts';
import { Order, OrderParams, type OrderBody } from './schemas.ts';

/** Any command's input: who, why, and what its update takes besides. */
export type CommandInput = Command & Record<string, unknown>;

export interface OrderCommandRoute<Body extends TSchema> {
  /** The update of the order's workflow; `order.<name>` is the intake row's operation. */
  name: OrderUpdateName;
  /** After /orders/:id/; the update's name unless told. */
  path?: string;
  operationId: string;
  summary: string;
  description: string;
  scopes: Scope[];
  body: Body;
  /** Its own refusals, besides illegal_transition and order_busy. */
  problems?: ProblemCode[];
  /** What the update gets besides actor and reason; `resourceId` when the command makes something of its own. */
  input: (body: Static<Body>) => { resourceId?: string; input: Record<string, unknown> };
  /** 201 when it makes something. */
  status?: 200 | 201;
}

/** Registers one command of an order as a route: intake, delivery and answer are the same for all. */
export function orderCommandRoute<Body extends TSchema>(app: FastifyInstance, route: OrderCommandRoute<Body>): void {
  const { name, status = 200 } = route;
  app.post<{ Params: { id: string }; Body: unknown }>(`/orders/:id/${route.path ?? name}`, {
    config: { scopes: route.scopes },
    schema: {
      operationId: route.operationId,
      summary: route.summary,
      description: route.description,
      tags: ['Order commands'],
      params: OrderParams,
      headers: IdempotencyHeaders,
      body: ref(route.body),
      response: {
        [status]: ref(Order),
        202: ref(Accepted),
        ...problemsOf('not_found', 'illegal_transition', 'order_busy', ...(route.problems ?? []), ...idempotencyProblems),
      },
    },
  }, (request, reply) => {
    const { resourceId, input } = route.input(request.body as Static<Body>);
    const { reason } = request.body as { reason?: string };
    const command: CommandInput = { ...input, actor: request.scope.actor, ...(reason ? { reason } : {}) };
    return runOrderCommand(request, reply, { orderId: request.params.id, name, command, status, ...(resourceId ? { resourceId } : {}) });
  });
}

export interface OrderCommandRun {
  orderId: string;
  name: OrderUpdateName;
  command: CommandInput;
  status?: 200 | 201;
  resourceId?: string;
  /** A further check in the transaction that finds the order. */
  check?: (sql: Sql) => Promise<void>;
  /** Where the request has no Idempotency-Key of its own. */
  key?: string;
}

type Outcome = CommandOutcome | PaymentOutcome | NotRunning;

/** Runs one command against an order's workflow, at most once per key. */
export async function runOrderCommand(request: FastifyRequest, reply: FastifyReply, run: OrderCommandRun): Promise<FastifyReply> {
  const { server, scope } = request;
  const { orderId, name } = run;
  // What makes nothing with an id of its own gets one here, so that the order knows a repetition.
  const command = run.resourceId ? run.command : { commandId: newId('command'), ...run.command };
  const workflowId = workflowIds.order(orderId);
  return runCommand<CommandInput, Outcome>(request, reply, {
    operation: `order.${name}`,
    resourceId: run.resourceId ?? orderId,
    workflowId,
    ...(run.key ? { key: run.key } : {}),
    prepare: async (sql) => {
      const found = await sql.selectFrom('orders').select('id').where('id', '=', orderId).executeTakeFirst();
      if (!found) throw noOrder(orderId);
      await run.check?.(sql);
      return command;
    },
    deliver: async (delivery) => {
      const outcome = await deliver(delivery);
      return outcome.outcome === 'not_known' ? unknownOutcome : outcome;
    },
    answer: async (outcome, sql, { resourceId, input }) => {
      const read = () => readOrder(sql, server.keyRing, orderId);
      if (outcome.outcome === 'not_running') {
        const order = await read();
        // The workflow may have ended before anyone heard the outcome of this command: then the rows say that it was carried out.
        const made = order.refunds.some(({ id, status }) => id === resourceId && ['succeeded', 'pending'].includes(status));
        if (made || (await wasDone(sql, orderId, name, input))) return orderAnswer(run.status ?? 200, order);
        throw closed(order);
      }
      const answer = await commandAnswer(outcome, orderId, read);
      return answer.status === 200 ? { ...answer, status: run.status ?? 200 } : answer;
    },
    statusUrl: () => orderUrl(orderId),
    acceptedId: orderId,
  });

  async function deliver({ input, ...how }: Delivery<CommandInput>): Promise<Outcome | NotKnown> {
    const outcome = await deliverCommand(server.temporal, { workflowId, name, input }, how);
    if (outcome.outcome !== 'not_running') return outcome;
    // The order's own workflow has ended: what is still possible is a process of its own.
    const order = { scope: { tenantId: scope.tenantId, livemode: scope.livemode }, orderId };
    if (name === 'refund') return deliverLate(server.temporal, lateRefund({ ...order, command: input as unknown as RefundCommand }), how);
    if (name === 'resolve') return deliverLate(server.temporal, lateResolution({ ...order, command: input as unknown as ResolutionInput['command'] }), how);
    return outcome;
  }
}

async function wasDone(sql: Sql, orderId: string, name: OrderUpdateName, input: CommandInput): Promise<boolean> {
  if (name === 'pay' || name === 'confirm' || name === 'refund' || name === 'reproject') return false;
  const row = await sql.selectFrom('orders').where('id', '=', orderId).select('state').executeTakeFirstOrThrow();
  return wasApplied(row.state as unknown as OrderState, name, input);
}

/** The order has ended: little can still happen to it. */
function closed(order: Pick<OrderBody, 'id' | 'status' | 'captured_amount' | 'refunded_amount' | 'attention'>): Problem {
  const allowed = [...(order.captured_amount > order.refunded_amount ? ['refund'] : []), ...(order.attention && order.attention.code !== 'write_refused' ? ['resolve'] : [])];
  return new Problem('illegal_transition', {
    detail: `The order is ${order.status} and has ended. ${allowed.length > 0 ? `Allowed now: ${allowed.join(', ')}.` : 'Nothing more can happen to it.'}`,
    order_id: order.id,
    order_status: order.status,
    allowed,
  });
}
