import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { newId } from '#domain/ids.ts';
import { workflowIds } from '#domain/names/workflow-ids.ts';
import type { PlacementInput } from '#domain/order/placement.ts';
import type { Sql } from '#entities/unit-of-work.ts';
import { deliverPlacement, type NotRunning } from '#workflows/order/client.ts';
import type { PaymentOutcome } from '#workflows/order/messages.ts';
import type { RequestScope } from '../../context.ts';
import { runCommand, unknownOutcome, type Answer, type Delivery } from '../../plugins/commands.ts';
import { countOutcome } from '../../plugins/metrics.ts';
import { Problem } from '../../problem.ts';
import { Accepted, IdempotencyHeaders, idempotencyProblems, problemsOf, ref } from '../../schemas/common.ts';
import { PlaceOrder } from './inputs.ts';
import { readIntake } from './intake.ts';
import { orderUrl, outOfStock, paymentAnswer, paymentProblems, declined } from './outcomes.ts';
import { preparePlacement } from './place-order.ts';
import { findOrder, readOrder } from './read-order.ts';
import { Order } from './schemas.ts';

export const placeOrderRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.post('/orders', {
    config: { scopes: ['orders:write'] },
    schema: {
      operationId: 'placeOrder',
      summary: 'Place an order',
      description:
        'Reserves stock, authorises the payment and answers with the outcome: `confirmed`; `pending` with `next_action` when the customer ' +
        'has to authenticate; 402 when the card was declined (the order exists and can be paid again until it expires); 422 with ' +
        '`order_id` when the provider could not take the payment method or the amount (the same); 409 when something ' +
        'is out of stock (then there is no order); 202 when the outcome is not known within ten seconds.',
      tags: ['Orders'],
      headers: IdempotencyHeaders,
      body: ref(PlaceOrder),
      response: {
        201: ref(Order),
        202: ref(Accepted),
        ...problemsOf(...paymentProblems, 'out_of_stock', 'illegal_transition', ...idempotencyProblems),
      },
    },
  }, async (request, reply) => {
    const { scope, body } = request;
    const orderId = newId('order');
    return runCommand<PlacementInput, PaymentOutcome | NotRunning>(request, reply, {
      operation: 'order.place',
      resourceId: orderId,
      workflowId: workflowIds.order(orderId),
      prepare: (sql) => preparePlacement(sql, app.keyRing, scope, body),
      prepareApart: true,
      deliver: async (delivery) => {
        const outcome = await deliverPlacement(app.temporal, placement(scope, delivery), delivery);
        countOutcome(outcome.outcome);
        return outcome.outcome === 'not_known' ? unknownOutcome : outcome;
      },
      answer: (outcome, sql, delivery) => answer(outcome, sql, delivery),
      statusUrl: orderUrl,
    });
  });

  function answer(outcome: PaymentOutcome | NotRunning, sql: Sql, { resourceId }: Delivery<PlacementInput>): Promise<Answer> {
    const read = () => readOrder(sql, app.keyRing, resourceId);
    if (outcome.outcome !== 'not_running') return paymentAnswer(outcome, resourceId, 201, read);
    return endedAnswer(sql, resourceId);
  }

  /** The workflow has ended before anyone asked for its outcome: the rows say how it went. */
  async function endedAnswer(sql: Sql, orderId: string): Promise<Answer> {
    const order = await findOrder(sql, app.keyRing, orderId);
    if (!order) throw await notPlaced(sql, orderId);
    if (order.payment_status === 'failed') {
      const code = order.payment?.decline_code ?? 'generic_decline';
      throw declined(orderId, { code: 'card_declined', declineCode: code });
    }
    return paymentAnswer({ outcome: 'ended', orderId, status: order.status }, orderId, 201, async () => order);
  }
};

async function notPlaced(sql: Sql, orderId: string): Promise<Problem> {
  const intake = await readIntake(sql, orderId);
  if (intake?.shortages) return outOfStock(intake.shortages);
  return new Problem('illegal_transition', { detail: 'This order was taken in, and its workflow was ended by hand before it was placed. Send it again with a new key.', order_id: orderId });
}

/** Operators read the summary in the Temporal UI: number and size, nothing personal. */
function placement(scope: RequestScope, { resourceId, input }: Delivery<PlacementInput>) {
  const units = input.lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return {
    scope: { tenantId: scope.tenantId, livemode: scope.livemode },
    orderId: resourceId,
    summary: `Order ${input.number}: ${input.lines.length} lines, ${units} units, ${input.currency}`,
  };
}

