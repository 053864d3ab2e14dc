import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OrderBody } from '#api/routes/orders/schemas.ts';
import { Shop, type Problem } from './support/shop.ts';
import { eventually, eventuallyHolds } from './support/wait.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open();
}, 180_000);
afterAll(() => shop?.close());

const inStatus = (order: Pick<OrderBody, 'id'>, status: string) =>
  eventually(`${order.id} ${status}`, async () => {
    const found = await shop.order(order.id);
    return found.status === status ? found : undefined;
  });

describe('a draft', () => {
  it('holds and charges nothing until it is confirmed', async () => {
    const sku = await shop.goods({ stock: 4 });
    const { status, body } = await shop.place({ sku, quantity: 3, body: { draft: true, payment: undefined } });
    expect([status, body.status, body.payment_status, body.payment]).toEqual([201, 'draft', 'none', null]);
    expect(await shop.rows.stock(sku)).toEqual({ on_hand: 4, reserved: 0 });
    expect(await shop.provider.intentsOf(body.id)).toEqual([]);

    const confirmed = await shop.command(body, 'confirm', { payment_method: 'pm_card_visa' });
    expect([confirmed.status, confirmed.body.status, confirmed.body.payment_status]).toEqual([200, 'confirmed', 'authorized']);
    expect(await shop.rows.stock(sku)).toEqual({ on_hand: 4, reserved: 3 });
    expect(await shop.steps(body.id)).toEqual(['order.placed', 'payment.begun', 'order.confirmed']);
  });

  it('that is out of stock by then stays a draft and says what is short', async () => {
    const sku = await shop.goods({ stock: 1 });
    const { body } = await shop.place({ sku, body: { draft: true, payment: undefined } });
    await shop.place({ sku });
    const short = await shop.command<Problem>(body, 'confirm', { payment_method: 'pm_card_visa' });
    expect([short.status, short.body.code, short.body.skus]).toEqual([409, 'out_of_stock', [sku]]);
    expect((await shop.order(body.id)).status).toBe('draft');
    await shop.stockUp(sku, 1);
    expect((await shop.command(body, 'confirm', { payment_method: 'pm_card_visa' })).body.status).toBe('confirmed');
  });
});

describe('a declined order', () => {
  it('is paid again with another card, its stock held again', async () => {
    const sku = await shop.goods({ stock: 1 });
    const declined = await shop.place<Problem>({ sku, card: 'pm_card_visa_chargeDeclined' });
    expect(declined.status).toBe(402);
    const id = declined.body.order_id!;
    const again = await shop.command<Problem>({ id }, 'payments', { payment_method: 'pm_card_visa_chargeDeclinedInsufficientFunds' });
    expect([again.status, again.body.decline_code]).toEqual([402, 'insufficient_funds']);
    expect(await shop.rows.stock(sku)).toEqual({ on_hand: 1, reserved: 0 });
    const paid = await shop.command({ id }, 'payments', { payment_method: 'pm_card_visa' });
    expect([paid.status, paid.body.status, paid.body.payment_status]).toEqual([201, 'confirmed', 'authorized']);
    expect(paid.body.payments.map(({ attempt, attempt_status, decline_code }) => [attempt, attempt_status, decline_code])).toEqual([
      [1, 'declined', 'generic_decline'], [2, 'declined', 'insufficient_funds'], [3, 'authorized', null],
    ]);
    expect(await shop.rows.stock(sku)).toEqual({ on_hand: 1, reserved: 1 });
    const once = await shop.command<Problem>({ id }, 'payments', { payment_method: 'pm_card_visa' });
    expect([once.status, once.body.code]).toEqual([409, 'payment_pending']);
    await eventuallyHolds(async () => expect(await shop.mailbox.about(id)).toEqual(['payment_failed', 'payment_failed', 'order_confirmation']));
  });

  it('that is not paid expires, and gives everything back', async () => {
    const sku = await shop.goods({ stock: 2 });
    await shop.rows.setTenant({ paymentWindowSeconds: 2 });
    const declined = await shop.place<Problem>({ sku, card: 'pm_card_visa_chargeDeclined' });
    const waiting = await shop.place({ sku, card: 'pm_card_threeDSecure2Required' });
    await shop.rows.setTenant({ paymentWindowSeconds: null });
    expect(waiting.body.payment_status).toBe('requires_action');
    const orders = [await inStatus({ id: declined.body.order_id! }, 'expired'), await inStatus(waiting.body, 'expired')];
    expect(orders.map(({ reason, payment_status, closed_at }) => [reason, payment_status, closed_at !== null])).toEqual([
      ['payment_window_ended', 'failed', true], ['payment_window_ended', 'voided', true],
    ]);
    expect(await shop.rows.stock(sku)).toEqual({ on_hand: 2, reserved: 0 });
    expect(await shop.provider.intentsOf(waiting.body.id)).toMatchObject([{ status: 'canceled' }]);
    await eventuallyHolds(async () => {
      expect(await shop.mailbox.about(orders[0]!.id)).toEqual(['payment_failed', 'order_cancelled']);
      expect(await shop.mailbox.about(orders[1]!.id)).toEqual(['action_required', 'order_cancelled']);
    });
  });
});

describe('3-D Secure', () => {
  const begin = async (card = 'pm_card_threeDSecure2Required') => {
    const sku = await shop.goods({ stock: 1 });
    const placed = await shop.place({ sku, card });
    expect(placed.status).toBe(201);
    expect(placed.body).toMatchObject({ status: 'pending', payment_status: 'requires_action', payment: { status: 'requires_action' } });
    expect(placed.body.next_action).toMatchObject({ type: expect.any(String), client_secret: expect.stringMatching(/^pi_\w+_secret_\w+$/) });
    expect(await shop.rows.stock(sku)).toEqual({ on_hand: 1, reserved: 1 });
    return { sku, order: placed.body, intent: placed.body.payment!.provider_ref! };
  };
  const mails = (id: string, expected: string[]) => eventuallyHolds(async () => expect(await shop.mailbox.about(id)).toEqual(expected));

  it('is completed by the webhook alone', async () => {
    const { order, intent } = await begin();
    await shop.provider.authenticate(intent);
    const confirmed = await inStatus(order, 'confirmed');
    expect(confirmed).toMatchObject({ payment_status: 'authorized', next_action: null, payment: { status: 'requires_capture' } });
    await eventuallyHolds(async () => {
      const events = await shop.timeline(order.id, 'webhook');
      expect(events.filter(({ status }) => status === 'applied').map(({ type }) => type)).toEqual(['payment_intent.amount_capturable_updated']);
    });
    expect((await shop.timeline(order.id, 'order')).at(-1)).toMatchObject({ type: 'order.confirmed', actor: 'provider:stripe' });
    await mails(order.id, ['action_required', 'order_confirmation']);
  });

  it('is completed by POST /confirm alone, while the webhook is held back', async () => {
    await shop.provider.fault({ kind: 'webhook_hold' });
    const { order, intent } = await begin();
    const early = await shop.command(order, 'confirm');
    expect([early.status, early.body.status]).toEqual([200, 'pending']);
    await shop.provider.authenticate(intent);
    const confirmed = await shop.command(order, 'confirm');
    expect([confirmed.status, confirmed.body.status, confirmed.body.payment_status]).toEqual([200, 'confirmed', 'authorized']);
    await shop.provider.clearFaults();
    await shop.provider.releaseWebhooks();
    await eventuallyHolds(async () => {
      const events = await shop.timeline(order.id, 'webhook');
      expect(events.map(({ type, status }) => [type, status])).toContainEqual(['payment_intent.amount_capturable_updated', 'ignored']);
    });
    expect(await shop.steps(order.id)).toEqual(['order.placed', 'payment.requires_action', 'order.confirmed']);
    await mails(order.id, ['action_required', 'order_confirmation']);
  });

  it('that the customer fails leaves the order to be paid again', async () => {
    const { sku, order, intent } = await begin();
    await shop.provider.authenticate(intent, 'fail');
    await eventually('failed', async () => (await shop.order(order.id)).payment_status === 'failed');
    expect(await shop.rows.stock(sku)).toEqual({ on_hand: 1, reserved: 0 });
    expect((await shop.order(order.id)).payment?.decline_code).toBe('payment_intent_authentication_failure');
    expect((await shop.command(order, 'payments', { payment_method: 'pm_card_visa' })).body.status).toBe('confirmed');
    await mails(order.id, ['action_required', 'payment_failed', 'order_confirmation']);
  });

  it('is given up for another card: the first payment is void, and can no longer be completed', async () => {
    const { order, intent } = await begin();
    const paid = await shop.command(order, 'payments', { payment_method: 'pm_card_visa' });
    expect([paid.status, paid.body.status]).toEqual([201, 'confirmed']);
    expect((await shop.provider.intentsOf(order.id)).map(({ id, status }) => [id === intent, status]).sort()).toEqual([[false, 'requires_capture'], [true, 'canceled']]);
    expect(paid.body.payments.map(({ attempt_status }) => attempt_status)).toEqual(['voided', 'authorized']);
  });
});
