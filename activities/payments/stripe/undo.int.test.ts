import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { PaymentProvider } from '#domain/payments/port.ts';
import { startSandbox, type Sandbox } from '#sandbox/server.ts';
import { authorizeRequest, patiently, testProvider } from './testing.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ databasePath: ':memory:' });
});
afterAll(() => sandbox.close());
afterEach(() => control('DELETE', 'faults'));

async function control(method: string, path: string, body?: unknown): Promise<void> {
  const response = await fetch(`${sandbox.url}/_sandbox/${path}`, {
    method, ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
  });
  expect(response.ok).toBe(true);
}

const refunds = { method: 'POST', path: '/v1/refunds$' };
const days = (count: number) => () => new Date(Date.now() + count * 86_400_000);

/** 20.00 USD taken by a card, which is undone by a workflow of that name, some days later. */
async function taken(paymentMethod = 'pm_card_visa') {
  const { provider, client } = testProvider(sandbox.url, { timeoutMs: 500 });
  const request = authorizeRequest({ captureMethod: 'automatic', paymentMethod });
  const { providerRef } = (await provider.authorize(request)) as { providerRef: string };
  const undo = (workflow: string, by: PaymentProvider = provider) => by.undo({ ...request, providerRef, idempotencyKey: `${workflow}/${request.orderId}/undo/1` });
  const refund = (amount: number) =>
    provider.refund({ ...request, providerRef, refundId: `ref_${request.orderId}`, amount, reason: '', idempotencyKey: `${request.orderId}/refund` });
  const made = async () => (await client.refunds.list({ payment_intent: providerRef })).data.map(({ amount, status }) => `${amount} ${status}`).reverse();
  return { undo, refund, made };
}
const later = (count: number) => testProvider(sandbox.url, { timeoutMs: 500, now: days(count) }).provider;

describe('undoing again', () => {
  it.each([['at once', 0], ['days later, when no key is known any more', 6]])('gives back what a bounced refund left, %s', async (_name, after) => {
    // This card's refunds bounce five seconds after they were made.
    const { undo, refund, made } = await taken('pm_card_refundFail');
    await refund(600);
    await control('POST', 'clock', { advance_seconds: 3 });
    expect(await undo('order')).toMatchObject({ outcome: 'refunded', captured: 2000, refunded: 2000 });
    await control('POST', 'clock', { advance_seconds: 2 });
    expect(await made()).toEqual(['600 failed', '1400 succeeded']);
    expect(await undo('late-payment-event', later(after))).toMatchObject({ outcome: 'refunded', captured: 2000, refunded: 2000 });
    expect(await undo('late-payment-event', later(after))).toMatchObject({ outcome: 'refunded', captured: 2000, refunded: 2000 });
    expect(await made()).toEqual(['600 failed', '1400 succeeded', '600 succeeded']);
  });

  it('is another attempt, though as much was given back before an earlier one', async () => {
    const { undo, refund, made } = await taken('pm_card_refundFail');
    await refund(600);
    await control('POST', 'clock', { advance_seconds: 2 });
    await undo('order');
    await control('POST', 'clock', { advance_seconds: 3 });
    await undo('first', later(6));
    await control('POST', 'clock', { advance_seconds: 2 });
    expect(await made()).toEqual(['600 failed', '1400 failed', '600 succeeded']);
    expect(await undo('second', later(6))).toMatchObject({ captured: 2000, refunded: 2000 });
    expect(await made()).toEqual(['600 failed', '1400 failed', '600 succeeded', '1400 succeeded']);
  });

  it('sends nothing while a refund is pending, and says that all is given', async () => {
    const { undo, refund, made } = await taken('pm_card_pendingRefund');
    await refund(600);
    await undo('order');
    expect(await undo('late-payment-event', later(6))).toEqual({ outcome: 'refunded', refundRef: '', captured: 2000, refunded: 2000 });
    expect(await made()).toEqual(['600 pending', '1400 pending']);
  });

  it.each([
    ['a time-out', { kind: 'time_out_after_effect', close_after_ms: 1500 }, 0], ['a time-out', { kind: 'time_out_after_effect', close_after_ms: 1500 }, 6],
    ['a reset', { kind: 'reset_after_effect' }, 0], ['a reset', { kind: 'reset_after_effect' }, 6],
    ['a reset before it', { kind: 'reset' }, 0], ['a reset before it', { kind: 'reset' }, 6],
    ['a stored 500', { kind: 'error_after_effect' }, 0], ['a stored 500', { kind: 'error_after_effect' }, 6],
    ['a stored 500 before it', { kind: 'error', stored: true }, 0], ['a stored 500 before it', { kind: 'error', stored: true }, 6],
  ])('after %s of its refund refunds once (%j, %i days later)', async (_name, fault, after) => {
    const { undo, made } = await taken();
    await control('POST', 'faults', { count: 1, match: refunds, ...fault });
    await undo('order').catch((error: unknown) => expect(error).toMatchObject({ nonRetryable: false }));
    expect(await patiently(() => undo('order', later(after)))).toMatchObject({ outcome: 'refunded', captured: 2000, refunded: 2000 });
    expect(await made()).toEqual(['2000 succeeded']);
  });
});
