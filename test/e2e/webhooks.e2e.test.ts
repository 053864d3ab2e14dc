import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { OrderBody } from '#api/routes/orders/schemas.ts';
import type { WebhookEventBody } from '#api/routes/webhook-events/schemas.ts';
import { Shop, type Page, type Problem } from './support/shop.ts';
import { each, eventually, eventuallyHolds } from './support/wait.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open();
}, 180_000);
afterAll(() => shop?.close());
afterEach(() => shop.provider.clearFaults());

const events = async (query: string) => (await shop.get<Page<WebhookEventBody>>(`/api/webhook-events?limit=100&${query}`)).body.data;
const threeDS = 'pm_card_threeDSecure2Required';
const reaches = (id: string, part: Partial<OrderBody>) => eventuallyHolds(async () => expect(await shop.order(id)).toMatchObject(part), 60_000, 200);

describe('events that come twice, late and out of order', () => {
  it('lead to the same end as if each had come once, in order', async () => {
    const sku = await shop.goods({ price: 500, stock: 20 });
    for (const fault of [
      { kind: 'webhook_duplicate', copies: 3, probability: 0.5, seed: 1 },
      { kind: 'webhook_reorder', probability: 0.5, seed: 2 },
      { kind: 'webhook_delay', delay_ms: 700, probability: 0.3, seed: 3 },
    ]) await shop.provider.fault(fault);
    const orders = await each(Array.from({ length: 12 }, (_, n) => n), 4, async (n) => {
      const { body } = await shop.place({ sku, card: n % 3 === 0 ? threeDS : 'pm_card_visa' });
      if (n % 3 === 0) await shop.provider.authenticate(body.payment!.provider_ref!);
      return body;
    });
    await each(orders, 4, ({ id }) => reaches(id, { status: 'confirmed', payment_status: 'authorized' }));
    await each(orders, 4, async (order, n) => {
      const reply = n % 2 ? await shop.ship(order) : await shop.command(order, 'cancel');
      expect(reply.status).toBe(200);
    });
    await eventuallyHolds(async () => {
      for (const { id } of orders) {
        const open = (await events(`order_id=${id}`)).filter(({ status }) => !['applied', 'ignored'].includes(status));
        expect(open).toEqual([]);
      }
    }, 60_000, 500);
    for (const [n, { id }] of orders.entries()) {
      expect(await shop.steps(id)).toEqual(['order.placed', ...(n % 3 ? [] : ['payment.requires_action']), 'order.confirmed', n % 2 ? 'order.shipped' : 'order.cancelled']);
      await reaches(id, n % 2 ? { status: 'shipped', payment_status: 'paid', captured_amount: 500 } : { status: 'cancelled', payment_status: 'voided' });
      const mails = [...(n % 3 ? [] : ['action_required']), 'order_confirmation', ...(n % 2 ? ['payment_receipt', 'order_shipped'] : ['order_cancelled'])];
      await eventuallyHolds(async () => expect(await shop.mailbox.about(id)).toEqual(mails), 30_000);
    }
    expect(await shop.rows.stock(sku)).toEqual({ on_hand: 14, reserved: 0 });
    const doubles = await shop.rows.query('select provider_event_id from webhook_events group by connection_id, provider_event_id having count(*) > 1');
    expect(doubles).toEqual([]);
  }, 150_000);

  it('a dropped one is made up for by asking', async () => {
    const dropped = await shop.provider.fault({ kind: 'webhook_drop', match: { type: '^payment_intent\\.amount_capturable_updated$' } });
    const { body } = await shop.place({ sku: await shop.goods(), card: threeDS });
    await shop.provider.authenticate(body.payment!.provider_ref!);
    await eventually('the event was dropped', async () => (await shop.provider.hits(dropped)) > 0);
    expect((await shop.order(body.id)).status).toBe('pending');
    const confirmed = await shop.command(body, 'confirm');
    expect([confirmed.status, confirmed.body.status]).toEqual([200, 'confirmed']);
    expect(await events(`order_id=${body.id}&type=payment_intent.amount_capturable_updated`)).toEqual([]);
  });
});

describe('what happens at the provider without us', () => {
  const shipped = async (card?: string): Promise<OrderBody> => {
    const { body } = await shop.place({ sku: await shop.goods({ price: 900 }), ...(card ? { card } : {}) });
    expect((await shop.ship(body)).status).toBe(200);
    return body;
  };
  const stripe = (path: string, parameters: Record<string, string>) => shop.provider.form(path, parameters);

  it('a refund made there is booked once, for a living order and for one that has ended', async () => {
    await shop.rows.setTenant({ returnWindowSeconds: 1 });
    const [living, ended] = [await shipped(), await shipped()];
    await shop.rows.setTenant({ returnWindowSeconds: null });
    await shop.command(ended, 'deliver');
    await reaches(ended.id, { status: 'completed' });
    for (const order of [living, ended]) await stripe('/v1/refunds', { payment_intent: order.payment!.provider_ref!, amount: '300' });
    for (const order of [living, ended]) {
      await reaches(order.id, { refunded_amount: 300, payment_status: 'partially_refunded' });
      expect((await shop.order(order.id)).refunds).toMatchObject([{ amount: 300, status: 'succeeded', reason: 'made_at_provider' }]);
      expect(await shop.rows.ledger([order.id])).toEqual({ cash_at_provider: 600, refunds: 300, revenue: -900 });
    }
  }, 90_000);

  it('a refund that bounces is taken out of the books again, and waits for a person', async () => {
    const order = await shipped('pm_card_refundFail');
    const refunded = await shop.command(order, 'refund', { amount: 400, reason: 'damaged' });
    expect([refunded.status, refunded.body.refunded_amount]).toEqual([200, 400]);
    await reaches(order.id, { refunded_amount: 0, payment_status: 'paid' });
    const now = await shop.order(order.id);
    expect([now.attention?.code, now.refunds[0]?.status]).toEqual(['refund_failed', 'failed']);
    expect(await shop.rows.ledger([order.id])).toMatchObject({ cash_at_provider: 900, revenue: -900 });
    const resolved = await shop.command(order, 'resolve', { resolution: 'dismiss' });
    expect([resolved.status, resolved.body.attention]).toEqual([200, null]);
  }, 60_000);

  it('a refund that takes its time is pending until the provider says so', async () => {
    const order = await shipped('pm_card_pendingRefund');
    const refunded = await shop.command(order, 'refund', { amount: 400, reason: 'damaged' });
    expect([refunded.body.refunded_amount, refunded.body.refunds[0]?.status]).toEqual([0, 'pending']);
    await reaches(order.id, { refunded_amount: 400, payment_status: 'partially_refunded' });
  }, 60_000);

  it('a dispute shows on the order', async () => {
    const order = await shipped('pm_card_createDispute');
    await reaches(order.id, { payment_status: 'disputed' });
    expect((await shop.order(order.id)).attention?.code).toBe('payment_disputed');
  }, 60_000);

  it('a payment that nobody here knows stays visible as unmatched', async () => {
    const foreign = await stripe('/v1/payment_intents', {
      amount: '5000', currency: 'usd', payment_method: 'pm_card_visa', confirm: 'true', 'automatic_payment_methods[enabled]': 'true', 'automatic_payment_methods[allow_redirects]': 'never',
    });
    const [event] = await eventually('unmatched', async () => {
      const found = (await events('status=unmatched')).filter(({ object_id }) => object_id === foreign.id);
      return found.length > 0 ? found : undefined;
    });
    expect(event).toMatchObject({ type: 'payment_intent.succeeded', order_id: null, last_error: 'No payment of ours is known for this object' });
  });
});

describe('operators', () => {
  it('drive an event again: it changes nothing that is known', async () => {
    const { body } = await shop.place({ sku: await shop.goods(), card: threeDS });
    await shop.provider.authenticate(body.payment!.provider_ref!);
    await reaches(body.id, { status: 'confirmed' });
    const applied = await eventually('applied', async () => (await events(`order_id=${body.id}&status=applied`))[0]);
    const redriven = await shop.post<WebhookEventBody>(`/api/webhook-events/${applied.id}/redrive`, {});
    expect([redriven.status, redriven.body.status]).toEqual([202, 'received']);
    await eventually('decided again', async () => ['ignored', 'applied'].includes((await shop.get<WebhookEventBody>(`/api/webhook-events/${applied.id}`)).body.status), 60_000, 500);
    expect(await shop.steps(body.id)).toEqual(['order.placed', 'payment.requires_action', 'order.confirmed']);
  }, 90_000);

  it('a delivery with a wrong signature is refused, and not kept', async () => {
    const [connection] = await shop.rows.query<{ id: string }>('select id from payment_gateway_connections limit 1');
    const event = { id: 'evt_forged', object: 'event', type: 'payment_intent.succeeded', created: 1, data: { object: { id: 'pi_forged', object: 'payment_intent' } } };
    const deliver = (path: string, headers: Record<string, string>) => fetch(new URL(path, shop.system.dev.api_url), { method: 'POST', body: JSON.stringify(event), headers: { 'content-type': 'application/json', ...headers } });
    const forged = await deliver(`/webhooks/stripe/${connection!.id}`, { 'stripe-signature': `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}` });
    expect([forged.status, ((await forged.json()) as Problem).code]).toEqual([401, 'unauthenticated']);
    expect((await deliver(`/webhooks/stripe/${connection!.id}`, {})).status).toBe(401);
    expect((await deliver(`/webhooks/stripe/con_${'0'.repeat(26)}`, {})).status).toBe(404);
    expect(await shop.rows.query(`select id from webhook_events where provider_event_id = 'evt_forged'`)).toEqual([]);
  });
});
