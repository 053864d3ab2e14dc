import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { clientFor } from './client.ts';
import { startStripeMock, type StripeMock } from './stripe-mock.ts';

let mock: StripeMock;
let stripe: Stripe;
beforeAll(async () => {
  mock = await startStripeMock();
  stripe = clientFor(mock.url, 'sk_test_123');
}, 180_000);
afterAll(() => mock?.close());

it('takes a request that fits Stripe\'s specification', async () => {
  const intent = await stripe.paymentIntents.create({
    amount: 100, currency: 'usd', confirm: true, capture_method: 'manual', payment_method: 'pm_card_visa',
    allowed_payment_method_types: ['card'], metadata: { order: '1' },
  });
  expect(intent.object).toBe('payment_intent');
});

it('refuses one that does not', async () => {
  const misspelt = { amount: 100, currency: 'usd', capture_methd: 'manual' } as Stripe.PaymentIntentCreateParams;
  await expect(stripe.paymentIntents.create(misspelt)).rejects.toMatchObject({ statusCode: 400 });
});
