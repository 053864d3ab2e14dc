import type { FastifyPluginAsync } from 'fastify';
import { newId } from '#domain/ids.ts';
import { orderCommandRoute } from './command-route.ts';
import { CaptureBody, ConfirmBody, DeliverBody, PayBody, ReasonBody, RefundBody, ResolveBody, ReturnBody, ShipBody } from './inputs.ts';
import { paymentProblems } from './outcomes.ts';

/** Leaves out what was not given: an absent member and an undefined one differ in a workflow's input. */
function given(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

const onlyReason = () => ({ input: {} });

/** Every command of an order, one route each. Each is an update of the order's workflow of the same name. */
export const orderCommandRoutes: FastifyPluginAsync = async (app) => {
  orderCommandRoute(app, {
    name: 'pay', path: 'payments', operationId: 'payOrder', summary: 'Pay again', scopes: ['orders:write'], body: PayBody, status: 201,
    description: 'Another payment method for an order whose payment failed or waits for the customer. Stock is reserved again first.',
    problems: [...paymentProblems, 'out_of_stock', 'payment_pending'],
    input: (body) => {
      const paymentId = newId('payment');
      return { resourceId: paymentId, input: given({ paymentId, paymentMethod: body.payment_method, saveMethod: body.save_payment_method }) };
    },
  });
  orderCommandRoute(app, {
    name: 'confirm', operationId: 'confirmOrder', summary: 'Confirm', scopes: ['orders:write'], body: ConfirmBody,
    description: 'Makes a draft an order, with its payment; or, after the customer has authenticated, asks the provider how it went.',
    problems: [...paymentProblems, 'out_of_stock', 'payment_method_missing'],
    input: (body) => {
      const paymentId = newId('payment');
      return { resourceId: paymentId, input: given({ paymentId, paymentMethod: body.payment_method, saveMethod: body.save_payment_method }) };
    },
  });
  orderCommandRoute(app, {
    name: 'process', operationId: 'processOrder', summary: 'Start processing', scopes: ['orders:write'], body: ReasonBody,
    description: 'Work on the goods has begun.',
    input: onlyReason,
  });
  orderCommandRoute(app, {
    name: 'hold', operationId: 'holdOrder', summary: 'Hold', scopes: ['orders:write'], body: ReasonBody,
    description: 'Stops the order until it is released.',
    input: onlyReason,
  });
  orderCommandRoute(app, {
    name: 'release', operationId: 'releaseOrder', summary: 'Release', scopes: ['orders:write'], body: ReasonBody,
    description: 'Lets a held order go on from where it was.',
    input: onlyReason,
  });
  orderCommandRoute(app, {
    name: 'capture', operationId: 'captureOrder', summary: 'Capture', scopes: ['orders:write'], body: CaptureBody,
    description: 'Takes authorised money without a shipment.',
    problems: ['nothing_to_capture', 'amount_too_high', 'amount_not_chargeable', 'capture_failed'],
    input: (body) => ({ input: given({ amount: body.amount }) }),
  });
  orderCommandRoute(app, {
    name: 'ship', operationId: 'shipOrder', summary: 'Ship', scopes: ['orders:write'], body: ShipBody,
    description: 'Ships units, all that are left unless lines say otherwise, and captures their money first.',
    problems: ['lines_not_movable', 'capture_failed', 'payment_method_missing', 'payment_pending'],
    input: (body) => {
      const shipmentId = newId('shipment');
      return { resourceId: shipmentId, input: given({ shipmentId, carrier: body.carrier, trackingNumber: body.tracking_number, lines: body.lines }) };
    },
  });
  orderCommandRoute(app, {
    name: 'deliver', operationId: 'deliverOrder', summary: 'Mark delivered', scopes: ['orders:write'], body: DeliverBody,
    description: 'One shipment, or all that are on their way, arrived.',
    problems: ['lines_not_movable'],
    input: (body) => ({ input: given({ shipmentId: body.shipment_id }) }),
  });
  orderCommandRoute(app, {
    name: 'return', operationId: 'returnOrder', summary: 'Take back', scopes: ['orders:write'], body: ReturnBody,
    description: 'Delivered units came back. Money is given back by a refund.',
    problems: ['lines_not_movable'],
    input: (body) => ({ input: given({ lines: body.lines, restock: body.restock ?? true }) }),
  });
  orderCommandRoute(app, {
    name: 'refund', operationId: 'refundOrder', summary: 'Refund', scopes: ['refunds:write'], body: RefundBody,
    description: 'Gives captured money back: an amount, the value of lines, or all that is left. Possible after the order has ended, too.',
    problems: ['nothing_to_refund', 'amount_too_high', 'amount_not_chargeable', 'lines_not_movable', 'refund_failed'],
    input: (body) => {
      const refundId = newId('refund');
      return { resourceId: refundId, input: given({ refundId, amount: body.amount, lines: body.lines }) };
    },
  });
  orderCommandRoute(app, {
    name: 'cancel', operationId: 'cancelOrder', summary: 'Cancel', scopes: ['orders:write'], body: ReasonBody,
    description: 'Ends an order of which nothing has left: its payment is voided or refunded, its stock given back.',
    problems: ['already_shipped'],
    input: onlyReason,
  });
  orderCommandRoute(app, {
    name: 'complete', operationId: 'completeOrder', summary: 'Complete', scopes: ['orders:write'], body: ReasonBody,
    description: 'Ends a delivered order before its return window does.',
    input: onlyReason,
  });
  orderCommandRoute(app, {
    name: 'resolve', operationId: 'resolveOrder', summary: 'Resolve attention', scopes: ['operations:write'], body: ResolveBody,
    description: 'Answers what the order waits for an operator for: try it again, or it was settled outside. Possible after the order has ended, too.',
    problems: ['nothing_to_resolve'],
    input: (body) => ({ input: { resolution: body.resolution } }),
  });
  orderCommandRoute(app, {
    name: 'reproject', operationId: 'reprojectOrder', summary: 'Write the rows again', scopes: ['operations:write'], body: ReasonBody,
    description: 'Writes the order\'s rows from its workflow\'s state, after Postgres was restored from a backup.',
    input: onlyReason,
  });
};
