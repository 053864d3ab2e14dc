import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { runSandbox, type RunningSandbox } from '#sandbox/testing/run.ts';

describe('Idempotency-Key', () => {
  let sandbox: RunningSandbox;
  let stripe: Stripe;
  let keys = 0;

  beforeAll(async () => {
    sandbox = await runSandbox();
    stripe = sandbox.stripe;
  });
  afterAll(() => sandbox.close());

  const newKey = (): string => `key-${++keys}`;
  const pay = (idempotencyKey: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
    stripe.paymentIntents.create(
      {
        amount: 2000, currency: 'usd', confirm: true, payment_method: 'pm_card_visa', allowed_payment_method_types: ['card'], ...more,
      },
      { idempotencyKey },
    );
  const fault = (body: object) => sandbox.control('POST', 'faults', body);
  const madeSince = async (before: number) => (await stripe.paymentIntents.list({ limit: 100 })).data.length - before;
  const count = async () => (await stripe.paymentIntents.list({ limit: 100 })).data.length;

  it('answers the same again, and says so', async () => {
    const key = newKey();
    const before = await count();
    const [first, second] = [await pay(key), await pay(key)];
    expect(second.id).toBe(first.id);
    expect(second.lastResponse.headers).toMatchObject({ 'idempotent-replayed': 'true', 'original-request': first.lastResponse.requestId });
    expect(second.lastResponse.requestId).not.toBe(first.lastResponse.requestId);
    expect(await madeSince(before)).toBe(1);
  });

  it('answers a decline again without a second charge', async () => {
    const key = newKey();
    const charges = [];
    for (let i = 0; i < 2; i++) {
      const declined = await pay(key, { payment_method: 'pm_card_visa_chargeDeclined' }).catch((error: unknown) => error);
      charges.push((declined as Stripe.errors.StripeCardError).charge);
    }
    expect(charges[0]).toMatch(/^ch_/);
    expect(charges[1]).toBe(charges[0]);
  });

  it('refuses a key with other parameters', async () => {
    const key = newKey();
    await pay(key);
    await expect(pay(key, { amount: 2001 })).rejects.toMatchObject({ type: 'StripeIdempotencyError', statusCode: 400 });
  });

  it('refuses a key that is in use', async () => {
    const key = newKey();
    await fault({ kind: 'delay', delay_ms: 200, count: 1 });
    const first = pay(key);
    await new Promise((resolve) => setTimeout(resolve, 80));
    await expect(pay(key)).rejects.toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
    expect((await first).status).toBe('succeeded');
    expect((await pay(key)).id).toBe((await first).id);
  });

  it('stores nothing of what was not valid', async () => {
    const key = newKey();
    await expect(pay(key, { currency: 'nix' })).rejects.toMatchObject({ statusCode: 400 });
    expect((await pay(key)).status).toBe('succeeded');
  });

  it('repeats a stored 500, though the work was done', async () => {
    const key = newKey();
    const before = await count();
    await fault({ kind: 'error_after_effect', count: 1, match: { path: '^/v1/payment_intents$' } });
    await expect(pay(key)).rejects.toMatchObject({ statusCode: 500, type: 'StripeAPIError' });
    await expect(pay(key)).rejects.toMatchObject({ statusCode: 500 });
    expect(await madeSince(before)).toBe(1);
  });

  it('can store a 500 that did nothing, or not store it', async () => {
    const [stored, unstored] = [newKey(), newKey()];
    const before = await count();
    await fault({ kind: 'error', status: 503, stored: true, count: 1 });
    await expect(pay(stored)).rejects.toMatchObject({ statusCode: 503 });
    await expect(pay(stored)).rejects.toMatchObject({ statusCode: 503 });
    await fault({ kind: 'error', count: 1 });
    await expect(pay(unstored)).rejects.toMatchObject({ statusCode: 500 });
    expect(await madeSince(before)).toBe(0);
    expect((await pay(unstored)).status).toBe('succeeded');
  });

  it('forgets a key after 24 hours of its clock', async () => {
    const key = newKey();
    const first = await pay(key);
    await sandbox.control('POST', 'clock', { advance_seconds: 24 * 3600 - 5 });
    expect((await pay(key)).id).toBe(first.id);
    await sandbox.control('POST', 'clock', { advance_seconds: 10 });
    expect((await pay(key)).id).not.toBe(first.id);
    await sandbox.control('POST', 'clock', { reset: true });
  });
});
