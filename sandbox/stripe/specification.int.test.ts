import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { startSandbox, type Sandbox } from '#sandbox/server.ts';
import { checkedClientFor, type Checked } from '#sandbox/testing/client.ts';
import { loadStripeSpec, type StripeSpec } from '#sandbox/testing/stripe-spec.ts';
import { TEST_CARDS } from './payments/cards.ts';
import { resources } from './resources/index.ts';

/** Not in Stripe's specification under this name, or answered by a refusal only. */
const NEVER_SUCCEEDS = ['POST /payment_intents/:id/increment_authorization'];

const CARD = { allowed_payment_method_types: ['card' as const] };

describe('every answer fits Stripe\'s published OpenAPI description', () => {
  let sandbox: Sandbox;
  let spec: StripeSpec;
  let stripe: Stripe;
  let checked: Checked;

  beforeAll(async () => {
    spec = await loadStripeSpec();
    sandbox = await startSandbox({ databasePath: ':memory:' });
    checked = checkedClientFor(sandbox.url, spec);
    stripe = checked.stripe;
  }, 60_000);

  afterEach(() => {
    expect(checked.violations.splice(0)).toEqual([]);
  });

  afterAll(() => sandbox.close());

  const control = (path: string, body: object = {}) =>
    fetch(`${sandbox.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

  const pay = (method: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
    stripe.paymentIntents.create({ amount: 2000, currency: 'usd', confirm: true, payment_method: method, ...CARD, ...more });

  it('for customers and their payment methods', async () => {
    const customer = await stripe.customers.create({
      name: 'Ada', email: 'ada@example.com', payment_method: 'pm_card_visa', address: { line1: '1 Road', country: 'GB' },
      invoice_settings: { default_payment_method: 'pm_card_visa' }, metadata: { a: 'b' },
    });
    await stripe.customers.update(customer.id, { phone: '1', shipping: { name: 'Ada', address: { line1: 'x' } } });
    await stripe.customers.retrieve(customer.id, { expand: ['invoice_settings.default_payment_method'] });
    await stripe.customers.list({ email: 'ada@example.com', expand: ['data.invoice_settings.default_payment_method'] });
    const methods = await stripe.customers.listPaymentMethods(customer.id);
    await stripe.customers.retrievePaymentMethod(customer.id, methods.data[0]?.id ?? '');
    const method = await stripe.paymentMethods.create({
      type: 'card', card: { number: '5555555555554444', exp_month: 1, exp_year: 2040, cvc: '123' }, billing_details: { name: 'Ada' },
    });
    await stripe.paymentMethods.attach(method.id, { customer: customer.id });
    await stripe.paymentMethods.update(method.id, { billing_details: { email: 'a@example.com' }, card: { exp_month: 2 } });
    await stripe.paymentMethods.retrieve(method.id, { expand: ['customer'] });
    await stripe.paymentMethods.list({ customer: customer.id, type: 'card' });
    await stripe.paymentMethods.detach(method.id);
    await stripe.customers.del(customer.id);
    await stripe.customers.retrieve(customer.id);
  });

  it('for payments, captures, cancels, refunds and the balance', async () => {
    const held = await pay('pm_card_visa', { capture_method: 'manual', expand: ['latest_charge.balance_transaction', 'payment_method'] });
    await stripe.paymentIntents.capture(held.id, { amount_to_capture: 1500 });
    const charge = (held.latest_charge as Stripe.Charge).id;
    const refund = await stripe.refunds.create({ payment_intent: held.id, amount: 500, reason: 'requested_by_customer', expand: ['charge'] });
    await stripe.refunds.update(refund.id, { metadata: { why: 'test' } });
    await stripe.refunds.retrieve(refund.id, { expand: ['balance_transaction', 'payment_intent'] });
    await stripe.refunds.list({ charge, expand: ['data.charge'] });
    await stripe.charges.update(charge, { description: 'x' });
    await stripe.charges.retrieve(charge, { expand: ['refunds', 'balance_transaction', 'payment_intent'] });
    await stripe.charges.list({ payment_intent: held.id });
    const movements = await stripe.balanceTransactions.list({ source: charge, expand: ['data.source'] });
    await stripe.balanceTransactions.retrieve(movements.data[0]?.id ?? '');

    const open = await stripe.paymentIntents.create({ amount: 900, currency: 'eur', automatic_payment_methods: { enabled: true } });
    await stripe.paymentIntents.update(open.id, { amount: 950, description: 'y', shipping: { name: 'A', address: { line1: 'x' } } });
    await stripe.paymentIntents.confirm(open.id, { payment_method: 'pm_card_amex', return_url: 'https://example.com/back' });
    await stripe.paymentIntents.retrieve(open.id, { expand: ['latest_charge', 'customer'] });
    await stripe.paymentIntents.list({ limit: 2, expand: ['data.latest_charge'] });
    const canceled = await pay('pm_card_mastercard', { capture_method: 'manual' });
    await stripe.paymentIntents.cancel(canceled.id, { cancellation_reason: 'duplicate' });

    const late = await pay('pm_card_pendingRefund');
    await stripe.refunds.cancel((await stripe.refunds.create({ payment_intent: late.id })).id);
    const bounced = await stripe.refunds.create({ payment_intent: (await pay('pm_card_refundFail')).id });
    const lapsing = await pay('pm_card_visa', { capture_method: 'manual' });
    await control('/_sandbox/clock', { advance_seconds: 8 * 86_400 });
    expect((await stripe.refunds.retrieve(bounced.id)).status).toBe('failed');
    expect((await stripe.paymentIntents.retrieve(lapsing.id)).cancellation_reason).toBe('expired');
  });

  it('for multicapture', async () => {
    await control('/_sandbox/multicapture', { enabled: true });
    const intent = await pay('pm_card_visa', {
      capture_method: 'manual', payment_method_options: { card: { request_multicapture: 'if_available' } }, expand: ['latest_charge'],
    });
    await stripe.paymentIntents.capture(intent.id, { amount_to_capture: 700, final_capture: false });
    await stripe.paymentIntents.capture(intent.id, { amount_to_capture: 800, final_capture: true });
    await stripe.paymentIntents.retrieve(intent.id, { expand: ['latest_charge'] });
    const partly = await pay('pm_card_visa', { capture_method: 'manual', payment_method_options: { card: { request_multicapture: 'if_available' } } });
    await stripe.paymentIntents.capture(partly.id, { amount_to_capture: 700, final_capture: false });
    await stripe.paymentIntents.cancel(partly.id, { expand: ['latest_charge'] });
  });

  it.each(TEST_CARDS.flatMap((card) => card.tokens.slice(0, 1)))('for pm_card_%s, on and off session', async (token) => {
    for (const more of [{ return_url: 'https://example.com' }, { off_session: true }, {}]) {
      try {
        const intent = await pay(`pm_card_${token}`, { ...more, expand: ['latest_charge'] });
        if (intent.status !== 'requires_action') continue;
        await fetch(`${sandbox.url}/3ds/${intent.id}/complete`, { method: 'POST' });
        await stripe.paymentIntents.retrieve(intent.id, { expand: ['latest_charge', 'payment_method'] });
      } catch (error) {
        if ((error as Stripe.errors.StripeError).type !== 'StripeCardError') throw error;
      }
    }
  });

  it('for setups', async () => {
    const customer = await stripe.customers.create({});
    const setup = await stripe.setupIntents.create({ customer: customer.id, ...CARD });
    await stripe.setupIntents.update(setup.id, { description: 'later' });
    await stripe.setupIntents.confirm(setup.id, { payment_method: 'pm_card_authenticationRequiredOnSetup', return_url: 'https://example.com' });
    await fetch(`${sandbox.url}/3ds/${setup.id}/complete`, { method: 'POST' });
    expect((await stripe.setupIntents.retrieve(setup.id, { expand: ['payment_method', 'customer'] })).status).toBe('succeeded');
    const failing = await stripe.setupIntents.create({ confirm: true, payment_method: 'pm_card_threeDSecure2Required', ...CARD });
    await fetch(`${sandbox.url}/3ds/${failing.id}/fail`, { method: 'POST' });
    await stripe.setupIntents.retrieve(failing.id);
    await stripe.setupIntents.cancel(failing.id);
    await stripe.setupIntents.list({ customer: customer.id });
    await expect(stripe.setupIntents.create({ confirm: true, payment_method: 'pm_card_visa_chargeDeclined', ...CARD })).rejects.toThrow();
  });

  it('for disputes', async () => {
    const [won, lost] = [await pay('pm_card_createDispute'), await pay('pm_card_createDisputeProductNotReceived')];
    const dispute = (await stripe.disputes.list({ payment_intent: won.id })).data[0] as Stripe.Dispute;
    await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: 'winning_evidence' }, submit: true });
    expect((await stripe.disputes.retrieve(dispute.id, { expand: ['charge', 'payment_intent'] })).status).toBe('won');
    const other = (await stripe.disputes.list({ payment_intent: lost.id })).data[0] as Stripe.Dispute;
    await stripe.disputes.close(other.id);
  });

  it('for endpoints, accounts and refusals', async () => {
    const endpoint = await stripe.webhookEndpoints.create({ url: 'http://127.0.0.1:9/x', enabled_events: ['charge.failed'] });
    await stripe.webhookEndpoints.update(endpoint.id, { disabled: true });
    await stripe.webhookEndpoints.retrieve(endpoint.id);
    await stripe.webhookEndpoints.list();
    await stripe.webhookEndpoints.del(endpoint.id);
    const account = await stripe.accounts.retrieveCurrent();
    await stripe.accounts.retrieve(account.id);
    await expect(stripe.paymentIntents.retrieve('pi_none')).rejects.toThrow('No such payment_intent');
    await expect(stripe.paymentIntents.incrementAuthorization('pi_none', { amount: 5 })).rejects.toThrow();
    await expect(stripe.paymentIntents.create({ amount: 0, currency: 'usd' })).rejects.toThrow();
    await expect(stripe.paymentIntents.create({ amount: 100, currency: 'nix' })).rejects.toThrow();
  });

  it('for all events that all of this caused, and the objects in them', async () => {
    const types = new Set<string>();
    const first = (await stripe.events.list({ limit: 1 })).data[0] as Stripe.Event;
    await stripe.events.retrieve(first.id);
    for await (const event of stripe.events.list({ limit: 100 })) {
      types.add(event.type);
      spec.assertObject(event.data.object as unknown as { object: string });
    }
    expect([...types].sort()).toEqual(expect.arrayContaining([
      'charge.captured', 'charge.dispute.closed', 'charge.dispute.created', 'charge.expired', 'charge.failed', 'charge.refund.updated',
      'charge.refunded', 'charge.succeeded', 'customer.created', 'customer.deleted', 'customer.updated',
      'payment_intent.amount_capturable_updated', 'payment_intent.canceled', 'payment_intent.created', 'payment_intent.payment_failed',
      'payment_intent.requires_action', 'payment_intent.succeeded', 'payment_method.attached', 'payment_method.detached',
      'payment_method.updated', 'refund.created', 'refund.failed', 'refund.updated', 'setup_intent.canceled', 'setup_intent.created',
      'setup_intent.requires_action', 'setup_intent.setup_failed', 'setup_intent.succeeded',
    ]));
  });

  it('and no route was left out', () => {
    const routes = resources.map((one) => `${one.method} ${one.path}`).filter((one) => !NEVER_SUCCEEDS.includes(one));
    const succeeded = new Set([...checked.answers].filter((one) => one.endsWith(' 200')).map(routeOf));
    expect(routes.filter((one) => !succeeded.has(one))).toEqual([]);
  });

  it('and a wrong answer would be noticed', () => {
    expect(() => spec.assertObject({ object: 'refund' })).toThrow('required');
    const intent = { id: 'pi_1', object: 'payment_intent', created: 1, livemode: false, status: 'succeeded' };
    expect(() => spec.assertObject({ ...intent, ammount: 5 } as { object: string })).toThrow('ammount');
    expect(() => spec.assertObject({ ...intent, amount: '5' } as { object: string })).toThrow('must be integer');
  });
});

function routeOf(answer: string): string {
  const [method, path] = answer.replace('/v1', '').split(' ') as [string, string];
  const given = path.split('/');
  const found = resources.find((one) => {
    const wanted = one.path.split('/');
    return one.method === method && wanted.length === given.length && wanted.every((part, i) => part.startsWith(':') || part === given[i]);
  });
  return `${method} ${found?.path ?? path}`;
}
