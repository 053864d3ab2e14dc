import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startStripeMock, type StripeMock } from '#sandbox/testing/stripe-mock.ts';
import { authorizeRequest, testProvider } from './testing.ts';

/** Stripe's own mock refuses requests that don't fit the specification; its answers are fixed examples, so only the shapes count. */
let mock: StripeMock;
beforeAll(async () => {
  mock = await startStripeMock();
});
afterAll(() => mock.close());

const capabilities = { multicapture: true };

it.each([
  ['a new card', {}],
  ['a card to keep', { saveMethod: true }],
  ['a kept card', { offSession: true, paymentMethod: 'pm_1' }],
  ['automatic capture', { captureMethod: 'automatic' as const }],
])('asks Stripe for an authorisation of %s as the specification says', async (_name, changes) => {
  const { provider } = testProvider(mock.url, { timeoutMs: 5_000, capabilities, key: 'sk_test_123', returnUrl: 'https://shop.example/back' });
  expect(await provider.authorize(authorizeRequest(changes))).toHaveProperty('outcome');
});

it('captures, undoes, refunds and looks up as the specification says', async () => {
  const { provider } = testProvider(mock.url, { timeoutMs: 100, capabilities, key: 'sk_test_123' });
  const request = { ...authorizeRequest(), providerRef: 'pi_1', idempotencyKey: 'order/ord_1/step' };
  expect(await provider.capture({ ...request, amount: 500, final: false })).toHaveProperty('outcome');
  expect(await provider.refund({ ...request, refundId: 'ref_1', amount: 500, reason: 'damaged' })).toHaveProperty('outcome');
  expect(await provider.retrieveRefund({ ...request, refundRef: 're_1' })).toHaveProperty('outcome');
  expect(await provider.retrieve(request)).toHaveProperty('outcome');
  const { providerRef: _, ...lost } = request;
  expect(await provider.retrieve(lost)).toEqual({ outcome: 'absent' });
  // The mock's example payment is never cancelled by cancelling it, so that only a refusal of the request's shape counts.
  await provider.undo(request).catch((error: unknown) => expect(error).not.toMatchObject({ type: 'ProviderRefusedRequest' }));
});
