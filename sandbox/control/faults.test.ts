import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { runSandbox, type RunningSandbox } from '#sandbox/testing/run.ts';
import { Faults } from './faults.ts';

describe('fault switches', () => {
  let sandbox: RunningSandbox;
  let stripe: Stripe;

  beforeAll(async () => {
    sandbox = await runSandbox();
    stripe = sandbox.stripe;
  });
  afterAll(() => sandbox.close());
  afterEach(() => sandbox.control('DELETE', 'faults'));

  const fault = (body: object) => sandbox.control<{ id: string }>('POST', 'faults', body);
  const pay = (options: Stripe.RequestOptions = {}) =>
    stripe.paymentIntents.create(
      { amount: 700, currency: 'usd', confirm: true, payment_method: 'pm_card_visa', allowed_payment_method_types: ['card'] }, options,
    );

  it('do the work and never answer: the retry with the same key finds it done', async () => {
    await fault({ kind: 'time_out_after_effect', count: 1, match: { method: 'POST', path: '^/v1/payment_intents$' } });
    const before = (await stripe.paymentIntents.list({ limit: 100 })).data.length;
    await expect(pay({ idempotencyKey: 'lost', timeout: 150 })).rejects.toMatchObject({ type: 'StripeConnectionError' });
    const again = await pay({ idempotencyKey: 'lost' });
    expect(again.lastResponse.headers).toMatchObject({ 'idempotent-replayed': 'true' });
    const after = await stripe.paymentIntents.list({ limit: 100 });
    expect([after.data.length - before, after.data[0]?.id]).toEqual([1, again.id]);
  });

  it('close the connection, before or after the effect', async () => {
    const before = (await stripe.paymentIntents.list({ limit: 100 })).data.length;
    // The client tries a closed connection once more, with the same key, though it was told not to retry.
    await fault({ kind: 'reset', count: 2 });
    await expect(pay()).rejects.toMatchObject({ type: 'StripeConnectionError' });
    await fault({ kind: 'reset_after_effect', count: 1 });
    expect((await pay()).lastResponse.headers).toMatchObject({ 'idempotent-replayed': 'true' });
    await fault({ kind: 'time_out_after_effect', close_after_ms: 20, count: 1 });
    expect((await pay()).lastResponse.headers).toMatchObject({ 'idempotent-replayed': 'true' });
    expect((await stripe.paymentIntents.list({ limit: 100 })).data.length - before).toBe(2);
  });

  it('answer 429, which the official client takes as a rate limit', async () => {
    await fault({ kind: 'rate_limit', count: 1 });
    await expect(pay()).rejects.toMatchObject({ type: 'StripeRateLimitError', statusCode: 429 });
  });

  it('decline whatever the card', async () => {
    await fault({ kind: 'decline', decline_code: 'issuer_not_available', count: 1, match: { body: '"amount":"700"' } });
    await expect(pay()).rejects.toMatchObject({ code: 'card_declined', decline_code: 'issuer_not_available' });
    expect((await pay()).status).toBe('succeeded');
  });

  it('can be listed, counted and taken away', async () => {
    const { id } = await fault({ kind: 'rate_limit', match: { path: 'refunds' } });
    await fault({ kind: 'delay', delay_ms: 1 });
    await pay();
    const { data } = await sandbox.control<{ data: object[] }>('GET', 'faults');
    expect(data).toMatchObject([{ id, hits: 0 }, { kind: 'delay', hits: 1 }]);
    expect(await sandbox.control('DELETE', `faults/${id}`)).toEqual({ removed: 1 });
  });

  it('refuse what makes no sense', async () => {
    await expect(fault({ kind: 'explode' })).rejects.toThrow('400');
    await expect(fault({ kind: 'decline', decline_code: 'nonsense' })).rejects.toThrow('400');
    await expect(fault({ kind: 'reset', match: { path: '(' } })).rejects.toThrow('regular expression');
  });

  it('strike in the same sequence for the same seed', () => {
    const strikes = (seed: number): boolean[] => {
      const faults = new Faults();
      faults.add({ kind: 'reset', probability: 0.3, seed });
      return Array.from({ length: 200 }, () => faults.forRequest({ method: 'POST', path: '/', body: {}, account: 'a' }) !== undefined);
    };
    expect(strikes(7)).toEqual(strikes(7));
    expect(strikes(7)).not.toEqual(strikes(8));
    const share = strikes(7).filter(Boolean).length / 200;
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.4);
  });
});
