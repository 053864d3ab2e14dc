import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { runSandbox, type RunningSandbox } from '#sandbox/testing/run.ts';

describe('lists and expansion', () => {
  let sandbox: RunningSandbox;
  let stripe: Stripe;
  let customer: string;
  const made: string[] = [];

  beforeAll(async () => {
    sandbox = await runSandbox();
    stripe = sandbox.stripe;
    customer = (await stripe.customers.create({ email: 'list@example.com', payment_method: 'pm_card_visa' })).id;
    const method = (await stripe.customers.listPaymentMethods(customer)).data[0]?.id ?? '';
    for (let i = 0; i < 7; i++) {
      const intent = await stripe.paymentIntents.create({
        amount: 1000 + i, currency: 'usd', customer, payment_method: method, confirm: true, off_session: true,
      });
      made.unshift(intent.id);
      if (i === 3) await sandbox.control('POST', 'clock', { advance_seconds: 1000 });
    }
    await stripe.paymentIntents.create({ amount: 5000, currency: 'usd' });
  });
  afterAll(() => sandbox.close());

  it('pages forwards and backwards', async () => {
    const first = await stripe.paymentIntents.list({ customer, limit: 3 });
    expect(first).toMatchObject({ object: 'list', has_more: true, url: '/v1/payment_intents' });
    expect(first.data.map((one) => one.id)).toEqual(made.slice(0, 3));
    const second = await stripe.paymentIntents.list({ customer, limit: 3, starting_after: made[2] ?? '' });
    expect(second.data.map((one) => one.id)).toEqual(made.slice(3, 6));
    const back = await stripe.paymentIntents.list({ customer, limit: 2, ending_before: made[5] ?? '' });
    expect([back.data.map((one) => one.id), back.has_more]).toEqual([made.slice(3, 5), true]);
    const all = await stripe.paymentIntents.list({ customer, limit: 2 }).autoPagingToArray({ limit: 100 });
    expect(all.map((one) => one.id)).toEqual(made);
  });

  it('refuses what is no page', async () => {
    await expect(stripe.paymentIntents.list({ limit: 101 })).rejects.toMatchObject({ param: 'limit' });
    await expect(stripe.paymentIntents.list({ starting_after: 'pi_none' })).rejects.toMatchObject({ param: 'starting_after' });
  });

  it('filters by time, customer, intent and type', async () => {
    const newest = await stripe.paymentIntents.retrieve(made[0] ?? '');
    const late = await stripe.paymentIntents.list({ customer, created: { gte: newest.created - 500 } });
    expect(late.data.map((one) => one.id)).toEqual(made.slice(0, 3));
    const early = await stripe.paymentIntents.list({ customer, created: { lt: newest.created - 500 } });
    expect(early.data.map((one) => one.id)).toEqual(made.slice(3));
    expect((await stripe.charges.list({ payment_intent: made[1] ?? '' })).data).toHaveLength(1);
    expect((await stripe.customers.list({ email: 'list@example.com' })).data.map((one) => one.id)).toEqual([customer]);
    const events = await stripe.events.list({ types: ['payment_intent.succeeded', 'customer.created'], limit: 100 });
    expect(events.data).toHaveLength(8);
    expect((await stripe.events.list({ type: 'customer.created' })).data).toHaveLength(1);
  });

  it('expands ids, in lists too, several levels deep', async () => {
    const expanded = await stripe.paymentIntents.list({
      customer, limit: 1, expand: ['data.latest_charge.balance_transaction', 'data.customer.invoice_settings.default_payment_method'],
    });
    expect(expanded.data[0]).toMatchObject({
      latest_charge: { object: 'charge', balance_transaction: { object: 'balance_transaction', net: 1006 - 59 } },
      customer: { object: 'customer', id: customer },
    });
    await stripe.refunds.create({ payment_intent: made[0] ?? '', amount: 10 });
    const [{ latest_charge: latest } = {}] = expanded.data;
    const id = typeof latest === 'string' ? latest : (latest?.id ?? '');
    const charge = await stripe.charges.retrieve(id, { expand: ['refunds', 'payment_intent.customer'] });
    expect(charge.refunds?.data).toMatchObject([{ object: 'refund', amount: 10 }]);
    expect(charge.payment_intent).toMatchObject({ customer: { id: customer } });
    await expect(stripe.charges.retrieve(charge.id, { expand: ['currency'] })).rejects.toThrow('cannot be expanded (currency)');
  });
});
