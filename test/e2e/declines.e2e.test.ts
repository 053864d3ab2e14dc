import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newEmail, Shop, type Problem } from './support/shop.ts';
import { eventually, eventuallyHolds } from './support/wait.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open();
}, 180_000);
afterAll(() => shop?.close());

// As Stripe asks, nobody is told that a card was reported lost or stolen, or that a payment looks fraudulent.
const general = 'Your bank did not accept the payment. Ask your bank, or pay with another card or method.';

const declines: [card: string, declineCode: string, detail: string][] = [
  ['pm_card_visa_chargeDeclined', 'generic_decline', general],
  ['pm_card_visa_chargeDeclinedInsufficientFunds', 'insufficient_funds', 'There are not enough funds for this payment. Add funds, or pay with another card or method.'],
  ['pm_card_visa_chargeDeclinedLostCard', 'lost_card', general],
  ['pm_card_visa_chargeDeclinedStolenCard', 'stolen_card', general],
  ['pm_card_chargeDeclinedExpiredCard', 'expired_card', 'The card has expired. Please pay with another card or method.'],
  ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', 'The security code of the card is not right. Check the details and try again.'],
  ['pm_card_chargeDeclinedProcessingError', 'processing_error', 'The payment could not be processed just now. Please try again in a moment. If it happens again, pay with another card or method.'],
  ['pm_card_visa_chargeDeclinedVelocityLimitExceeded', 'card_velocity_exceeded', 'The limit of the card is reached. Please pay with another card or method.'],
  ['pm_card_chargeDeclinedIncorrectNumber', 'incorrect_number', 'The card number is not right. Check the details and try again.'],
  ['pm_card_chargeCustomerFail', 'generic_decline', general],
  ['pm_card_radarBlock', 'fraudulent', general],
];

describe('each documented decline', () => {
  it.each(declines)('%s: 402 with %s in words, no reservation, and to be seen everywhere', async (card, declineCode, detail) => {
    const sku = await shop.goods({ stock: 2 });
    const key = `decline-${newEmail()}`;
    const placement = { sku, quantity: 2, card, email: newEmail() };
    const { status, headers, body } = await shop.place<Problem>(placement, { key });
    expect(status).toBe(402);
    expect(headers.get('content-type')).toMatch('application/problem+json');
    expect(body).toMatchObject({ code: 'card_declined', decline_code: declineCode, title: 'The payment was declined', detail });
    const id = body.order_id!;
    expect(headers.get('location')).toBe(`/api/orders/${id}`);

    expect(await shop.order(id)).toMatchObject({
      status: 'pending', payment_status: 'failed', authorized_amount: 0, payment: { attempt_status: 'declined', decline_code: declineCode },
    });
    expect(await shop.rows.stock(sku)).toEqual({ on_hand: 2, reserved: 0 });
    expect((await shop.timeline(id, 'order')).map(({ type, payment_status }) => [type, payment_status])).toEqual([
      ['order.placed', 'none'], ['payment.declined', 'failed'],
    ]);
    expect((await shop.timeline(id, 'order'))[1]?.data).toMatchObject({ attempt: 1, decline_code: declineCode });
    const query = `WorkflowId = 'order/${id}' and OrderStatus = 'pending' and PaymentStatus = 'failed' and ReasonCode = '${declineCode}'`;
    await eventually('shown in Temporal', async () => (await shop.processes.find(query)).length === 1);

    // The same request again is the same refusal, not another charge.
    const again = await shop.place<Problem>(placement, { key });
    expect([again.status, again.body.order_id, again.headers.get('idempotent-replayed')]).toEqual([402, id, 'true']);
    expect(await shop.provider.intentsOf(id)).toHaveLength(1);
    await eventuallyHolds(async () => expect(await shop.mailbox.about(id)).toEqual(['payment_failed']));
  });

  it('after 3-D Secure leaves no reservation either', async () => {
    const sku = await shop.goods({ stock: 1 });
    const { body } = await shop.place({ sku, card: 'pm_card_authenticationRequiredChargeDeclinedInsufficientFunds' });
    expect(body.payment_status).toBe('requires_action');
    await shop.provider.authenticate(body.payment!.provider_ref!);
    const confirmed = await shop.command<Problem>(body, 'confirm');
    expect([confirmed.status, confirmed.body.decline_code]).toEqual([402, 'insufficient_funds']);
    expect(await shop.rows.stock(sku)).toEqual({ on_hand: 1, reserved: 0 });
  });

  it('of a payment method that does not exist is no decline: 422 that says so, and the order can be paid', async () => {
    const sku = await shop.goods({ stock: 1 });
    const { status, body } = await shop.place<Problem & { errors: unknown }>({ sku, card: 'pm_nobodyknowsme' });
    expect([status, body.code, body.errors]).toEqual([422, 'payment_method_not_found', [{ pointer: '/payment/payment_method', detail: expect.any(String) }]]);
    expect(await shop.rows.stock(sku)).toEqual({ on_hand: 1, reserved: 0 });
    const id = body.order_id!;
    expect((await shop.timeline(id, 'order'))[1]).toMatchObject({ type: 'payment.declined', data: { code: 'payment_method_not_found' } });
    const again = await shop.command<Problem & { errors: unknown }>({ id }, 'payments', { payment_method: 'pm_neverheard' });
    expect([again.status, again.body.code, again.body.errors]).toEqual([422, 'payment_method_not_found', [{ pointer: '/payment_method', detail: expect.any(String) }]]);
    const paid = await shop.command({ id }, 'payments', { payment_method: 'pm_card_visa' });
    expect([paid.status, paid.body.status, paid.body.payment_status]).toEqual([201, 'confirmed', 'authorized']);
    expect(await shop.rows.stock(sku)).toEqual({ on_hand: 1, reserved: 1 });
  });

  it.each([['USD', 10, 'amount_too_small'], ['KWD', 5124, 'amount_not_chargeable']])('of %s %i is no decline: 422 %s, no reservation', async (currency, price, code) => {
    const sku = await shop.goods({ stock: 1, price, currency });
    const { status, body } = await shop.place<Problem>({ sku, currency });
    expect([status, body.code, await shop.rows.stock(sku)]).toEqual([422, code, { on_hand: 1, reserved: 0 }]);
    expect(await shop.order(body.order_id!)).toMatchObject({ status: 'pending', payment_status: 'failed', payment: { decline_code: code } });
  });

  it('is none of amounts that Stripe counts otherwise: what is charged is what was ordered', async () => {
    const sku = await shop.goods({ stock: 1, price: 5000, currency: 'ISK' });
    const { status, body } = await shop.place({ sku, currency: 'ISK' });
    expect([status, body.payment]).toMatchObject([201, { amount: 5000, authorized_amount: 5000 }]);
    expect(await shop.provider.intentsOf(body.id)).toMatchObject([{ amount: 500_000, currency: 'isk' }]);
    const shipped = await shop.ship(body);
    expect([shipped.status, shipped.body.captured_amount]).toEqual([200, 5000]);
  });
});
