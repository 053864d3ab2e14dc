/** Every workflow type that a worker runs: what the bundle is made of. */
export { latePaymentEvent } from './late-payment-event/workflow.ts';
export { orderWorkflow } from './order/workflow.ts';
export { outboxDispatcher } from './outbox/workflow.ts';
export { refundWorkflow } from './refund/workflow.ts';
export { resolutionWorkflow } from './resolution/workflow.ts';
export { sweeper } from './maintenance/workflow.ts';
