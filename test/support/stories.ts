import { taskQueues } from '#domain/names/task-queues.ts';
import { workflowIds } from '#domain/names/workflow-ids.ts';
import { until, type OrderWorld, type StoryOrder } from './order-world.ts';
import { sampleId, sampleScope } from './sample-order.ts';

const ups = { carrier: 'ups', trackingNumber: '1Z' };

/** Tells one life, and answers the workflow ids whose histories it made. */
type Story = (world: OrderWorld, n: number) => Promise<string[]>;

/**
 * The lives whose histories every release records: between them they take every path on which an order's workflow
 * gives a command to Temporal.
 */
export const stories: Record<string, Story> = {
  delivered: async (world, n) => {
    const order = await world.place();
    await order.send('process');
    await order.send('ship', { shipmentId: sampleId('shipment', n), ...ups });
    await order.send('deliver');
    await order.result();
    return [workflowIds.order(order.id)];
  },

  'split-with-captures': async (world, n) => {
    const order = await world.place({ multicapture: true });
    await order.send('ship', { shipmentId: sampleId('shipment', n), ...ups, lines: [{ sku: 'MUG', quantity: 1 }] });
    await order.send('ship', { shipmentId: sampleId('shipment', n + 1), ...ups });
    await order.send('refund', { refundId: sampleId('refund', n), lines: [{ sku: 'MUG', quantity: 1 }] });
    await order.send('deliver');
    await order.send('return', { restock: true });
    await order.result();
    return [workflowIds.order(order.id)];
  },

  'split-with-charges': async (world, n) => {
    const order = await world.place({ settings: { splitCapture: 'reauthorize' } });
    await order.send('ship', { shipmentId: sampleId('shipment', n), ...ups, lines: [{ sku: 'POT', quantity: 1 }] });
    await order.send('ship', { shipmentId: sampleId('shipment', n + 1), ...ups });
    await order.send('deliver');
    await order.send('complete');
    await order.result();
    return [workflowIds.order(order.id)];
  },

  'declined-then-paid-then-cancelled': async (world, n) => {
    world.provider.next('authorizePayment', { say: 'declined', code: 'card_declined' });
    const order = await world.place();
    await order.send('pay', { paymentId: sampleId('payment', 5_000 + n) });
    await order.send('hold');
    await order.send('release');
    await order.send('cancel', { reason: 'changed_mind' });
    await order.result();
    return [workflowIds.order(order.id)];
  },

  'authenticated-by-webhook': async (world) => {
    world.provider.next('authorizePayment', { say: 'requires_action' });
    const order = await world.place();
    world.provider.authenticate(order.paymentId);
    await order.signal({ kind: 'payment' });
    await order.signal({ kind: 'payment' });
    await order.signal({ kind: 'dispute_opened', dispute: { ref: 'dp_1', at: '2030-01-01T00:00:00.000Z' } });
    await order.send('resolve', { resolution: 'dismiss' });
    await order.send('reproject');
    await order.send('cancel');
    await order.result();
    return [workflowIds.order(order.id)];
  },

  'expired-unpaid': async (world) => {
    world.provider.next('authorizePayment', { say: 'requires_action' });
    const order = await world.place();
    await order.result();
    return [workflowIds.order(order.id)];
  },

  'out-of-stock': async (world) => {
    const taken = await world.takeIn();
    world.rows.stock.set('POT', { onHand: 0, reserved: 0 });
    const order = await world.attach(taken);
    await order.result();
    return [workflowIds.order(order.id)];
  },

  'unknown-then-confirmed-then-renewed': async (world, n) => {
    world.provider.away('authorizePayment');
    const order = await world.place({ placement: { payment: { paymentId: sampleId('payment', 6_000 + n), provider: 'stripe', saveMethod: true } } });
    await world.pass('1 hour');
    world.provider.away('authorizePayment', false);
    await world.pass('6 minutes');
    await until(() => order.state().status === 'confirmed');
    await world.pass('145 hours');
    await until(() => order.state().payments[0]!.status === 'voided');
    await order.send('capture');
    await order.send('ship', { shipmentId: sampleId('shipment', n), ...ups });
    await order.send('deliver');
    await order.send('complete');
    await order.result();
    return [workflowIds.order(order.id)];
  },

  'void-parked-for-an-operator': async (world) => {
    const order = await world.place();
    world.provider.away('undoPayment');
    const asked = world.provider.count('undoPayment');
    const cancelling = order.send('cancel');
    // The clock must not skip before the command has arrived.
    await until(() => world.provider.count('undoPayment') > asked);
    await world.pass('26 hours');
    await until(() => order.state().attention !== null);
    world.provider.away('undoPayment', false);
    await order.send('resolve', { resolution: 'retry' });
    await cancelling;
    await order.result();
    return [workflowIds.order(order.id)];
  },

  'capture-interrupted': async (world, n) => {
    const order = await world.place();
    world.provider.away('capturePayment');
    world.provider.next('capturePayment', { say: 'unknown', effect: true });
    const shipping = order.send('ship', { shipmentId: sampleId('shipment', n), ...ups });
    await until(() => world.provider.payments.get(order.paymentId)!.captured > 0);
    await order.send('cancel');
    world.provider.away('capturePayment', false);
    await shipping;
    await order.result();
    return [workflowIds.order(order.id)];
  },

  'disputed-after-completion': async (world, n) => {
    const order = await completed(world, n);
    const { workflow } = world.environment.client;
    const event = { webhookEventId: 'whe_dispute', paymentId: order.paymentId, kind: 'dispute_opened', dispute: { ref: 'dp_1', at: '2030-01-01T00:00:00.000Z' } };
    const eventId = workflowIds.latePaymentEvent('whe_dispute');
    await workflow.execute('latePaymentEvent', { taskQueue: taskQueues.orders, workflowId: eventId, args: [{ scope: sampleScope, orderId: order.id, event }] });
    const commandId = sampleId('command', n);
    const resolution = { taskQueue: taskQueues.orders, workflowId: workflowIds.resolution(commandId) };
    const command = { actor: 'key:test', commandId, resolution: 'dismiss' };
    await workflow.execute('resolutionWorkflow', { ...resolution, args: [{ scope: sampleScope, orderId: order.id, command }] });
    return [workflowIds.order(order.id), eventId, resolution.workflowId];
  },

  'late-refund-answered-by-an-operator': async (world, n) => {
    const order = await completed(world, n);
    const { workflow } = world.environment.client;
    const start = (type: string, workflowId: string, command: object) =>
      workflow.start(type, { taskQueue: taskQueues.orders, workflowId, args: [{ scope: sampleScope, orderId: order.id, command: { actor: 'key:test', ...command } }] });
    world.provider.away('refundPayment');
    const asked = world.provider.count('refundPayment');
    const refundId = sampleId('refund', n);
    const refunding = await start('refundWorkflow', workflowIds.refund(refundId), { refundId, amount: 500 });
    await until(() => world.provider.count('refundPayment') > asked);
    await world.pass('26 hours');
    await until(() => order.state().attention !== null);
    world.provider.away('refundPayment', false);
    const commandId = sampleId('command', n);
    const resolving = await start('resolutionWorkflow', workflowIds.resolution(commandId), { commandId, resolution: 'retry' });
    await until(async () => (await resolving.describe()).status.name === 'COMPLETED' && (await refunding.describe()).status.name === 'COMPLETED');
    return [refunding.workflowId, resolving.workflowId];
  },

  'refunded-after-completion': async (world, n) => {
    const order = await world.place({ settings: { authorizationLapse: 'announce' } });
    await world.pass('145 hours');
    await until(() => order.state().attention !== null);
    await order.send('ship', { shipmentId: sampleId('shipment', n), ...ups });
    await order.send('deliver');
    await order.send('complete');
    await order.result();
    const { workflow } = world.environment.client;
    const refundId = sampleId('refund', n);
    const late = { taskQueue: taskQueues.orders, workflowId: workflowIds.refund(refundId) };
    await workflow.execute('refundWorkflow', { ...late, args: [{ scope: sampleScope, orderId: order.id, command: { actor: 'key:test', refundId, amount: 500 } }] });
    const refundRef = world.provider.refundByHand(order.paymentId, 300);
    const event = { webhookEventId: 'whe_late', paymentId: order.paymentId, kind: 'refund', refundRef };
    const eventId = workflowIds.latePaymentEvent('whe_late');
    await workflow.execute('latePaymentEvent', { taskQueue: taskQueues.orders, workflowId: eventId, args: [{ scope: sampleScope, orderId: order.id, event }] });
    return [workflowIds.order(order.id), late.workflowId, eventId];
  },
};

/** An order whose life has ended well. */
async function completed(world: OrderWorld, n: number): Promise<StoryOrder> {
  const order = await world.place();
  await order.send('ship', { shipmentId: sampleId('shipment', n), ...ups });
  await order.send('deliver');
  await order.send('complete');
  await order.result();
  return order;
}
