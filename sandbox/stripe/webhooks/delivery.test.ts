import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { startReceiver, type Receiver } from '#sandbox/testing/receiver.ts';
import { runSandbox, type RunningSandbox } from '#sandbox/testing/run.ts';

describe('webhooks', () => {
  let sandbox: RunningSandbox;
  let stripe: Stripe;
  let receiver: Receiver;
  let endpoint: Stripe.WebhookEndpoint;

  beforeAll(async () => {
    sandbox = await runSandbox({ webhooks: { retryBaseMs: 20, attempts: 3 } });
    stripe = sandbox.stripe;
  });
  afterAll(() => sandbox.close());
  beforeEach(async () => {
    receiver = await startReceiver();
    endpoint = await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['customer.created', 'customer.updated', 'customer.deleted'] });
  });
  afterEach(async () => {
    await sandbox.control('DELETE', 'faults');
    await stripe.webhookEndpoints.del(endpoint.id);
    await receiver.close();
  });

  const settled = async (): Promise<Record<string, number>> => {
    for (let i = 0; i < 300; i++) {
      const counts = await sandbox.control<Record<string, number>>('GET', 'webhooks');
      if (counts.pending === 0) return counts;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('deliveries never settled');
  };
  const fault = (body: object) => sandbox.control('POST', 'faults', body);

  it('are signed with the endpoint\'s secret and carry the object as it was', async () => {
    const customer = await stripe.customers.create({ name: 'One' });
    await stripe.customers.update(customer.id, { name: 'Two' });
    await receiver.types(2);
    const events = [0, 1].map((index) => receiver.verify(index, endpoint.secret ?? ''));
    const updated = events.find((one) => one.type === 'customer.updated');
    expect(updated).toMatchObject({
      object: 'event', api_version: '2026-10-28.endive', livemode: false,
      data: { object: { id: customer.id, name: 'Two' }, previous_attributes: { name: 'One' } },
    });
    expect(updated?.request?.idempotency_key).toBeTruthy();
    expect(() => receiver.verify(0, 'whsec_wrong')).toThrow();
  });

  it('come only for the types that the endpoint wants', async () => {
    await stripe.paymentIntents.create({ amount: 100, currency: 'usd' });
    await stripe.customers.create();
    await settled();
    expect(await receiver.types(1)).toEqual(['customer.created']);
  });

  it('come again until they are taken', async () => {
    receiver.answers.push(500, 503);
    await stripe.customers.create();
    expect(await receiver.types(3)).toEqual(['customer.created', 'customer.created', 'customer.created']);
    const ids = new Set(receiver.received.map((one) => (JSON.parse(one.body) as Stripe.Event).id));
    expect(ids.size).toBe(1);
    const event = await stripe.events.retrieve([...ids][0] ?? '');
    await settled();
    expect((await stripe.events.list({ delivery_success: true })).data[0]?.id).toBe(event.id);
  });

  it('are given up in the end, and listed as undelivered', async () => {
    receiver.answers.push(500, 500, 500);
    await stripe.customers.create({ name: 'never' });
    await receiver.types(3);
    expect(await settled()).toMatchObject({ failed: 1 });
    const undelivered = await stripe.events.list({ delivery_success: false });
    expect(undelivered.data[0]).toMatchObject({ type: 'customer.created', data: { object: { name: 'never' } } });
  });

  it('can be doubled', async () => {
    await fault({ kind: 'webhook_duplicate', copies: 3, count: 1 });
    await stripe.customers.create();
    await stripe.customers.create();
    expect(await receiver.types(4)).toHaveLength(4);
    const ids = receiver.received.map((one) => (JSON.parse(one.body) as Stripe.Event).id);
    expect(new Set(ids).size).toBe(2);
  });

  it('can be lost', async () => {
    await fault({ kind: 'webhook_drop', match: { type: '^customer\\.created$' } });
    const customer = await stripe.customers.create();
    await stripe.customers.del(customer.id);
    expect(await receiver.types(1)).toEqual(['customer.deleted']);
    expect((await stripe.events.list({ delivery_success: false, type: 'customer.created' })).data[0]?.data.object).toMatchObject({ id: customer.id });
  });

  it('can overtake each other', async () => {
    await fault({ kind: 'webhook_reorder', count: 1, match: { type: 'created' } });
    const customer = await stripe.customers.create();
    await stripe.customers.update(customer.id, { name: 'later' });
    expect(await receiver.types(2)).toEqual(['customer.updated', 'customer.created']);
  });

  it('can be late, and held until released', async () => {
    await fault({ kind: 'webhook_delay', delay_ms: 150, count: 1 });
    await fault({ kind: 'webhook_hold', match: { type: 'updated' } });
    const started = Date.now();
    const customer = await stripe.customers.create();
    await stripe.customers.update(customer.id, { name: 'held' });
    await receiver.types(1);
    expect(Date.now() - started).toBeGreaterThanOrEqual(140);
    expect(await sandbox.control('GET', 'webhooks')).toMatchObject({ held: 1 });
    expect(await sandbox.control('POST', 'webhooks/release')).toEqual({ released: 1 });
    expect(await receiver.types(2)).toEqual(['customer.created', 'customer.updated']);
  });
});
