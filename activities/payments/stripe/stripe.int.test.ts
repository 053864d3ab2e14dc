import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AuthorizeRequest, PaymentResult } from '#domain/payments/port.ts';
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

const fault = (given: Record<string, unknown>) => control('POST', 'faults', { count: 1, ...given });
const creates = { method: 'POST', path: '/v1/payment_intents$' };

/** All PaymentIntents of a payment. */
async function intentsOf(request: AuthorizeRequest, key?: string) {
  const { client } = testProvider(sandbox.url, key ? { key } : {});
  const { data } = await client.paymentIntents.list({ limit: 100 });
  return data.filter(({ metadata }) => metadata.perdura_payment === request.paymentId);
}

const intentId = (result: PaymentResult): string => (result as { providerRef: string }).providerRef;

describe('authorising', () => {
  it('reserves money and says until when', async () => {
    const { provider } = testProvider(sandbox.url);
    const result = await provider.authorize(authorizeRequest());
    expect(result).toMatchObject({ outcome: 'authorized', authorizedAmount: 2000 });
    expect(Date.parse((result as { captureBefore: string }).captureBefore)).toBeGreaterThan(Date.now());
  });

  it.each([
    ['pm_card_visa_chargeDeclined', 'card_declined', 'generic_decline'],
    ['pm_card_visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
    ['pm_card_visa_chargeDeclinedLostCard', 'card_declined', 'lost_card'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', undefined],
    ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', undefined],
    ['pm_card_chargeDeclinedProcessingError', 'processing_error', undefined],
    ['pm_not_there', 'payment_method_not_found', undefined],
  ])('answers %s with %s', async (paymentMethod, code, declineCode) => {
    const { provider } = testProvider(sandbox.url);
    const result = await provider.authorize(authorizeRequest({ paymentMethod }));
    expect(result).toMatchObject({ outcome: 'declined', code, ...(declineCode ? { declineCode } : {}) });
  });

  it.each([[10, 'amount_too_small'], [100_000_000, 'amount_too_large']])('answers an amount of %i with %s, and leaves nothing behind', async (amount, code) => {
    const { provider } = testProvider(sandbox.url);
    const request = authorizeRequest({ amount });
    expect(await provider.authorize(request)).toEqual({ outcome: 'declined', code });
    expect(await intentsOf(request)).toEqual([]);
  });

  it('asks the customer for 3-D Secure, and is declined where there is no customer', async () => {
    const { provider } = testProvider(sandbox.url);
    const asked = await provider.authorize(authorizeRequest({ paymentMethod: 'pm_card_threeDSecure2Required' }));
    expect(asked.outcome).toBe('requires_action');
    expect(JSON.parse((asked as { nextActionSealed: string }).nextActionSealed)).toMatchObject({ client_secret: expect.any(String), redirect_url: expect.any(String) });
    const alone = await provider.authorize(authorizeRequest({ paymentMethod: 'pm_card_threeDSecure2Required', offSession: true }));
    expect(alone).toMatchObject({ outcome: 'declined', code: 'authentication_required' });
  });

  it('waits for a method where none is given yet', async () => {
    const { provider } = testProvider(sandbox.url);
    const { paymentMethod: _, ...request } = authorizeRequest();
    expect((await provider.authorize(request)).outcome).toBe('requires_action');
  });

  it('saves a method and charges it again without the customer', async () => {
    const { provider } = testProvider(sandbox.url);
    const first = await provider.authorize(authorizeRequest({ customerId: 'cus_saves', saveMethod: true }));
    const savedMethod = (first as { savedMethod?: string }).savedMethod!;
    expect(savedMethod).toMatch(/^pm_/);
    const second = await provider.authorize(authorizeRequest({ customerId: 'cus_saves', offSession: true, paymentMethod: savedMethod }));
    expect(second.outcome).toBe('authorized');
  });

  it('tells a refused key from a decline', async () => {
    const { provider } = testProvider(sandbox.url, { key: 'sk_live_not_here' });
    await expect(provider.authorize(authorizeRequest())).rejects.toMatchObject({ type: 'ProviderMisconfigured', nonRetryable: false });
  });

  it('waits when Stripe is too busy', async () => {
    const { provider } = testProvider(sandbox.url);
    await fault({ kind: 'rate_limit', match: creates });
    await expect(provider.authorize(authorizeRequest())).rejects.toMatchObject({ type: 'ProviderRateLimited', nonRetryable: false });
  });
});

describe('an unknown outcome', () => {
  it.each([
    ['a time-out after the effect', { kind: 'time_out_after_effect', close_after_ms: 3000 }],
    ['a reset before the effect', { kind: 'reset' }],
    ['a reset after the effect', { kind: 'reset_after_effect' }],
    ['a 500 before the effect', { kind: 'error' }],
    ['a stored 500 before the effect', { kind: 'error', stored: true }],
    ['a stored 500 after the effect', { kind: 'error_after_effect' }],
  ])('after %s ends with one PaymentIntent', async (_name, given) => {
    const { provider } = testProvider(sandbox.url, { timeoutMs: 500 });
    const request = authorizeRequest();
    await fault({ ...given, match: creates });
    const result = await patiently(() => provider.authorize(request));
    expect(result).toMatchObject({ outcome: 'authorized', authorizedAmount: 2000 });
    expect((await intentsOf(request)).map(({ id }) => id)).toEqual([intentId(result)]);
  });

  it('is looked up first once Stripe may have forgotten the key', async () => {
    const key = 'sk_test_old';
    const request = authorizeRequest();
    const { provider } = testProvider(sandbox.url, { key, timeoutMs: 500 });
    const first = await provider.authorize(request);
    const { provider: dayLater } = testProvider(sandbox.url, { key, now: () => new Date(Date.now() + 25 * 3600_000) });
    // Another key stands for the one that Stripe has forgotten.
    const second = await dayLater.authorize({ ...request, idempotencyKey: `${request.idempotencyKey}/forgotten` });
    expect(intentId(second)).toBe(intentId(first));
    expect(await intentsOf(request, key)).toHaveLength(1);
  });

  it('never gives two PaymentIntents, whatever sequence of faults is met', async () => {
    const kinds = fc.constantFrom<Record<string, unknown>>(
      { kind: 'reset' }, { kind: 'reset_after_effect' }, { kind: 'error' }, { kind: 'error', stored: true }, { kind: 'error_after_effect' }, { kind: 'rate_limit' },
    );
    const { provider } = testProvider(sandbox.url, { key: 'sk_test_faults', timeoutMs: 500 });
    await fc.assert(
      fc.asyncProperty(fc.array(kinds, { maxLength: 5 }), fc.boolean(), async (sequence, declines) => {
        const request = authorizeRequest(declines ? { paymentMethod: 'pm_card_visa_chargeDeclined' } : {});
        for (const given of sequence) await fault({ ...given, match: { ...creates, body: request.paymentId } });
        const result = await patiently(() => provider.authorize(request));
        expect(result.outcome).toBe(declines ? 'declined' : 'authorized');
        expect(await intentsOf(request, 'sk_test_faults')).toHaveLength(1);
        await control('DELETE', 'faults');
      }),
      { numRuns: 25 },
    );
  });
});

describe('capturing', () => {
  async function authorized(options: Parameters<typeof testProvider>[1] = {}) {
    const { provider, client } = testProvider(sandbox.url, { timeoutMs: 500, ...options });
    const request = authorizeRequest();
    const providerRef = intentId(await provider.authorize(request));
    const capture = (amount: number, final = true, step = 'capture/1') =>
      provider.capture({ ...request, providerRef, amount, final, idempotencyKey: `${request.orderId}/${step}` });
    return { provider, client, request, providerRef, capture };
  }

  it('takes part of it, and the same again for another try', async () => {
    const { capture } = await authorized();
    expect(await capture(1500)).toEqual({ outcome: 'captured', capturedAmount: 1500 });
    expect(await capture(1500)).toEqual({ outcome: 'captured', capturedAmount: 1500 });
    expect(await capture(1500, true, 'another-key')).toEqual({ outcome: 'captured', capturedAmount: 1500 });
  });

  it.each([
    ['time_out_after_effect', { close_after_ms: 3000 }],
    ['error_after_effect', {}],
    ['error', { stored: true }],
  ])('takes once after %s', async (kind, more) => {
    const { capture, client, providerRef } = await authorized();
    await fault({ kind, ...more, match: { method: 'POST', path: '/capture$' } });
    expect(await patiently(() => capture(2000))).toEqual({ outcome: 'captured', capturedAmount: 2000 });
    expect((await client.paymentIntents.retrieve(providerRef)).amount_received).toBe(2000);
  });

  it('fails with the reason when the payment was cancelled at Stripe', async () => {
    const { capture, client, providerRef } = await authorized();
    await client.paymentIntents.cancel(providerRef);
    expect(await capture(2000)).toEqual({ outcome: 'failed', code: 'payment_canceled' });
  });

  it('takes several parts where the account may', async () => {
    await control('POST', 'multicapture', { enabled: true });
    const { capture } = await authorized({ capabilities: { multicapture: true } });
    await fault({ kind: 'error_after_effect', match: { method: 'POST', path: '/capture$' } });
    expect(await patiently(() => capture(500, false, 'capture/1'))).toEqual({ outcome: 'captured', capturedAmount: 500 });
    expect(await capture(1500, true, 'capture/2')).toEqual({ outcome: 'captured', capturedAmount: 2000 });
    await control('POST', 'multicapture', { enabled: false });
  });
});

describe('undoing', () => {
  it('voids what is reserved, gives back what was taken, and is the same when repeated', async () => {
    const { provider } = testProvider(sandbox.url, { timeoutMs: 300 });
    const request = authorizeRequest();
    const providerRef = intentId(await provider.authorize(request));
    const undo = { ...request, providerRef, idempotencyKey: `${request.orderId}/undo` };
    expect(await provider.undo(undo)).toEqual({ outcome: 'voided' });
    expect(await provider.undo(undo)).toEqual({ outcome: 'voided' });

    const taken = authorizeRequest({ captureMethod: 'automatic' });
    const takenRef = intentId(await provider.authorize(taken));
    const giveBack = { ...taken, providerRef: takenRef, idempotencyKey: `${taken.orderId}/undo` };
    const first = await provider.undo(giveBack);
    expect(first).toMatchObject({ outcome: 'refunded', captured: 2000, refunded: 2000 });
    expect(await provider.undo(giveBack)).toEqual({ ...first, refundRef: '' });
  });

  it('finds a payment whose answer was lost, and knows one that never was', async () => {
    const { provider } = testProvider(sandbox.url, { timeoutMs: 300 });
    const request = authorizeRequest();
    await fault({ kind: 'time_out_after_effect', close_after_ms: 2000, match: creates });
    await expect(provider.authorize(request)).rejects.toMatchObject({ type: 'ProviderOutcomeUnknown' });
    expect(await provider.undo({ ...request, idempotencyKey: 'u1' })).toEqual({ outcome: 'voided' });
    const never = authorizeRequest();
    expect(await provider.undo({ ...never, idempotencyKey: 'u2' })).toEqual({ outcome: 'absent' });
    expect(await provider.retrieve(never)).toEqual({ outcome: 'absent' });
  });
});

describe('refunding', () => {
  it('gives back once, whatever became of the first try, and says why when it can\'t', async () => {
    const { provider } = testProvider(sandbox.url, { timeoutMs: 500 });
    const request = authorizeRequest({ captureMethod: 'automatic' });
    const providerRef = intentId(await provider.authorize(request));
    const refund = { ...request, providerRef, refundId: 'ref_1', amount: 700, reason: 'damaged', idempotencyKey: `${request.orderId}/refund/1` };
    await fault({ kind: 'error_after_effect', match: { method: 'POST', path: '/v1/refunds$' } });
    const first = await patiently(() => provider.refund(refund));
    expect(first).toMatchObject({ outcome: 'succeeded', amount: 700 });
    expect(await provider.retrieveRefund({ ...request, refundRef: first.refundRef })).toEqual(first);
    expect(await provider.retrieve({ ...request, providerRef })).toMatchObject({ outcome: 'captured', capturedAmount: 2000, refundedAmount: 700 });
    const tooMuch = await provider.refund({ ...refund, refundId: 'ref_2', amount: 1400, idempotencyKey: `${request.orderId}/refund/2` });
    expect(tooMuch).toMatchObject({ outcome: 'failed' });
  });
});

describe('currencies that Stripe counts otherwise than ISO 4217', () => {
  it.each([
    ['ISK', 5000, 500_000], ['UGX', 5000, 500_000], ['MGA', 500_000, 5000], ['KWD', 5120, 5120], ['JPY', 5000, 5000],
  ])('are turned at the edge: %s %i is %i there', async (currency, amount, stripes) => {
    const { provider, client } = testProvider(sandbox.url, { timeoutMs: 300 });
    const request = authorizeRequest({ amount, currency });
    const result = await provider.authorize(request);
    expect(result).toMatchObject({ outcome: 'authorized', authorizedAmount: amount });
    const providerRef = intentId(result);
    expect((await client.paymentIntents.retrieve(providerRef)).amount).toBe(stripes);
    const taken = amount - 100;
    expect(await provider.capture({ ...request, providerRef, amount: taken, final: true, idempotencyKey: `${request.orderId}/c` })).toEqual({ outcome: 'captured', capturedAmount: taken });
    const refunded = await provider.refund({ ...request, providerRef, refundId: `ref_${currency}`, amount: 1000, reason: 'x', idempotencyKey: `${request.orderId}/r` });
    expect(refunded).toMatchObject({ outcome: 'succeeded', amount: 1000 });
    expect(await provider.retrieveRefund({ ...request, refundRef: refunded.refundRef })).toEqual(refunded);
    expect(await provider.retrieve({ ...request, providerRef })).toMatchObject({ outcome: 'captured', capturedAmount: taken, refundedAmount: 1000 });
    expect(await provider.undo({ ...request, providerRef, idempotencyKey: `${request.orderId}/u` })).toMatchObject({ outcome: 'refunded', captured: taken, refunded: taken });
  });

  it('refuse what can not be said there, before anything is asked', async () => {
    const { provider } = testProvider(sandbox.url);
    const request = authorizeRequest({ amount: 5124, currency: 'KWD' });
    expect(await provider.authorize(request)).toEqual({ outcome: 'declined', code: 'amount_not_chargeable' });
    expect(await intentsOf(request)).toEqual([]);
    const rest = { ...request, providerRef: 'pi_x', idempotencyKey: 'x' };
    expect(await provider.capture({ ...rest, final: true })).toEqual({ outcome: 'failed', code: 'amount_not_chargeable' });
    expect(await provider.refund({ ...rest, refundId: 'ref_x', reason: 'x' })).toMatchObject({ outcome: 'failed', failureCode: 'amount_not_chargeable' });
  });
});
