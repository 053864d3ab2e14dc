/** What an event of Stripe tells: how something stands now, or nothing that is recorded. */
export type EventMeaning = 'payment' | 'refund' | 'dispute' | 'log';

interface EventRule {
  meaning: EventMeaning;
  /** Why, where it isn't plain. */
  why?: string;
}

const payment: EventRule = { meaning: 'payment' };
const refund: EventRule = { meaning: 'refund' };
const dispute: EventRule = { meaning: 'dispute' };
const told = (by: string): EventRule => ({ meaning: 'log', why: `${by} tells the same, and more` });
const later = (of: string): EventRule => ({ meaning: 'log', why: `${of} are not recorded yet` });

/**
 * The decision for every event type that Stripe may send us. Each event is stored; `log` means that nothing else
 * follows. A type that is not in the table is stored as well.
 */
export const stripeEventRules: Readonly<Record<string, EventRule>> = {
  'payment_intent.created': { meaning: 'log', why: 'only we create them' },
  'payment_intent.amount_capturable_updated': payment,
  'payment_intent.canceled': payment,
  'payment_intent.partially_funded': payment,
  'payment_intent.payment_failed': payment,
  'payment_intent.processing': payment,
  'payment_intent.requires_action': payment,
  'payment_intent.succeeded': payment,

  'charge.captured': told('payment_intent.succeeded or amount_capturable_updated'),
  'charge.expired': told('payment_intent.canceled'),
  'charge.failed': told('payment_intent.payment_failed'),
  'charge.pending': told('payment_intent.processing'),
  'charge.succeeded': told('payment_intent.succeeded or amount_capturable_updated'),
  'charge.refunded': told('refund.created (and this one comes for a released authorisation, too)'),
  'charge.updated': { meaning: 'log', why: 'changes nothing that is recorded' },
  'charge.refund.updated': refund,
  'refund.created': refund,
  'refund.updated': refund,
  'refund.failed': refund,
  'charge.dispute.created': dispute,
  'charge.dispute.closed': dispute,
  'charge.dispute.updated': dispute,
  'charge.dispute.funds_withdrawn': later('dispute fees'),
  'charge.dispute.funds_reinstated': later('dispute fees'),
  'radar.early_fraud_warning.created': later('fraud warnings'),
  'radar.early_fraud_warning.updated': later('fraud warnings'),

  'payment_method.attached': later('changes of saved methods at Stripe'),
  'payment_method.detached': later('changes of saved methods at Stripe'),
  'payment_method.updated': later('changes of saved methods at Stripe'),
  'payment_method.automatically_updated': later('changes of saved methods at Stripe'),
  'setup_intent.created': later('set-ups'),
  'setup_intent.succeeded': later('set-ups'),
  'setup_intent.setup_failed': later('set-ups'),
  'setup_intent.canceled': later('set-ups'),
  'setup_intent.requires_action': later('set-ups'),

  'invoice.created': later('subscriptions'),
  'invoice.finalized': later('subscriptions'),
  'invoice.paid': later('subscriptions'),
  'invoice.payment_succeeded': later('subscriptions'),
  'invoice.payment_failed': later('subscriptions'),
  'invoice.payment_action_required': later('subscriptions'),
  'invoice.upcoming': later('subscriptions'),
  'invoice.voided': later('subscriptions'),
  'invoice.marked_uncollectible': later('subscriptions'),
  'customer.subscription.created': later('subscriptions'),
  'customer.subscription.updated': later('subscriptions'),
  'customer.subscription.deleted': later('subscriptions'),
  'customer.subscription.paused': later('subscriptions'),
  'customer.subscription.resumed': later('subscriptions'),
  'customer.subscription.trial_will_end': later('subscriptions'),
  'customer.subscription.pending_update_applied': later('subscriptions'),
  'customer.subscription.pending_update_expired': later('subscriptions'),
  'entitlements.active_entitlement_summary.updated': later('subscriptions'),
  'checkout.session.completed': later('Checkout sessions'),
  'checkout.session.expired': later('Checkout sessions'),
  'checkout.session.async_payment_succeeded': later('Checkout sessions'),
  'checkout.session.async_payment_failed': later('Checkout sessions'),
  'account.updated': later('accounts'),
  'account.application.authorized': later('accounts'),
  'account.application.deauthorized': later('accounts'),
  'account.external_account.created': later('accounts'),
  'account.external_account.updated': later('accounts'),
  'account.external_account.deleted': later('accounts'),
};

/** What an event of this type means for what we record. */
export function meaningOf(type: string): EventMeaning {
  return Object.hasOwn(stripeEventRules, type) ? stripeEventRules[type]!.meaning : 'log';
}

/**
 * The types to subscribe to: those that mean something here. All others would be sent, verified and stored for nothing,
 * three of five for an ordinary order.
 */
export const stripeEventTypes: readonly string[] = Object.keys(stripeEventRules).filter((type) => meaningOf(type) !== 'log');
