import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuthorizeRequest, PaymentResult } from '#domain/payments/port.ts';
import { startSandbox, type Sandbox } from '#sandbox/server.ts';
import { authorizeRequest, testProvider } from './testing.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ databasePath: ':memory:' });
  await control('multicapture', { enabled: true });
});
afterAll(() => sandbox.close());

async function control(path: string, body: unknown): Promise<void> {
  const response = await fetch(`${sandbox.url}/_sandbox/${path}`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  expect(response.ok).toBe(true);
}

/** 100.00 USD, authorised; what is done with it afterwards has keys of its own. */
async function authorized({ multicapture = false, ...changes }: { multicapture?: boolean } & Partial<AuthorizeRequest> = {}) {
  const { provider, client } = testProvider(sandbox.url, { timeoutMs: 300, capabilities: { multicapture } });
  const request = authorizeRequest({ amount: 10_000, ...changes });
  const result = await provider.authorize(request);
  const { providerRef } = result as Extract<PaymentResult, { outcome: 'authorized' }>;
  const step = { ...request, providerRef };
  return {
    client, result, providerRef,
    capture: (amount: number, final: boolean, n = 1) => provider.capture({ ...step, amount, final, idempotencyKey: `${request.orderId}/capture/${n}` }),
    refund: (amount: number) => provider.refund({ ...step, refundId: `ref_${request.orderId}`, amount, reason: 'damaged', idempotencyKey: `${request.orderId}/refund` }),
    undo: () => provider.undo({ ...step, idempotencyKey: `${request.orderId}/undo` }),
    retrieve: () => provider.retrieve(step),
  };
}

describe('an authorisation captured in part', () => {
  it.each([['that releases the rest', false, true], ['with the rest still held', true, false]])(
    'is given back but for what was refunded, %s', async (_name, multicapture, final) => {
      const payment = await authorized({ multicapture });
      expect(await payment.capture(3000, final)).toEqual({ outcome: 'captured', capturedAmount: 3000 });
      expect(await payment.refund(1000)).toMatchObject({ outcome: 'succeeded' });
      expect(await payment.undo()).toMatchObject({ outcome: 'refunded' });
      expect(await payment.undo()).toMatchObject({ outcome: 'refunded' });
      const { data: refunds } = await payment.client.refunds.list({ payment_intent: payment.providerRef });
      expect(refunds.map(({ amount }) => amount)).toEqual([2000, 1000]);
      expect(await payment.retrieve()).toMatchObject({ outcome: 'captured', capturedAmount: 3000, refundedAmount: 3000 });
      const charge = await payment.client.paymentIntents.retrieve(payment.providerRef, { expand: ['latest_charge'] });
      expect(charge).toMatchObject({ status: 'succeeded', amount_received: 3000, latest_charge: { amount_captured: 3000, amount_refunded: 3000 } });
    },
  );

  it('counts nothing as refunded that was only released', async () => {
    const payment = await authorized();
    await payment.capture(3000, true);
    expect(await payment.retrieve()).toMatchObject({ outcome: 'captured', capturedAmount: 3000, refundedAmount: 0 });
  });

  it('takes no more when its rest was let go, and the total tells so', async () => {
    const payment = await authorized({ multicapture: true });
    await payment.capture(3000, false);
    await payment.client.paymentIntents.cancel(payment.providerRef);
    expect(await payment.capture(2000, false, 2)).toEqual({ outcome: 'captured', capturedAmount: 3000 });
    expect(await payment.retrieve()).toMatchObject({ outcome: 'captured', capturedAmount: 3000, refundedAmount: 0 });
  });

  it('takes no more when its time is over, and the total tells so', async () => {
    const payment = await authorized({ multicapture: true });
    await payment.capture(3000, false);
    await control('clock', { advance_seconds: 8 * 86_400 });
    expect(await payment.capture(7000, true, 2)).toEqual({ outcome: 'captured', capturedAmount: 3000 });
    expect(await payment.undo()).toMatchObject({ outcome: 'refunded' });
    expect(await payment.retrieve()).toMatchObject({ capturedAmount: 3000, refundedAmount: 3000 });
    await control('clock', { reset: true });
  });

  it('fails as expired when its time is over and nothing was taken', async () => {
    const payment = await authorized({ multicapture: true });
    await control('clock', { advance_seconds: 8 * 86_400 });
    expect(await payment.capture(3000, false)).toEqual({ outcome: 'failed', code: 'authorization_expired' });
    expect(await payment.undo()).toEqual({ outcome: 'voided' });
    await control('clock', { reset: true });
  });
});

describe('multicapture', () => {
  it.each([
    ['has', 'pm_card_visa', true, true], ['has not', 'pm_card_diners', true, false], ['was not asked for it', 'pm_card_visa', false, false],
  ])('is said of a card that %s (%s)', async (_name, paymentMethod, asked, multicapture) => {
    const payment = await authorized({ multicapture: asked, paymentMethod });
    expect(payment.result).toMatchObject({ outcome: 'authorized', multicapture });
    expect(await payment.retrieve()).toMatchObject({ outcome: 'authorized', multicapture });
  });

  it('is not there for every card: that one is captured once, finally', async () => {
    const payment = await authorized({ multicapture: true, paymentMethod: 'pm_card_jcb' });
    expect(await payment.capture(3000, false)).toMatchObject({ outcome: 'failed' });
    expect(await payment.capture(3000, true, 2)).toEqual({ outcome: 'captured', capturedAmount: 3000 });
  });

  it('holds for an authorisation made with it after the connection has lost it', async () => {
    const payment = await authorized({ multicapture: true });
    const { provider } = testProvider(sandbox.url, { timeoutMs: 300 });
    const request = { ...authorizeRequest(), providerRef: payment.providerRef, amount: 1000 };
    expect(await provider.capture({ ...request, final: false, idempotencyKey: 'later/1' })).toEqual({ outcome: 'captured', capturedAmount: 1000 });
    expect(await provider.capture({ ...request, final: true, idempotencyKey: 'later/2' })).toEqual({ outcome: 'captured', capturedAmount: 2000 });
  });
});
