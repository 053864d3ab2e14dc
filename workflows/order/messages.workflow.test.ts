import { describe, expect, it } from '@jest/globals';
import { taskQueues } from '#domain/names/task-queues.ts';
import { workflowIds } from '#domain/names/workflow-ids.ts';
import { orderMoved } from '#domain/order/changes/fulfilment.ts';
import { type OrderWorld, testKeyRing, until, type StoryOrder } from '#test/support/order-world.ts';
import { sampleId, sampleScope } from '#test/support/sample-order.ts';
import { useOrderWorld } from '#test/support/use-order-world.ts';
import { createRedelivery } from '#worker/redeliver.ts';

const ups = { carrier: 'ups', trackingNumber: '1Z' };

describe('messages to an order', () => {
  let world: OrderWorld;
  useOrderWorld((started) => (world = started));

  it('that are illegal are refused with what is allowed, and leave no event', async () => {
    const order = await world.place();
    const before = await order.events();
    expect(await order.send('deliver')).toMatchObject({
      outcome: 'rejected', status: 'confirmed', refusal: { code: 'illegal_transition' }, allowed: ['process', 'hold', 'capture', 'ship', 'cancel'],
    });
    expect(await order.send('resolve', { resolution: 'retry' })).toMatchObject({ outcome: 'rejected', refusal: { code: 'nothing_to_resolve' } });
    expect(await order.send('refund', { refundId: sampleId('refund', 1) })).toMatchObject({ outcome: 'rejected', refusal: { code: 'nothing_to_refund' } });
    // The real server drops the task of a refused update, too; the test server keeps its three events.
    const { events } = await order.handle.fetchHistory();
    const task = [5, 6, 7]; // WorkflowTaskScheduled, Started, Completed
    expect(events!.slice(before).filter(({ eventType }) => !task.includes(eventType as number))).toEqual([]);
    await order.send('cancel');
    await order.result();
  });

  it('are judged anew on a step that was written and then lost with its worker', async () => {
    const order = await world.place();
    const lost = { at: new Date().toISOString(), actor: 'key:lost' };
    await world.rows.forget(workflowIds.order(order.id), (state) => orderMoved(state, 'hold', lost));
    // The workflow knows of no hold; the rows do, and what a held order does not accept is refused.
    expect(await order.send('process')).toMatchObject({ outcome: 'rejected', status: 'on_hold' });
    expect(await order.send('release')).toMatchObject({ outcome: 'done', status: 'confirmed' });
    expect(world.rows.steps(order.id).slice(-2)).toEqual(['order.held', 'order.released']);
    await order.send('cancel');
    await order.result();
  });

  it('that come while it is being placed wait for their turn', async () => {
    const taken = await world.takeIn();
    world.provider.next('authorizePayment', { say: 'slow', ms: 400 });
    const placing = world.attach(taken);
    await until(() => world.rows.orders.has(taken.id));
    const order = world.order(taken.id, taken.paymentId, { outcome: 'payment_unknown', orderId: taken.id });
    const sent = [];
    for (const [name, input] of [['ship', { shipmentId: sampleId('shipment', 1), ...ups }], ['deliver', {}], ['complete', {}]] as const) {
      const update = await order.handle.startUpdate<object, [object]>(name, { args: [{ actor: 'key:test', ...input }], waitForStage: 'ACCEPTED' });
      sent.push(update.result());
    }
    expect(world.provider.count('capturePayment')).toBe(0);
    const [shipping, delivering, completing] = sent;
    expect((await placing).outcome).toMatchObject({ outcome: 'confirmed' });
    expect(await shipping).toMatchObject({ outcome: 'done', status: 'shipped' });
    expect(await delivering).toMatchObject({ outcome: 'done', status: 'delivered' });
    expect(await completing).toMatchObject({ outcome: 'done', status: 'completed' });
    await order.result();
  });

  it('for payments that nobody knows, or that say nothing new, are settled and change nothing', async () => {
    const order = await world.place();
    const { seq } = order.state();
    await order.signal({ paymentId: sampleId('payment', 999) });
    await order.signal({ kind: 'payment' });
    await order.handle.signal('no_such_signal', {});
    expect(order.state().seq).toBe(seq);
    await order.send('cancel');
    await order.result();
  });

  it('stay open when the provider gives no answer about them for a day, and the order lives on', async () => {
    const order = await world.place();
    world.provider.away('retrievePayment');
    await order.handle.signal('paymentChanged', { webhookEventId: 'whe_open', paymentId: order.paymentId, kind: 'payment' });
    await world.pass('26 hours');
    world.provider.away('retrievePayment', false);
    expect(world.rows.applied).not.toContain('whe_open');
    expect(await order.send('cancel')).toMatchObject({ outcome: 'done', status: 'cancelled' });
    await order.result();
  });

  it('count as delivered once they are taken, though their provider is away, or once they are refused', async () => {
    const order = await world.place();
    await order.send('ship', { shipmentId: sampleId('shipment', 8), ...ups });
    const redeliver = createRedelivery(world.environment.client, testKeyRing);
    const sweep = (name: string, input: object, key: string) =>
      redeliver({
        scope: sampleScope, operation: `order.${name}`, idempotencyKey: key, resourceId: order.id, workflowId: workflowIds.order(order.id),
        inputSealed: testKeyRing.seal({ actor: 'key:test', ...input }, order.id),
      });
    world.provider.away('refundPayment');
    const refund = { refundId: sampleId('refund', 8), amount: 10 };
    // Waiting for the provider would end in not knowing.
    expect(await sweep('refund', refund, 'away')).toBe('arrived');
    expect(await sweep('refund', refund, 'away')).toBe('arrived');
    world.provider.away('refundPayment', false);
    await world.pass('10 minutes');
    await until(() => order.state().payments[0]!.refunded === 10);
    expect(await sweep('hold', {}, 'refused')).toBe('arrived');
    await order.send('deliver');
    await order.send('complete');
    await order.result();
    expect(await sweep('hold', {}, 'too late')).toBe('arrived');
    world.provider.away('refundPayment');
    const late = { refundId: sampleId('refund', 9), amount: 20 };
    expect(await sweep('refund', late, 'late and away')).toBe('arrived');
    expect(await sweep('refund', late, 'late and away')).toBe('arrived');
    world.provider.away('refundPayment', false);
    await world.pass('10 minutes');
    await until(() => order.state().payments[0]!.refunded === 30);
    const commandId = sampleId('command', 800);
    expect(await sweep('resolve', { resolution: 'dismiss', commandId }, 'late')).toBe('arrived');
    expect(await world.environment.client.workflow.getHandle(workflowIds.resolution(commandId)).result()).toMatchObject({ refusal: { code: 'nothing_to_resolve' } });
    expect(order.state().payments[0]!.refunded).toBe(30);
  });

  it('hold, release and process move it, and the goods wait', async () => {
    const order = await world.place();
    expect(await order.send('process')).toMatchObject({ outcome: 'done', status: 'processing' });
    expect(await order.send('hold', { reason: 'fraud_check' })).toMatchObject({ outcome: 'done', status: 'on_hold' });
    expect(await order.send('ship', { shipmentId: sampleId('shipment', 2), ...ups })).toMatchObject({ outcome: 'rejected' });
    expect(await order.send('release')).toMatchObject({ outcome: 'done', status: 'processing' });
    expect(await order.send('reproject')).toMatchObject({ outcome: 'done' });
    expect(world.rows.reprojected.at(-1)).toEqual(order.state());
    await order.send('cancel');
    await order.result();
  });

  it('answer a notice at once, whatever else is under way', async () => {
    const order = await world.place();
    await order.send('ship', { shipmentId: sampleId('shipment', 3), ...ups });
    await order.signal({ kind: 'dispute_opened', dispute: { ref: 'dp_1', at: '2030-01-01T00:00:00.000Z' } });
    world.provider.next('refundPayment', { say: 'slow', ms: 300 });
    const refunding = order.send('refund', { refundId: sampleId('refund', 2), amount: 10 });
    expect(await order.send('resolve', { resolution: 'dismiss' })).toMatchObject({ outcome: 'done' });
    expect(await refunding).toMatchObject({ outcome: 'done' });
    expect(order.state().attention).toBeNull();
    await order.send('deliver');
    await order.send('complete');
    await order.result();
  });

  /** A new run with what continue-as-new passes on, the whole state: the server knows no update of the run before. */
  const inNewRun = async (before: StoryOrder): Promise<StoryOrder> => {
    const resume = (await before.handle.query('orderState')) as ReturnType<typeof before.state>;
    expect(resume).toEqual(before.state());
    await before.handle.terminate();
    await world.environment.client.workflow.start('orderWorkflow', {
      workflowId: workflowIds.order(before.id), taskQueue: taskQueues.orders, args: [{ scope: sampleScope, orderId: before.id, resume }],
    });
    return world.order(before.id, before.paymentId, before.outcome);
  };
  let commands = 0;
  const numbered = (input: object = {}) => ({ commandId: sampleId('command', (commands += 1)), ...input });

  it('find everything in a new run, and a command that comes twice across it is done once', async () => {
    const first = await world.place({ multicapture: true });
    const command = { shipmentId: sampleId('shipment', 4), ...ups, lines: [{ sku: 'MUG', quantity: 2 }] };
    await first.send('ship', command);
    const order = await inNewRun(first);
    expect((await world.attach(first)).outcome).toMatchObject({ outcome: 'confirmed' });
    const captured = world.provider.count('capturePayment');
    expect(await order.send('ship', command)).toMatchObject({ outcome: 'done', status: 'processing' });
    expect(world.provider.count('capturePayment')).toBe(captured);
    const rest = { shipmentId: sampleId('shipment', 5), ...ups };
    await order.send('ship', rest);
    expect(order.state()).toMatchObject({ status: 'shipped', paymentStatus: 'paid' });
    expect(await order.send('ship', rest)).toMatchObject({ outcome: 'done', status: 'shipped' });
    await order.send('refund', { refundId: sampleId('refund', 3), amount: 70 });
    await order.send('refund', { refundId: sampleId('refund', 3), amount: 70 });
    expect(order.state().payments[0]!.refunded).toBe(70);
    await order.send('deliver');
    // Day 30 => the return window, as counted from the delivery
    expect(await order.result()).toMatchObject({ status: 'completed' });
  });

  it('that make nothing of their own are done once, too: money, goods, and where the order stands', async () => {
    let order = await world.place({ multicapture: true });
    /** Once in this run, once more in the next one; answers what changed meanwhile. */
    const twice = async (name: Parameters<typeof order.send>[0], input: object = {}, between = async () => {}) => {
      const command = numbered(input);
      expect(await order.send(name, command)).toMatchObject({ outcome: 'done' });
      await between();
      const { seq } = order.state();
      order = await inNewRun(order);
      expect(await order.send(name, command)).toMatchObject({ outcome: 'done', version: seq });
      expect(order.state().seq).toBe(seq);
    };
    await twice('capture', { amount: 1000 });
    expect(order.state().payments[0]).toMatchObject({ status: 'authorized', captured: 1000 });
    await twice('process');
    // Held, released, and then the hold comes once more.
    await twice('hold', {}, async () => void (await order.send('release', numbered())));
    expect(order.state().status).toBe('processing');
    await order.send('ship', { shipmentId: sampleId('shipment', 6), ...ups, lines: [{ sku: 'MUG', quantity: 3 }] });
    // Everything on its way has arrived; what is sent after that has not.
    await twice('deliver', {}, async () => void (await order.send('ship', { shipmentId: sampleId('shipment', 7), ...ups })));
    expect(order.state().shipments.map(({ status }) => status)).toEqual(['delivered', 'shipped']);
    await order.send('deliver', numbered());
    await twice('return', { lines: [{ sku: 'MUG', quantity: 1 }], restock: true });
    expect(order.state().lines[0]!.returned).toBe(1);
    await order.signal({ kind: 'dispute_opened', dispute: { ref: 'dp_1', at: '2030-01-01T00:00:00.000Z' } });
    await twice('resolve', { resolution: 'dismiss' }, async () => {
      await order.signal({ kind: 'dispute_opened', dispute: { ref: 'dp_2', at: '2030-01-01T00:00:00.000Z' } });
    });
    expect(order.state().attention).toMatchObject({ code: 'payment_disputed' });
    expect(order.state().applied).toMatchObject({ capture: [expect.any(String)], hold: [expect.any(String)], deliver: [expect.any(String), expect.any(String)] });
    await order.send('complete', numbered());
    await order.result();
  });

  it('of an order that was never taken in fail it, and say so', async () => {
    await expect(world.attach({ id: sampleId('order', 9999), paymentId: '' })).rejects.toThrow();
  });
});
