import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Stripe from 'stripe';
import { runSandbox, type RunningSandbox } from '#sandbox/testing/run.ts';

/** token, code, decline_code, advice_code */
const DECLINES = [
  ['pm_card_visa_chargeDeclined', 'card_declined', 'generic_decline', 'try_again_later'],
  ['pm_card_visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds', 'try_again_later'],
  ['pm_card_visa_chargeDeclinedLostCard', 'card_declined', 'lost_card', 'do_not_try_again'],
  ['pm_card_visa_chargeDeclinedStolenCard', 'card_declined', 'stolen_card', 'do_not_try_again'],
  ['pm_card_visa_chargeDeclinedVelocityLimitExceeded', 'card_declined', 'card_velocity_exceeded', 'try_again_later'],
  ['pm_card_chargeDeclinedExpiredCard', 'expired_card', 'expired_card', 'confirm_card_data'],
  ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', 'incorrect_cvc', 'confirm_card_data'],
  ['pm_card_chargeDeclinedProcessingError', 'processing_error', 'processing_error', 'try_again_later'],
  ['pm_card_chargeCustomerFail', 'card_declined', 'generic_decline', 'try_again_later'],
  ['pm_card_radarBlock', 'card_declined', 'fraudulent', 'do_not_try_again'],
] as const;

describe('declines and 3-D Secure', () => {
  let sandbox: RunningSandbox;
  let stripe: Stripe;

  beforeAll(async () => {
    sandbox = await runSandbox();
    stripe = sandbox.stripe;
  });
  afterAll(() => sandbox.close());

  const pay = (payment_method: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
    stripe.paymentIntents.create({
      amount: 2000, currency: 'usd', confirm: true, payment_method, allowed_payment_method_types: ['card'], capture_method: 'manual', ...more,
    });
  const declineOf = async (work: Promise<unknown>): Promise<Stripe.errors.StripeCardError> => {
    const error = await work.then(() => undefined, (thrown: unknown) => thrown);
    if (!(error instanceof Stripe.errors.StripeCardError)) throw new Error('not declined', { cause: error });
    return error;
  };
  const authenticate = async (id: string, how: 'complete' | 'fail') =>
    (await fetch(`${sandbox.url}/3ds/${id}/${how}`, { method: 'POST' })).status;

  it.each(DECLINES)('%s: %s, %s, %s', async (token, code, declineCode, advice) => {
    const error = await declineOf(pay(token));
    expect(error).toMatchObject({ statusCode: 402, code, decline_code: declineCode });
    expect(error.raw).toMatchObject({ advice_code: advice, doc_url: `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}` });
    const intent = await stripe.paymentIntents.retrieve(error.payment_intent?.id ?? '');
    expect(intent).toMatchObject({
      status: 'requires_payment_method', payment_method: null, latest_charge: error.charge,
      last_payment_error: { code, decline_code: declineCode, advice_code: advice, type: 'card_error', charge: error.charge },
    });
    const charge = await stripe.charges.retrieve(error.charge ?? '');
    expect(charge).toMatchObject({ status: 'failed', paid: false, failure_code: code });
    expect(charge.outcome).toMatchObject(
      token === 'pm_card_radarBlock'
        ? { type: 'blocked', risk_level: 'highest', network_status: 'not_sent_to_network' }
        : { type: 'issuer_declined', network_status: 'declined_by_network', advice_code: advice },
    );
  });

  it('lets the same intent be paid with another method after a decline', async () => {
    const error = await declineOf(pay('pm_card_visa_chargeDeclined'));
    const paid = await stripe.paymentIntents.confirm(error.payment_intent?.id ?? '', { payment_method: 'pm_card_visa' });
    expect(paid).toMatchObject({ status: 'requires_capture', last_payment_error: null });
    expect((await stripe.charges.list({ payment_intent: paid.id })).data.map((one) => one.status)).toEqual(['succeeded', 'failed']);
  });

  it('declines when attaching, except the card that is made to fail later', async () => {
    const customer = await stripe.customers.create();
    await declineOf(stripe.paymentMethods.attach('pm_card_visa_chargeDeclined', { customer: customer.id }));
    const method = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: customer.id });
    expect((await declineOf(pay(method.id, { customer: customer.id, off_session: true }))).code).toBe('card_declined');
  });

  it('leaves nothing of a customer whose first method is declined', async () => {
    const before = (await stripe.customers.list({ limit: 100 })).data.length;
    await declineOf(stripe.customers.create({ email: 'nobody@example.com', payment_method: 'pm_card_visa_chargeDeclined' }));
    expect((await stripe.customers.list({ limit: 100 })).data).toHaveLength(before);
  });

  it('knows cards by number, and refuses wrong ones', async () => {
    const card = (number: string, year = 2040) =>
      stripe.paymentMethods.create({ type: 'card', card: { number, exp_month: 12, exp_year: year, cvc: '123' } });
    expect((await card('4000 0000 0000 9995')).card).toMatchObject({ last4: '9995', brand: 'visa', exp_year: 2040 });
    expect((await declineOf(card('4242424242424241'))).code).toBe('incorrect_number');
    expect((await declineOf(card('4242424242424242', 2020))).code).toBe('invalid_expiry_year');
    const token = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_mastercard' } });
    expect(token.card?.brand).toBe('mastercard');
  });

  it('asks for 3-D Secure, and holds the money once it is completed', async () => {
    const waiting = await pay('pm_card_threeDSecure2Required', { return_url: 'https://shop.example/back' });
    expect(waiting).toMatchObject({ status: 'requires_action', latest_charge: null, amount_capturable: 0 });
    const url = waiting.next_action?.redirect_to_url?.url ?? '';
    expect(await (await fetch(url)).text()).toContain('Complete authentication');
    const back = await fetch(`${url}/complete`, { method: 'POST', headers: { accept: 'text/html' }, redirect: 'manual' });
    expect(back.headers.get('location')).toMatch(/^https:\/\/shop\.example\/back\?payment_intent=pi_.*&redirect_status=succeeded$/);
    const held = await stripe.paymentIntents.retrieve(waiting.id, { expand: ['latest_charge'] });
    expect(held).toMatchObject({
      status: 'requires_capture',
      latest_charge: { payment_method_details: { card: { three_d_secure: { result: 'authenticated' } } } },
    });
    expect(await authenticate(waiting.id, 'complete')).toBe(409);
  });

  it('wants another method when 3-D Secure fails, or the bank declines after it', async () => {
    const waiting = await pay('pm_card_threeDSecure2Required');
    await authenticate(waiting.id, 'fail');
    expect(await stripe.paymentIntents.retrieve(waiting.id)).toMatchObject({
      status: 'requires_payment_method', last_payment_error: { code: 'payment_intent_authentication_failure' },
    });
    const poor = await pay('pm_card_authenticationRequiredChargeDeclinedInsufficientFunds');
    await authenticate(poor.id, 'complete');
    expect(await stripe.paymentIntents.retrieve(poor.id)).toMatchObject({
      status: 'requires_payment_method', last_payment_error: { decline_code: 'insufficient_funds' },
    });
  });

  it('declines without the customer what asks for authentication, unless it was set up', async () => {
    expect(await declineOf(pay('pm_card_authenticationRequired', { off_session: true }))).toMatchObject({
      code: 'authentication_required', decline_code: 'authentication_required',
    });
    const customer = await stripe.customers.create();
    const setup = await stripe.setupIntents.create({
      customer: customer.id, payment_method: 'pm_card_authenticationRequiredOnSetup', confirm: true, allowed_payment_method_types: ['card'],
    });
    expect(setup.status).toBe('requires_action');
    await authenticate(setup.id, 'complete');
    const method = setup.payment_method as string;
    expect((await pay(method, { customer: customer.id, off_session: true })).status).toBe('requires_capture');
    expect((await pay(method, { customer: customer.id })).status).toBe('requires_action');
  });
});
