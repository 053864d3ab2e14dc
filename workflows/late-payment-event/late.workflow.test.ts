import { describe, expect, it } from '@jest/globals';
import { taskQueues } from '#domain/names/task-queues.ts';
import { workflowIds } from '#domain/names/workflow-ids.ts';
import { type OrderWorld, until, type StoryOrder } from '#test/support/order-world.ts';
import { sampleId, sampleScope } from '#test/support/sample-order.ts';
import { useOrderWorld } from '#test/support/use-order-world.ts';
import type { PaymentChanged } from '../order/messages.ts';

const day = 86_400_000;

describe('money of a cancelled order', () => {
  let world: OrderWorld;
  useOrderWorld((started) => (world = started));
  let numbers = 0;

  const late = async (order: StoryOrder, event: Partial<PaymentChanged>) => {
    const webhookEventId = `whe_cancelled_${(numbers += 1)}`;
    await world.environment.client.workflow.start('latePaymentEvent', {
      workflowId: workflowIds.latePaymentEvent(webhookEventId), taskQueue: taskQueues.orders,
      args: [{ scope: sampleScope, orderId: order.id, event: { webhookEventId, paymentId: order.paymentId, kind: 'refund', ...event } }],
    });
    await until(async () => {
      const { status } = await world.environment.client.workflow.getHandle(workflowIds.latePaymentEvent(webhookEventId)).describe();
      return status.name === 'COMPLETED';
    });
  };

  /** Captured, 3000 of it refunded, then cancelled, which gives back the other 8750. */
  const cancelled = async (outcome: 'succeeded' | 'pending') => {
    const order = await world.place();
    await order.send('capture');
    if (outcome === 'pending') world.provider.next('refundPayment', { say: 'pending' });
    await order.send('refund', { refundId: sampleId('refund', (numbers += 1)), amount: 3000 });
    await order.send('cancel');
    await order.result();
    return { order, refundRef: order.state().refunds[0]!.providerRef! };
  };
  const sent = () => world.provider.undone.map((ref) => world.provider.refunds.get(ref)!.amount);
  const books = (order: StoryOrder) => {
    const { captured, refunded } = order.state().payments[0]!;
    return { captured, refunded, ...world.rows.ledger(order.id) };
  };
  const allBack = { captured: 11_750, refunded: 11_750, cash_at_provider: 0, revenue: -11_750, refunds: 11_750 };

  it('goes back though a refund from before bounces days later: sent once more, booked once', async () => {
    const before = sent().length;
    const { order, refundRef } = await cancelled('succeeded');
    expect(sent().slice(before)).toEqual([8750]);
    expect(books(order)).toEqual(allBack);
    const at = await world.now();
    await world.pass('6 days');
    expect((await world.now()) - at).toBeGreaterThanOrEqual(6 * day);
    world.provider.settleRefund(refundRef, 'failed', 'expired_or_canceled_card');
    // Stripe tells a failure by up to three events.
    for (let told = 0; told < 3; told += 1) await late(order, { refundRef });
    expect(sent().slice(before)).toEqual([8750, 3000]);
    expect(books(order)).toEqual(allBack);
    expect(world.rows.steps(order.id).slice(-2)).toEqual(['refund.updated', 'payment.voided']);
    expect(order.state()).toMatchObject({ status: 'cancelled', paymentStatus: 'refunded' });
  });

  it('is left alone while a refund is pending, whatever else is told of it', async () => {
    const before = sent().length;
    const { order, refundRef } = await cancelled('pending');
    const promised = { captured: 11_750, refunded: 8750, cash_at_provider: 3000, revenue: -11_750, refunds: 8750 };
    expect(books(order)).toEqual(promised);
    await world.pass('2 days');
    const undone = world.provider.count('undoPayment');
    await late(order, { kind: 'dispute_opened', dispute: { ref: 'dp_1', at: '2030-01-01T00:00:00.000Z' } });
    expect(world.provider.count('undoPayment')).toBe(undone);
    expect(books(order)).toEqual(promised);
    await world.pass('3 days');
    world.provider.settleRefund(refundRef, 'succeeded');
    await late(order, { refundRef });
    expect(books(order)).toEqual(allBack);
    expect(sent().slice(before)).toEqual([8750]);
  });

  it('goes back when the pending refund fails in the end', async () => {
    const before = sent().length;
    const { order, refundRef } = await cancelled('pending');
    await world.pass('9 days');
    world.provider.settleRefund(refundRef, 'failed');
    await late(order, { refundRef });
    expect(sent().slice(before)).toEqual([8750, 3000]);
    expect(books(order)).toEqual(allBack);
  });
});
