import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { runSandbox, type RunningSandbox } from '#sandbox/testing/run.ts';

const DAY = 86_400;

describe('multicapture', () => {
  let sandbox: RunningSandbox;
  let stripe: Stripe;

  beforeAll(async () => {
    sandbox = await runSandbox();
    stripe = sandbox.stripe;
    await sandbox.control('POST', 'multicapture', { enabled: true });
  });
  afterAll(() => sandbox.close());

  const hold = (method = 'pm_card_visa', asked = true) =>
    stripe.paymentIntents.create({
      amount: 2000, currency: 'usd', confirm: true, payment_method: method, allowed_payment_method_types: ['card'], capture_method: 'manual',
      ...(asked ? { payment_method_options: { card: { request_multicapture: 'if_available' } } } : {}),
    });
  const captureSome = async (intent: Stripe.PaymentIntent) =>
    stripe.paymentIntents.capture(intent.id, { amount_to_capture: 700, final_capture: false });
  const chargeOf = async (intent: Stripe.PaymentIntent) => stripe.charges.retrieve(intent.latest_charge as string);
  const statusOf = async (intent: Stripe.PaymentIntent) => (await chargeOf(intent)).payment_method_details?.card?.multicapture?.status;

  it('captures several times where it was asked for', async () => {
    const held = await hold();
    expect(await captureSome(held)).toMatchObject({ status: 'requires_capture', amount_capturable: 1300, amount_received: 700 });
    const last = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 300 });
    expect(last).toMatchObject({ status: 'succeeded', amount_capturable: 0, amount_received: 1000 });
    const unasked = await hold('pm_card_visa', false);
    expect([await statusOf(held), await statusOf(unasked)]).toEqual(['available', 'unavailable']);
    await expect(captureSome(unasked)).rejects.toThrow('multicapture');
  });

  it.each([
    ['visa', 'available'], ['mastercard', 'available'], ['amex', 'available'], ['discover', 'available'],
    ['diners', 'unavailable'], ['jcb', 'unavailable'], ['unionpay', 'unavailable'],
  ])('is for cards of some networks: %s is %s', async (brand, status) => {
    const held = await hold(`pm_card_${brand}`);
    expect(await statusOf(held)).toBe(status);
    const captured = captureSome(held);
    if (status === 'available') await captured;
    else await expect(captured).rejects.toMatchObject({ param: 'final_capture' });
  });

  it('has succeeded with what was captured when the rest is cancelled, or lapses', async () => {
    const [canceled, lapsed] = [await captureSome(await hold()), await captureSome(await hold())];
    const succeeded = { status: 'succeeded', amount_received: 700, amount_capturable: 0, canceled_at: null };
    expect(await stripe.paymentIntents.cancel(canceled.id)).toMatchObject(succeeded);
    await sandbox.control('POST', 'clock', { advance_seconds: 7 * DAY });
    expect(await stripe.paymentIntents.retrieve(lapsed.id)).toMatchObject(succeeded);
    const events = await stripe.events.list({ limit: 100 }).autoPagingToArray({ limit: 1000 });
    for (const one of [canceled, lapsed]) {
      expect(await chargeOf(one)).toMatchObject({ captured: true, amount_captured: 700, amount_refunded: 0, refunded: false });
      const about = events.filter(({ data }) => [one.id, one.latest_charge].includes((data.object as { id?: string }).id ?? ''));
      expect(about.map(({ type }) => type as string).sort()).toEqual([
        'charge.captured', 'charge.succeeded', 'payment_intent.amount_capturable_updated', 'payment_intent.amount_capturable_updated',
        'payment_intent.created', 'payment_intent.succeeded',
      ]);
      await expect(stripe.refunds.create({ payment_intent: one.id, amount: 701 })).rejects.toMatchObject({ param: 'amount' });
      await expect(stripe.paymentIntents.cancel(one.id)).rejects.toMatchObject({ code: 'payment_intent_unexpected_state' });
    }
    await sandbox.control('POST', 'clock', { reset: true });
  });
});
