import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Stripe from 'stripe';
import { newId } from '#domain/ids.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { handleWebhookEvent, type Telling } from '#entities/webhook-inbox/handle.ts';
import type { StripeEvent } from '#domain/webhooks/stripe-claim.ts';
import { startTestApp, type TestApp, type TestTenant } from '../../routes/test-app.ts';

let api: TestApp;
let tenant: TestTenant;
let connection: string;
beforeAll(async () => {
  api = await startTestApp();
  tenant = await api.createTenant();
  const { body } = await api.as(tenant.key)('POST', '/api/connections', {
    provider: 'stripe', name: 'Main', credentials: { secret_key: 'sk_test_webhooks' }, webhook_secrets: ['whsec_new', 'whsec_old'],
  });
  connection = (body as { id: string }).id;
});
afterAll(() => api.stop());

let count = 0;

function stripeEvent(type: string, object: Record<string, unknown>, more: Partial<StripeEvent> = {}): StripeEvent {
  return { id: `evt_${(count += 1)}`, type, created: Math.floor(Date.now() / 1000), data: { object }, ...more };
}

const logged = () => stripeEvent('charge.updated', { id: 'ch_1' });

async function deliver(event: StripeEvent, options: { secret?: string; at?: number; id?: string; change?: string } = {}) {
  const payload = JSON.stringify(event, null, 2);
  const signature = Stripe.webhooks.generateTestHeaderString({
    payload, secret: options.secret ?? 'whsec_new', timestamp: options.at ?? Math.floor(Date.now() / 1000),
  });
  return api.app.inject({
    method: 'POST', url: `/webhooks/stripe/${options.id ?? connection}`, payload: payload + (options.change ?? ''),
    headers: { 'stripe-signature': signature, 'content-type': 'application/json; charset=utf-8' },
  });
}

const rowsOf = (event: StripeEvent) =>
  inTenant(api.database, tenant, (sql) => sql.selectFrom('webhook_events').where('provider_event_id', '=', event.id).selectAll().execute());

/** An order with one authorised payment at Stripe. */
async function placeOrder(providerRef: string | null, status = 'authorized'): Promise<{ orderId: string; paymentId: string }> {
  const [orderId, paymentId, customerId, now] = [newId('order'), newId('payment'), newId('customer'), new Date()];
  const owned = { tenant_id: tenant.tenantId, livemode: tenant.livemode };
  await inTenant(api.database, tenant, async (sql) => {
    await sql
      .insertInto('customers')
      .values({ id: customerId, ...owned, email_index: customerId, profile_sealed: 'x', status: 'active', created_at: now, updated_at: now })
      .execute();
    await sql
      .insertInto('orders')
      .values({
        id: orderId, ...owned, number: (count += 1), version: 1, status: 'confirmed', payment_status: 'authorized', fulfillment_status: 'unfulfilled',
        currency: 'USD', subtotal: 2000, discount: 0, shipping: 0, tax: 0, total: 2000, customer_id: customerId, contact_sealed: 'x',
        workflow_id: `order/${orderId}`, placed_at: now, created_at: now, updated_at: now,
      })
      .execute();
    await sql
      .insertInto('order_payments')
      .values({
        id: paymentId, ...owned, order_id: orderId, connection_id: connection, provider: 'stripe', provider_ref: providerRef, attempt: 1, status,
        currency: 'USD', amount: 2000, created_at: now, updated_at: now,
      })
      .execute();
  });
  return { orderId, paymentId };
}

/** Decides again, as the sweeper does; answers what the owner was told. */
async function redrive(event: StripeEvent, owner: (news: Telling['news']) => Promise<unknown> = async () => undefined): Promise<Telling['news'][]> {
  const told: Telling['news'][] = [];
  const [row] = await rowsOf(event);
  await handleWebhookEvent(
    { database: api.database, keyRing: api.keyRing, tellOwner: async ({ workflowId, news }) => (told.push(news), await owner(news), workflowId) },
    { id: row!.id, scope: tenant },
  );
  return told;
}

/** Until what follows the answer has been tried (Temporal is away here, so that nothing is ever signalled). */
async function stored(event: StripeEvent): Promise<void> {
  expect((await deliver(event)).statusCode).toBe(200);
}

describe('a delivery', () => {
  it('is stored once, sealed, however often it comes', async () => {
    const event = logged();
    const answers = await Promise.all([deliver(event), deliver(event), deliver(event)]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    expect(answers[0]!.json()).toEqual({ received: true });
    const rows = await rowsOf(event);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ type: 'charge.updated', object_id: 'ch_1', status: 'ignored', connection_id: connection });
    expect(rows[0]!.payload_sealed).not.toContain('ch_1');
    expect(api.keyRing.open(rows[0]!.payload_sealed, rows[0]!.id)).toEqual(event);
  });

  it('can be driven again: the 202 says where and when to look', async () => {
    const event = logged();
    await stored(event);
    const [row] = await rowsOf(event);
    const { status, headers } = await api.as(tenant.key)('POST', `/api/webhook-events/${row!.id}/redrive`, {});
    expect([status, headers.location, headers['retry-after']]).toEqual([202, `/api/webhook-events/${row!.id}`, '10']);
  });

  it('may be signed with the secret that is being replaced', async () => {
    expect((await deliver(logged(), { secret: 'whsec_old' })).statusCode).toBe(200);
  });

  it.each<[string, Parameters<typeof deliver>[1]]>([
    ['another secret', { secret: 'whsec_other' }],
    ['an old timestamp', { at: Math.floor(Date.now() / 1000) - 301 }],
    ['changed bytes', { change: ' ' }],
  ])('with %s is refused and not stored', async (_name, options) => {
    const event = logged();
    const answer = await deliver(event, options);
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(await rowsOf(event)).toEqual([]);
  });

  it('without a signature, to an unknown address or too large is refused', async () => {
    const bare = await api.app.inject({ method: 'POST', url: `/webhooks/stripe/${connection}`, payload: '{}', headers: { 'content-type': 'application/json' } });
    expect(bare.statusCode).toBe(401);
    expect((await deliver(logged(), { id: newId('connection') })).statusCode).toBe(404);
    expect((await deliver(stripeEvent('charge.updated', { filler: 'x'.repeat(1_100_000) }))).statusCode).toBe(413);
  });
});

describe('an event', () => {
  it('that says what is recorded is ignored', async () => {
    const { orderId } = await placeOrder('pi_known');
    const event = stripeEvent('payment_intent.amount_capturable_updated', { id: 'pi_known', status: 'requires_capture' });
    await stored(event);
    await redrive(event);
    expect(await rowsOf(event)).toMatchObject([{ status: 'ignored', order_id: orderId, next_attempt_at: null }]);
  });

  it('of the dashboard is told to the order, and again if nothing follows', async () => {
    const { paymentId, orderId } = await placeOrder('pi_dashboard');
    const event = stripeEvent('payment_intent.succeeded', { id: 'pi_dashboard', status: 'succeeded', amount_received: 2000 });
    await stored(event);
    const [row] = await rowsOf(event);
    expect(await redrive(event)).toEqual([{ webhookEventId: row!.id, paymentId, kind: 'payment' }]);
    expect(await rowsOf(event)).toMatchObject([{ status: 'signalled', workflow_id: `order/${orderId}` }]);
    expect(await redrive(event)).toHaveLength(1);
  });

  it('that comes before the events that went before it ends in the same state', async () => {
    await placeOrder('pi_reordered');
    const later = stripeEvent('payment_intent.canceled', { id: 'pi_reordered', status: 'canceled' });
    const earlier = stripeEvent('payment_intent.requires_action', { id: 'pi_reordered', status: 'requires_action' });
    await stored(later);
    await stored(earlier);
    expect(await redrive(later)).toHaveLength(1);
    expect(await redrive(earlier)).toEqual([]);
  });

  it('of our own request waits until its rows are written', async () => {
    const { paymentId } = await placeOrder(null, 'pending');
    const event = stripeEvent(
      'payment_intent.amount_capturable_updated',
      { id: 'pi_own', status: 'requires_capture', metadata: { perdura_payment: paymentId } },
      { request: { idempotency_key: 'order/ord_x/authorize/1' } },
    );
    await stored(event);
    expect(await redrive(event)).toEqual([]);
    expect(await rowsOf(event)).toMatchObject([{ status: 'received' }]);
    await inTenant(api.database, tenant, (sql) =>
      sql.updateTable('order_payments').set({ status: 'authorized', provider_ref: 'pi_own' }).where('id', '=', paymentId).execute(),
    );
    expect(await redrive(event)).toEqual([]);
    expect(await rowsOf(event)).toMatchObject([{ status: 'ignored' }]);
  });

  it('for something unknown is kept, and told once it is known', async () => {
    const event = stripeEvent('refund.created', { id: 're_early', status: 'succeeded', payment_intent: 'pi_early' });
    await stored(event);
    await redrive(event);
    const [row] = await rowsOf(event);
    expect(row).toMatchObject({ status: 'unmatched' });
    expect(row!.next_attempt_at!.getTime()).toBeGreaterThan(Date.now());
    const { paymentId } = await placeOrder('pi_early');
    expect(await redrive(event)).toEqual([{ webhookEventId: row!.id, paymentId, kind: 'refund', refundRef: 're_early' }]);
  });

  it.each([
    ['of our own refund names it', (paymentId: string) => paymentId, true],
    ['that bears the mark of another payment names none', () => newId('payment'), false],
  ])('%s', async (_name, marked, named) => {
    const ref = `pi_${newId('payment')}`;
    const { paymentId } = await placeOrder(ref, 'captured');
    const refundId = newId('refund');
    const metadata = { perdura_refund: refundId, perdura_payment: marked(paymentId) };
    const event = stripeEvent('refund.updated', { id: `re_${ref}`, status: 'succeeded', payment_intent: ref, metadata });
    await stored(event);
    const [told] = await redrive(event);
    expect([told?.kind, told?.refundRef, told?.refundId]).toEqual(['refund', `re_${ref}`, named ? refundId : undefined]);
  });

  it.each([
    ['applied', { status: 'applied' }, { status: 'applied', next_attempt_at: null }],
    ['given up', { status: 'failed', last_error: 'gone' }, { status: 'failed', last_error: 'gone', next_attempt_at: null }],
    ['left for later', { last_error: 'gone', attempts: 1 }, { status: 'signalled', last_error: 'gone', attempts: 1, next_attempt_at: expect.any(Date) }],
  ])('that is %s before the telling has returned stays as its owner wrote it', async (name, written, row) => {
    const ref = `pi_quick_${name}`;
    const { orderId } = await placeOrder(ref);
    const event = stripeEvent('payment_intent.canceled', { id: ref, status: 'canceled' });
    await stored(event);
    const next = 'status' in written ? { next_attempt_at: null } : {};
    await redrive(event, () => inTenant(api.database, tenant, (sql) => sql.updateTable('webhook_events').set({ ...written, ...next }).where('provider_event_id', '=', event.id).execute()));
    expect(await rowsOf(event)).toMatchObject([{ ...row, order_id: orderId }]);
    if (name !== 'left for later') return;
    // Told once more: the reason stays for who counts the looks that found it.
    await redrive(event);
    expect(await rowsOf(event)).toMatchObject([{ status: 'signalled', last_error: 'gone', attempts: 2 }]);
  });

  it('that was applied stays so', async () => {
    await placeOrder('pi_applied');
    const event = stripeEvent('payment_intent.canceled', { id: 'pi_applied', status: 'canceled' });
    await stored(event);
    await inTenant(api.database, tenant, (sql) => sql.updateTable('webhook_events').set({ status: 'applied' }).where('provider_event_id', '=', event.id).execute());
    expect(await redrive(event)).toEqual([]);
    expect(await rowsOf(event)).toMatchObject([{ status: 'applied' }]);
  });
});
