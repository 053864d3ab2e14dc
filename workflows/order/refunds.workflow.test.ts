import { describe, expect, it } from '@jest/globals';
import { taskQueues } from '#domain/names/task-queues.ts';
import { workflowIds } from '#domain/names/workflow-ids.ts';
import { type OrderWorld, until, type StoryOrder } from '#test/support/order-world.ts';
import type { PaymentChanged } from './messages.ts';
import { sampleId, sampleScope } from '#test/support/sample-order.ts';
import { useOrderWorld } from '#test/support/use-order-world.ts';

const ups = { carrier: 'ups', trackingNumber: '1Z' };

describe('refunds', () => {
  let world: OrderWorld;
  useOrderWorld((started) => (world = started));
  let numbers = 0;
  const refundId = () => sampleId('refund', (numbers += 1));
  const delivered = async (): Promise<StoryOrder> => {
    const order = await world.place();
    await order.send('ship', { shipmentId: sampleId('shipment', (numbers += 1)), ...ups });
    await order.send('deliver');
    return order;
  };

  /** The provider's event about a refund, for an order whose workflow has ended. */
  const late = async (order: StoryOrder, refundRef: string, more: Partial<PaymentChanged> = {}) => {
    const webhookEventId = `whe_late_${(numbers += 1)}`;
    // Not `execute`: waiting for a result lets the clock skip, to the end of all time while rows are being written.
    await world.environment.client.workflow.start('latePaymentEvent', {
      workflowId: workflowIds.latePaymentEvent(webhookEventId), taskQueue: taskQueues.orders,
      args: [{ scope: sampleScope, orderId: order.id, event: { webhookEventId, paymentId: order.paymentId, kind: 'refund', refundRef, ...more } }],
    });
    await until(() => world.rows.applied.includes(webhookEventId));
  };

  it('by amount, by lines, and all that is left, to the cent', async () => {
    const order = await delivered();
    expect(await order.send('refund', { refundId: refundId(), amount: 100, reason: 'goodwill' })).toMatchObject({ outcome: 'done', paymentStatus: 'partially_refunded' });
    await order.send('refund', { refundId: refundId(), lines: [{ sku: 'MUG', quantity: 2 }] });
    expect(order.state().refunds.map(({ amount }) => amount)).toEqual([100, 2500]);
    expect(await order.send('refund', { refundId: refundId(), lines: [{ sku: 'MUG', quantity: 2 }] })).toMatchObject({
      outcome: 'rejected', refusal: { code: 'lines_not_movable' }, lines: [{ sku: 'MUG', requested: 2, movable: 1 }],
    });
    expect(await order.send('refund', { refundId: refundId(), amount: 9151 })).toMatchObject({ outcome: 'rejected', refundable: 9150 });
    expect(await order.send('refund', { refundId: refundId() })).toMatchObject({ outcome: 'done', paymentStatus: 'refunded' });
    expect(world.rows.ledger(order.id)).toEqual({ cash_at_provider: 0, revenue: -11_750, refunds: 11_750 });
    expect(await order.send('refund', { refundId: refundId() })).toMatchObject({ outcome: 'rejected', refusal: { code: 'nothing_to_refund' } });
    await order.send('complete');
    await order.result();
  });

  it('made in the dashboard are booked though the capture made there is told later', async () => {
    const order = await world.place();
    world.provider.captureByHand(order.paymentId);
    await order.signal({ kind: 'refund', refundRef: world.provider.refundByHand(order.paymentId, 300) });
    expect(order.state()).toMatchObject({ paymentStatus: 'partially_refunded', payments: [{ captured: 11_750, refunded: 300 }] });
    await order.signal({ kind: 'payment' });
    expect(world.rows.ledger(order.id)).toEqual({ cash_at_provider: 11_450, revenue: -11_750, refunds: 300 });
    await order.send('cancel');
    await order.result();
  });

  it('that the provider refuses is told, and moves nothing', async () => {
    const order = await delivered();
    world.provider.next('refundPayment', { say: 'failed', code: 'insufficient_funds' });
    expect(await order.send('refund', { refundId: refundId() })).toMatchObject({ outcome: 'rejected', refusal: { code: 'refund_failed' } });
    expect(order.state()).toMatchObject({ paymentStatus: 'paid', refunds: [{ status: 'failed' }] });
    expect(await order.send('refund', { refundId: order.state().refunds[0]!.id })).toMatchObject({ outcome: 'rejected', refusal: { code: 'refund_failed' } });
    expect(world.rows.ledger(order.id).cash_at_provider).toBe(11_750);
    await order.send('complete');
    await order.result();
  });

  it('that is pending moves the books when it succeeds', async () => {
    const order = await delivered();
    world.provider.next('refundPayment', { say: 'pending' });
    await order.send('refund', { refundId: refundId(), amount: 1000 });
    expect(order.state().paymentStatus).toBe('paid');
    expect(await order.send('refund', { refundId: refundId(), amount: 11_000 })).toMatchObject({ outcome: 'rejected', refundable: 10_750 });
    const refundRef = order.state().refunds[0]!.providerRef!;
    world.provider.settleRefund(refundRef, 'succeeded');
    await order.signal({ kind: 'refund', refundRef });
    await order.signal({ kind: 'refund', refundRef });
    expect(order.state()).toMatchObject({ paymentStatus: 'partially_refunded', refunds: [{ status: 'succeeded' }] });
    expect(world.rows.ledger(order.id).cash_at_provider).toBe(10_750);
    await order.send('complete');
    await order.result();
  });

  it('that fails after all is booked back, needs a person, and its units can be refunded again', async () => {
    const order = await delivered();
    world.provider.next('refundPayment', { say: 'pending' });
    await order.send('refund', { refundId: refundId(), lines: [{ sku: 'MUG', quantity: 3 }] });
    await order.send('refund', { refundId: refundId(), amount: 50 });
    const [pending, paid] = order.state().refunds.map(({ providerRef }) => providerRef!);
    world.provider.settleRefund(pending!, 'failed', 'lost_or_stolen_card');
    await order.signal({ kind: 'refund', refundRef: pending! });
    expect(order.state()).toMatchObject({ attention: { code: 'refund_failed' }, refunds: [{ status: 'failed', failureCode: 'lost_or_stolen_card' }, {}] });
    await order.send('resolve', { resolution: 'dismiss' });
    world.provider.settleRefund(paid!, 'failed');
    await order.signal({ kind: 'refund', refundRef: paid! });
    expect(world.rows.ledger(order.id)).toEqual({ cash_at_provider: 11_750, revenue: -11_750, refunds: 0 });
    expect(order.state().paymentStatus).toBe('paid');
    await order.send('resolve', { resolution: 'dismiss' });
    expect(await order.send('refund', { refundId: refundId(), lines: [{ sku: 'MUG', quantity: 3 }] })).toMatchObject({ outcome: 'done' });
    await order.send('complete');
    await order.result();
  });

  it('made in the provider’s own dashboard is taken into the books', async () => {
    const order = await delivered();
    const refundRef = world.provider.refundByHand(order.paymentId, 300);
    await order.signal({ kind: 'refund', refundRef });
    await order.signal({ kind: 'refund', refundRef });
    expect(order.state()).toMatchObject({ paymentStatus: 'partially_refunded', refunds: [{ amount: 300, reason: 'made_at_provider' }] });
    expect(world.rows.ledger(order.id).cash_at_provider).toBe(11_450);
    await order.send('complete');
    await order.result();
  });

  it('after completion is a workflow of its own, by the same rules', async () => {
    const order = await delivered();
    await order.send('complete');
    await order.result();
    const run = async (command: { refundId: string; amount?: number }): Promise<unknown> => {
      const refunding = await world.environment.client.workflow.start('refundWorkflow', {
        workflowId: workflowIds.refund(command.refundId), taskQueue: taskQueues.orders,
        args: [{ scope: sampleScope, orderId: order.id, command: { actor: 'key:test', ...command } }],
      });
      await until(async () => (await refunding.describe()).status.name === 'COMPLETED');
      return refunding.result();
    };
    expect(await run({ refundId: refundId(), amount: 1750 })).toMatchObject({ outcome: 'done', status: 'completed', paymentStatus: 'partially_refunded' });
    expect(await run({ refundId: refundId(), amount: 10_001 })).toMatchObject({ outcome: 'rejected', refundable: 10_000 });
    // Two at once: who comes second reads again.
    expect(await Promise.all([run({ refundId: refundId(), amount: 4000 }), run({ refundId: refundId(), amount: 6000 })])).toMatchObject([
      { outcome: 'done' }, { outcome: 'done' },
    ]);
    expect(order.state()).toMatchObject({ status: 'completed', paymentStatus: 'refunded' });
    expect(world.rows.ledger(order.id).cash_at_provider).toBe(0);
  });

  const ended = async (order: StoryOrder) => {
    await order.send('complete');
    await order.result();
  };
  const begin = (order: StoryOrder, command: { refundId: string; amount?: number; lines?: object[]; reason?: string }) =>
    world.environment.client.workflow.start('refundWorkflow', {
      workflowId: workflowIds.refund(command.refundId), taskQueue: taskQueues.orders,
      args: [{ scope: sampleScope, orderId: order.id, command: { actor: 'key:test', ...command } }],
    });
  type Refunding = Awaited<ReturnType<typeof begin>>;
  const outcomeOf = async (refunding: Refunding): Promise<unknown> => {
    await until(async () => (await refunding.describe()).status.name === 'COMPLETED');
    return refunding.result();
  };

  it.each([
    ['all', {}, 'refunded', [0, 0]],
    ['an amount', { amount: 4000 }, 'partially_refunded', [0, 0]],
    ['lines', { lines: [{ sku: 'MUG', quantity: 2 }] }, 'partially_refunded', [2, 0]],
  ])('whose answer comes after the provider’s event of it is that very refund, booked once: %s', async (_name, wanted, paymentStatus, units) => {
    const order = await delivered();
    await ended(order);
    const known = world.provider.refunds.size;
    world.provider.next('refundPayment', { say: 'slow', ms: 1500, effect: true });
    const id = refundId();
    const refunding = await begin(order, { refundId: id, reason: 'damaged', ...wanted });
    await until(() => world.provider.refunds.size > known);
    await late(order, [...world.provider.refunds.keys()].at(-1)!, { refundId: id });
    expect(order.state().refunds).toMatchObject([{ id, reason: 'made_at_provider' }]);
    expect(await outcomeOf(refunding)).toMatchObject({ outcome: 'done', paymentStatus });
    expect(order.state().refunds).toMatchObject([{ id, reason: 'damaged', actor: 'key:test', status: 'succeeded' }]);
    expect(order.state().lines.map(({ refunded }) => refunded)).toEqual(units);
    expect(world.rows.ledger(order.id).cash_at_provider).toBe(11_750 - order.state().refunds[0]!.amount);
  });

  it('whose event bears no mark of ours is booked once, too', async () => {
    const order = await delivered();
    await ended(order);
    const known = world.provider.refunds.size;
    world.provider.next('refundPayment', { say: 'slow', ms: 1500, effect: true });
    const refunding = await begin(order, { refundId: refundId(), amount: 4000 });
    await until(() => world.provider.refunds.size > known);
    await late(order, [...world.provider.refunds.keys()].at(-1)!);
    expect(await outcomeOf(refunding)).toMatchObject({ outcome: 'done', paymentStatus: 'partially_refunded' });
    expect(order.state().refunds).toHaveLength(1);
    expect(world.rows.ledger(order.id).cash_at_provider).toBe(7750);
  });

  it('over several payments is carried out to the end, whoever writes the order in between', async () => {
    const order = await world.place({ settings: { splitCapture: 'reauthorize' } });
    await order.send('ship', { shipmentId: sampleId('shipment', (numbers += 1)), ...ups, lines: [{ sku: 'POT', quantity: 1 }] });
    await order.send('ship', { shipmentId: sampleId('shipment', (numbers += 1)), ...ups });
    await order.send('deliver');
    await ended(order);
    const known = world.provider.refunds.size;
    world.provider.next('refundPayment', { say: 'slow', ms: 0 }, { say: 'slow', ms: 1500, effect: true });
    const id = refundId();
    const refunding = await begin(order, { refundId: id });
    await until(() => world.provider.refunds.size === known + 2);
    await late(order, '', { kind: 'dispute_opened', dispute: { ref: 'dp_late', at: '2030-01-01T00:00:00.000Z' } });
    expect(await outcomeOf(refunding)).toMatchObject({ outcome: 'done' });
    expect(order.state().refunds.map(({ amount, status }) => ({ amount, status }))).toEqual([{ amount: 4000, status: 'succeeded' }, { amount: 7750, status: 'succeeded' }]);
    expect(world.provider.refunds.size).toBe(known + 2);
    expect(world.rows.ledger(order.id).cash_at_provider).toBe(0);
  });

  it('for an order whose workflow was terminated are left, with the reason, and do not fail', async () => {
    const order = await delivered();
    await order.handle.terminate();
    const webhookEventId = 'whe_ownerless';
    const event = await world.environment.client.workflow.start('latePaymentEvent', {
      workflowId: workflowIds.latePaymentEvent(webhookEventId), taskQueue: taskQueues.orders,
      args: [{ scope: sampleScope, orderId: order.id, event: { webhookEventId, paymentId: order.paymentId, kind: 'payment' } }],
    });
    await until(async () => (await event.describe()).status.name === 'COMPLETED');
    expect(world.rows.left).toEqual([{ webhookEventId, reason: expect.stringMatching(/workflow of its order is gone/) }]);
    expect(world.rows.applied).not.toContain(webhookEventId);
    expect(await outcomeOf(await begin(order, { refundId: refundId(), amount: 5 }))).toMatchObject({ outcome: 'rejected', refusal: { code: 'workflow_gone' } });
  });

  it('by which a payment was undone is shown to a person when it bounces', async () => {
    const order = await world.place();
    await order.send('capture');
    await order.send('cancel');
    await order.result();
    const refundRef = world.provider.undone.at(-1)!;
    await late(order, refundRef);
    expect(order.state().attention).toBeNull();
    world.provider.settleRefund(refundRef, 'failed', 'expired_or_canceled_card');
    await late(order, refundRef);
    await late(order, refundRef);
    expect(order.state()).toMatchObject({ status: 'cancelled', attention: { code: 'refund_failed' } });
    expect(world.rows.mails(order.id).filter((template) => template === 'admin_notification')).toHaveLength(1);
  });

  it('of a dispute: seen once, shown, and gone when the bank gives up', async () => {
    const order = await delivered();
    const told = (kind: 'dispute_opened' | 'dispute_closed', ref: string, second: number) =>
      order.signal({ kind, dispute: { ref, at: `2030-01-01T00:00:0${second}.000Z` } });
    await told('dispute_opened', 'dp_1', 1);
    await told('dispute_opened', 'dp_1', 2);
    expect(order.state()).toMatchObject({ paymentStatus: 'disputed', attention: { code: 'payment_disputed' } });
    await told('dispute_closed', 'dp_1', 3);
    expect(order.state()).toMatchObject({ paymentStatus: 'paid', attention: null });
    // What is late does not open it again, and an end may come before its beginning.
    await told('dispute_opened', 'dp_1', 1);
    await told('dispute_closed', 'dp_2', 5);
    await told('dispute_opened', 'dp_2', 4);
    expect(order.state()).toMatchObject({ paymentStatus: 'paid', attention: null });
    expect(world.rows.steps(order.id).filter((type) => type === 'payment.disputed')).toHaveLength(3);
    await order.send('complete');
    await order.result();
    await until(() => order.state().status === 'completed');
  });

  describe('attention on an order that has ended', () => {
    const resolve = (order: StoryOrder, resolution: string) => {
      const commandId = sampleId('command', (numbers += 1));
      return world.environment.client.workflow.start('resolutionWorkflow', {
        workflowId: workflowIds.resolution(commandId), taskQueue: taskQueues.orders,
        args: [{ scope: sampleScope, orderId: order.id, command: { actor: 'key:ops', commandId, resolution } }],
      });
    };

    /** Of 1000, on an ended order; its provider has given no answer for a day. */
    const waitingRefund = async () => {
      const order = await delivered();
      await ended(order);
      world.provider.away('refundPayment');
      const asked = world.provider.count('refundPayment');
      const id = refundId();
      const refunding = await begin(order, { refundId: id, amount: 1000 });
      await until(() => world.provider.count('refundPayment') > asked);
      await world.pass('25 hours');
      await until(() => order.state().attention?.by === workflowIds.refund(id));
      return { order, id, refunding };
    };

    it('is resolved where it is a notice, and only then', async () => {
      const order = await delivered();
      await ended(order);
      await late(order, '', { kind: 'dispute_opened', dispute: { ref: 'dp_ended', at: '2030-01-01T00:00:00.000Z' } });
      expect(order.state()).toMatchObject({ status: 'completed', attention: { code: 'payment_disputed' } });
      expect(await outcomeOf(await resolve(order, 'dismiss'))).toMatchObject({ outcome: 'done', status: 'completed' });
      expect(order.state()).toMatchObject({ attention: null, paymentStatus: 'disputed' });
      expect(world.rows.steps(order.id).at(-1)).toBe('attention.resolved');
      expect(await outcomeOf(await resolve(order, 'dismiss'))).toMatchObject({ outcome: 'rejected', refusal: { code: 'nothing_to_resolve' } });
    });

    it('is answered to the step that waits for it, though others write the order meanwhile', async () => {
      const { order, id, refunding } = await waitingRefund();
      const byHand = world.provider.refundByHand(order.paymentId, 300);
      await late(order, byHand);
      world.provider.away('refundPayment', false);
      expect(await outcomeOf(await resolve(order, 'retry'))).toMatchObject({ outcome: 'done' });
      expect(await outcomeOf(refunding)).toMatchObject({ outcome: 'done', paymentStatus: 'partially_refunded' });
      expect(order.state()).toMatchObject({ attention: null, refunds: [{ amount: 300 }, { id, amount: 1000 }] });
      expect(world.rows.ledger(order.id).cash_at_provider).toBe(10_450);
    });

    it('of a step is not taken away by a notice: the answer reaches it', async () => {
      const { order, id, refunding } = await waitingRefund();
      await late(order, '', { kind: 'dispute_opened', dispute: { ref: 'dp_beside', at: '2030-01-01T00:00:00.000Z' } });
      expect(order.state()).toMatchObject({ paymentStatus: 'disputed', attention: { code: 'payment_unknown', by: workflowIds.refund(id) } });
      world.provider.away('refundPayment', false);
      expect(await outcomeOf(await resolve(order, 'retry'))).toMatchObject({ outcome: 'done' });
      expect(await outcomeOf(refunding)).toMatchObject({ outcome: 'done' });
      expect(order.state().refunds).toMatchObject([{ id, amount: 1000, status: 'succeeded' }]);
    });

    it('of a step whose workflow is gone is ended all the same', async () => {
      const { order, refunding } = await waitingRefund();
      expect(order.state().attention?.code).toBe('payment_unknown');
      await refunding.terminate();
      world.provider.away('refundPayment', false);
      expect(await outcomeOf(await resolve(order, 'dismiss'))).toMatchObject({ outcome: 'done' });
      expect(order.state()).toMatchObject({ attention: null, refunds: [] });
    });
  });
});
