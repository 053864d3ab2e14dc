import { describe, expect, it } from '@jest/globals';
import { newsIn, type Recorded } from './decide.ts';
import { nextLook } from './retry.ts';
import { claimOf, isOurDoing, type Claim, type StripeEvent } from './stripe-claim.ts';
import { meaningOf, stripeEventRules } from './stripe-events.ts';

/** Every event of requirements 6 and of Stripe's list for payments. */
const required = [
  'payment_intent.succeeded', 'payment_intent.payment_failed', 'payment_intent.canceled', 'payment_intent.requires_action',
  'payment_intent.amount_capturable_updated', 'charge.refunded', 'charge.dispute.created', 'charge.dispute.updated', 'charge.dispute.closed',
  'refund.created', 'refund.updated', 'refund.failed', 'invoice.created', 'invoice.finalized', 'invoice.paid', 'invoice.payment_succeeded',
  'invoice.payment_failed', 'invoice.payment_action_required', 'invoice.upcoming', 'invoice.voided', 'invoice.marked_uncollectible',
  'customer.subscription.created', 'customer.subscription.updated', 'customer.subscription.deleted', 'customer.subscription.paused',
  'customer.subscription.resumed', 'customer.subscription.trial_will_end', 'payment_method.attached', 'payment_method.detached',
  'payment_method.automatically_updated', 'payment_method.updated', 'checkout.session.completed', 'checkout.session.expired',
  'checkout.session.async_payment_succeeded', 'checkout.session.async_payment_failed', 'radar.early_fraud_warning.created',
  'entitlements.active_entitlement_summary.updated', 'account.application.deauthorized', 'account.updated',
];

const event = (type: string, object: Record<string, unknown>, key?: string): StripeEvent => ({
  id: 'evt_1', type, created: 1_800_000_000, data: { object }, request: { idempotency_key: key ?? null },
});

const recorded = (changes: Partial<Recorded> = {}): Recorded => ({ status: 'authorized', providerRef: 'pi_1', capturedAmount: 0, disputes: [], ...changes });
const payment = (status: string, amountReceived = 0): Claim => ({ meaning: 'payment', status, amountReceived, paymentRef: 'pi_1' });
const refund = (status: string, refundId?: string): Claim => ({ meaning: 'refund', status, amountReceived: 0, refundRef: 're_1', ...(refundId ? { refundId } : {}) });
const dispute = (status: string, at = '2026-11-21T00:00:05.000Z'): Claim => ({ meaning: 'dispute', status, amountReceived: 0, dispute: { ref: 'du_1', at } });
const known = (open: boolean) => ({ disputes: [{ ref: 'du_1', open, at: '2026-11-21T00:00:05.000Z' }] });

describe('the table of Stripe events', () => {
  it.each(required)('decides about %s', (type) => expect(stripeEventRules[type]).toBeDefined());
  it('keeps what it does not know', () => expect(meaningOf('toString')).toBe('log'));
});

describe('what an event claims', () => {
  it('is read from payments, refunds and disputes, expanded or not', () => {
    expect(claimOf(event('payment_intent.succeeded', { id: 'pi_1', status: 'succeeded', amount_received: 5, metadata: { perdura_payment: 'pay_1' } })))
      .toEqual({ meaning: 'payment', paymentRef: 'pi_1', paymentId: 'pay_1', status: 'succeeded', amountReceived: 5 });
    expect(claimOf(event('payment_intent.succeeded', { id: 'pi_1', currency: 'isk', amount_received: 500, metadata: {} }))).toMatchObject({ amountReceived: 5 });
    expect(claimOf(event('payment_intent.succeeded', { id: 'pi_1', currency: 'isk', amount_received: 550, metadata: {} }))).toMatchObject({ amountReceived: 0 });
    expect(claimOf(event('refund.updated', { id: 're_1', status: 'failed', payment_intent: { id: 'pi_1' }, metadata: {} })))
      .toEqual({ meaning: 'refund', paymentRef: 'pi_1', refundRef: 're_1', status: 'failed', amountReceived: 0 });
    expect(claimOf(event('charge.dispute.created', { id: 'du_1', status: 'needs_response', payment_intent: 'pi_1' })))
      .toEqual({ meaning: 'dispute', paymentRef: 'pi_1', status: 'needs_response', amountReceived: 0, dispute: { ref: 'du_1', at: expect.stringMatching(/Z$/) } });
    expect(claimOf(event('charge.succeeded', { id: 'ch_1' }))).toBeUndefined();
  });

  it('knows what our own requests caused by their keys', () => {
    expect(isOurDoing(event('payment_intent.succeeded', {}, 'order/ord_1/capture/1'))).toBe(true);
    expect(isOurDoing(event('payment_intent.succeeded', {}, 'stripe-node-retry-1'))).toBe(false);
    expect(isOurDoing(event('payment_intent.succeeded', {}))).toBe(false);
    expect(isOurDoing(event('charge.dispute.created', {}, 'order/ord_1/capture/1'))).toBe(false);
  });
});

describe('news', () => {
  it.each<[string, Claim, Partial<Recorded>, ReturnType<typeof newsIn>]>([
    ['an authorisation that is recorded', payment('requires_capture'), {}, undefined],
    ['an authorisation after 3-D Secure', payment('requires_capture'), { status: 'requires_action' }, 'payment'],
    ['an authorisation of a payment that was given up', payment('requires_capture'), { status: 'voided', providerRef: null }, 'payment'],
    ['an authorisation of a payment that had been declined', payment('requires_capture'), { status: 'declined' }, 'payment'],
    ['a late authorisation event of a voided payment', payment('requires_capture'), { status: 'voided' }, undefined],
    ['a late action event of an authorised payment', payment('requires_action'), {}, undefined],
    ['a capture that is recorded', payment('succeeded', 500), { status: 'captured', capturedAmount: 500 }, undefined],
    ['a capture at the dashboard', payment('succeeded', 500), {}, 'payment'],
    ['a part captured elsewhere', payment('requires_capture', 200), { capturedAmount: 100 }, 'payment'],
    ['a lapse', payment('canceled'), {}, 'payment'],
    ['a cancellation that is recorded', payment('canceled'), { status: 'voided' }, undefined],
    ['a failed authentication', payment('requires_payment_method'), { status: 'requires_action' }, 'payment'],
    ['an old failure', payment('requires_payment_method'), { status: 'captured', capturedAmount: 5 }, undefined],
    ['a refund that is recorded', refund('succeeded', 'ref_1'), { refundStatus: 'succeeded' }, undefined],
    ['a pending refund that failed', refund('failed', 'ref_1'), { refundStatus: 'pending' }, 'refund'],
    ['a succeeded refund that failed', refund('failed', 'ref_1'), { refundStatus: 'succeeded' }, 'refund'],
    ['an old pending of a settled refund', refund('pending', 'ref_1'), { refundStatus: 'succeeded' }, undefined],
    ['a refund at the dashboard', refund('succeeded'), {}, 'refund'],
    ['what undoing gave back', refund('succeeded', 'undo/pay_1'), {}, undefined],
    ['a failure of what undoing gave back', refund('failed', 'undo/pay_1'), {}, 'refund'],
    ['a dispute', dispute('needs_response'), {}, 'dispute_opened'],
    ['a dispute that is known', dispute('under_review'), known(true), undefined],
    ['the end of a dispute', dispute('won'), known(true), 'dispute_closed'],
    ['the end of a dispute whose beginning is still on its way', dispute('lost'), {}, 'dispute_closed'],
    ['the beginning of a dispute that has ended', dispute('needs_response', '2026-11-21T00:00:04.000Z'), known(false), undefined],
    ['a dispute that is taken up again', dispute('needs_response', '2026-11-21T00:00:06.000Z'), known(false), 'dispute_opened'],
  ])('%s', (_name, claim, changes, expected) => {
    expect(newsIn(claim, recorded(changes))).toBe(expected);
  });
});

describe('looking again', () => {
  it('goes on for three days, ever more slowly', () => {
    const received = new Date('2026-11-21T00:00:00Z');
    let now = received;
    let looks = 0;
    for (let next = nextLook(0, received, now); next; next = nextLook(looks, received, now)) {
      expect(next.getTime()).toBeGreaterThan(now.getTime());
      now = next;
      looks += 1;
    }
    expect(looks).toBeLessThan(20);
    expect(now.getTime() - received.getTime()).toBeGreaterThan(60 * 3600_000);
  });
});
