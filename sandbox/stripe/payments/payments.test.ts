import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { runSandbox, type RunningSandbox } from '#sandbox/testing/run.ts';

const DAY = 86_400;

describe('payments', () => {
  let sandbox: RunningSandbox;
  let stripe: Stripe;

  beforeAll(async () => {
    sandbox = await runSandbox();
    stripe = sandbox.stripe;
  });
  afterAll(() => sandbox.close());

  const pay = (more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
    stripe.paymentIntents.create({
      amount: 2000, currency: 'usd', confirm: true, payment_method: 'pm_card_visa', allowed_payment_method_types: ['card'], ...more,
    });
  const chargeOf = async (intent: Stripe.PaymentIntent) => stripe.charges.retrieve(intent.latest_charge as string);
  /** The types of all events about an intent or its charge, in order of the alphabet. */
  const eventsOf = async (intent: Stripe.PaymentIntent) => {
    const all = await stripe.events.list({ limit: 100 }).autoPagingToArray({ limit: 1000 });
    const about = all.filter(({ data }) => [intent.id, intent.latest_charge].includes((data.object as { id?: string }).id ?? ''));
    return about.map(({ type }) => type as string).sort();
  };
  const books = async (key: string) =>
    (await sandbox.control<{ data: Record<string, unknown>[] }>('GET', `books?api_key=${key}`)).data;

  it('captures at once by default', async () => {
    const intent = await pay();
    expect(intent).toMatchObject({ status: 'succeeded', amount_received: 2000, amount_capturable: 0 });
    expect(await chargeOf(intent)).toMatchObject({
      captured: true, amount_captured: 2000, paid: true, outcome: { network_status: 'approved_by_network', risk_level: 'normal' },
    });
  });

  it('authorises, and captures later', async () => {
    const held = await pay({ capture_method: 'manual' });
    expect(held).toMatchObject({ status: 'requires_capture', amount_capturable: 2000, amount_received: 0 });
    const card = (await chargeOf(held)).payment_method_details?.card;
    expect((card?.capture_before ?? 0) - held.created).toBe(7 * DAY);
    expect(await stripe.paymentIntents.capture(held.id)).toMatchObject({ status: 'succeeded', amount_received: 2000 });
    await expect(stripe.paymentIntents.capture(held.id)).rejects.toMatchObject({
      statusCode: 400, code: 'payment_intent_unexpected_state', payment_intent: { id: held.id },
    });
  });

  it('holds a Visa authorised without the customer for less time', async () => {
    const held = await pay({ capture_method: 'manual', off_session: true });
    const card = (await chargeOf(held)).payment_method_details?.card;
    expect((card?.capture_before ?? 0) - held.created).toBe(4 * DAY + 18 * 3600);
  });

  it('releases the rest of a partial capture, and never captures more than the hold', async () => {
    const held = await pay({ capture_method: 'manual' });
    await expect(stripe.paymentIntents.capture(held.id, { amount_to_capture: 2001 })).rejects.toMatchObject({ code: 'amount_too_large' });
    await expect(stripe.paymentIntents.capture(held.id, { amount_to_capture: 500, final_capture: false })).rejects.toMatchObject({
      param: 'final_capture',
    });
    const done = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 500 });
    expect(done).toMatchObject({ status: 'succeeded', amount: 2000, amount_received: 500, amount_capturable: 0 });
    expect(await chargeOf(done)).toMatchObject({ amount_captured: 500, amount_refunded: 0, refunded: false });
    await expect(stripe.refunds.create({ payment_intent: held.id, amount: 501 })).rejects.toMatchObject({ param: 'amount' });
    await stripe.refunds.create({ payment_intent: held.id, amount: 500 });
    expect(await chargeOf(done)).toMatchObject({ amount_refunded: 500, refunded: true });
    await expect(stripe.refunds.create({ payment_intent: held.id })).rejects.toMatchObject({ code: 'charge_already_refunded' });
  });

  it('cancels a hold, not a payment', async () => {
    const held = await pay({ capture_method: 'manual' });
    const canceled = await stripe.paymentIntents.cancel(held.id, { cancellation_reason: 'requested_by_customer' });
    expect(canceled).toMatchObject({ status: 'canceled', amount_capturable: 0, cancellation_reason: 'requested_by_customer' });
    expect(await chargeOf(canceled)).toMatchObject({ captured: false, amount_captured: 0, refunded: false, amount_refunded: 0 });
    expect(await eventsOf(held)).toEqual(['charge.succeeded', 'payment_intent.amount_capturable_updated', 'payment_intent.canceled', 'payment_intent.created']);
    await expect(stripe.paymentIntents.cancel((await pay()).id)).rejects.toMatchObject({ code: 'payment_intent_unexpected_state' });
  });

  it('lets a hold lapse when its time is over', async () => {
    const held = await pay({ capture_method: 'manual' });
    await sandbox.control('POST', 'clock', { advance_seconds: 7 * DAY - 60 });
    expect((await stripe.paymentIntents.retrieve(held.id)).status).toBe('requires_capture');
    await sandbox.control('POST', 'clock', { advance_seconds: 60 });
    const lapsed = await stripe.paymentIntents.retrieve(held.id);
    expect(lapsed).toMatchObject({ status: 'canceled', cancellation_reason: 'expired' });
    expect(lapsed.canceled_at).toBe(held.created + 7 * DAY);
    expect(await eventsOf(held)).toEqual(expect.arrayContaining(['charge.expired', 'payment_intent.canceled']));
    await sandbox.control('POST', 'clock', { reset: true });
  });

  it('merges metadata, and deletes by an empty value', async () => {
    const intent = await stripe.paymentIntents.create({ amount: 100, currency: 'eur', metadata: { a: '1', b: '2' } });
    expect(intent.status).toBe('requires_payment_method');
    expect((await stripe.paymentIntents.update(intent.id, { metadata: { a: '', c: '3' } })).metadata).toEqual({ b: '2', c: '3' });
    expect((await stripe.paymentIntents.update(intent.id, { metadata: '' })).metadata).toEqual({});
  });

  it('refuses what Stripe refuses', async () => {
    await expect(stripe.paymentIntents.create({ amount: 10, currency: 'usd' })).rejects.toMatchObject({ code: 'amount_too_small' });
    await expect(stripe.paymentIntents.create({ amount: 550, currency: 'isk' })).rejects.toMatchObject({ code: 'invalid_charge_amount_no_decimal_compatible' });
    await expect(stripe.paymentIntents.create({ amount: 100, currency: 'abc' })).rejects.toMatchObject({ param: 'currency' });
    await expect(stripe.paymentIntents.create({ amount: 100 } as Stripe.PaymentIntentCreateParams)).rejects.toMatchObject({
      code: 'parameter_missing', param: 'currency',
    });
    const misspelt = { amount: 100, currency: 'usd', capture_methd: 'manual' } as Stripe.PaymentIntentCreateParams;
    await expect(stripe.paymentIntents.create(misspelt)).rejects.toMatchObject({ code: 'parameter_unknown', param: 'capture_methd' });
    await expect(
      stripe.paymentIntents.create({ amount: 100, currency: 'usd', confirm: true, payment_method: 'pm_card_visa' }),
    ).rejects.toMatchObject({ param: 'return_url' });
    await expect(stripe.paymentIntents.retrieve('pi_x')).rejects.toMatchObject({ statusCode: 404, code: 'resource_missing' });
    await expect(pay({ payment_method: 'pm_x' })).rejects.toMatchObject({ statusCode: 400, code: 'resource_missing' });
  });

  it('lets a method without a customer be used once, an attached one often', async () => {
    const once = await pay();
    await expect(pay({ payment_method: once.payment_method as string })).rejects.toThrow('may not be used again');
    const customer = await stripe.customers.create({ payment_method: 'pm_card_visa' });
    const method = (await stripe.customers.listPaymentMethods(customer.id)).data[0]?.id ?? '';
    await expect(pay({ payment_method: method })).rejects.toThrow('you must provide the customer');
    for (let i = 0; i < 2; i++) {
      expect((await pay({ payment_method: method, customer: customer.id, off_session: true })).status).toBe('succeeded');
    }
  });

  it('keeps a method for later with setup_future_usage', async () => {
    const customer = await stripe.customers.create({ email: 'later@example.com' });
    const first = await pay({ customer: customer.id, setup_future_usage: 'off_session' });
    const again = await pay({ customer: customer.id, payment_method: first.payment_method as string, off_session: true });
    expect(again.status).toBe('succeeded');
    expect((await stripe.paymentIntents.list({ customer: customer.id })).data.map((one) => one.id)).toEqual([again.id, first.id]);
  });

  it('settles and fails refunds of the cards made for it', async () => {
    const settles = await stripe.refunds.create({ payment_intent: (await pay({ payment_method: 'pm_card_pendingRefund' })).id });
    const bounced = await pay({ payment_method: 'pm_card_refundFail' });
    const fails = await stripe.refunds.create({ payment_intent: bounced.id });
    expect([settles.status, fails.status]).toEqual(['pending', 'succeeded']);
    await sandbox.control('POST', 'clock', { advance_seconds: 10 });
    expect((await stripe.refunds.retrieve(settles.id)).status).toBe('succeeded');
    expect(await stripe.refunds.retrieve(fails.id)).toMatchObject({ status: 'failed', failure_reason: 'expired_or_canceled_card' });
    expect(await chargeOf(bounced)).toMatchObject({ amount_refunded: 0, refunded: false });
  });

  it('opens a dispute, and decides it by its evidence', async () => {
    const intent = await pay({ payment_method: 'pm_card_createDispute', capture_method: 'manual' });
    expect((await stripe.disputes.list({ payment_intent: intent.id })).data).toEqual([]);
    await stripe.paymentIntents.capture(intent.id);
    const dispute = (await stripe.disputes.list({ payment_intent: intent.id })).data[0] as Stripe.Dispute;
    expect(dispute).toMatchObject({ status: 'needs_response', reason: 'fraudulent', amount: 2000 });
    await expect(stripe.refunds.create({ payment_intent: intent.id })).rejects.toMatchObject({ code: 'charge_disputed' });
    const lost = await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: 'losing_evidence' } });
    expect(lost.status).toBe('lost');
  });

  it('keeps books of its own, per account and currency', async () => {
    const { clientFor } = await import('#sandbox/testing/client.ts');
    const other = clientFor(sandbox.url, 'sk_test_books');
    const make = (amount: number, currency: string, method = 'pm_card_visa') =>
      other.paymentIntents.create({
        amount, currency, capture_method: 'manual', confirm: true, payment_method: method, allowed_payment_method_types: ['card'],
      });
    const paid = await make(1000, 'usd');
    await other.paymentIntents.capture(paid.id, { amount_to_capture: 600 });
    await other.refunds.create({ payment_intent: paid.id, amount: 200 });
    await make(300, 'eur');
    await expect(make(400, 'eur', 'pm_card_visa_chargeDeclined')).rejects.toMatchObject({ code: 'card_declined' });
    expect(await books('sk_test_books')).toEqual([
      expect.objectContaining({ currency: 'eur', authorized: 300, captured: 0, capturable: 300, charges: 1, charges_failed: 1 }),
      expect.objectContaining({ currency: 'usd', authorized: 1000, captured: 600, refunded: 200, capturable: 0, refunds: 1 }),
    ]);
    await expect(stripe.paymentIntents.retrieve(paid.id)).rejects.toMatchObject({ statusCode: 404 });
  });
});
