/** The order's own life. */
export const orderStatuses = [
  'draft', 'pending', 'confirmed', 'processing', 'shipped', 'delivered', 'completed', 'on_hold', 'cancelled', 'expired', 'returned',
] as const;
export type OrderStatus = (typeof orderStatuses)[number];

/** Where the order's money stands, over all its payments. */
export const paymentStatuses = [
  'none', 'requires_action', 'processing', 'authorized', 'partially_paid', 'paid', 'partially_refunded', 'refunded',
  'voided', 'failed', 'disputed', 'unknown',
] as const;
export type PaymentStatus = (typeof paymentStatuses)[number];

/** Where the order's goods are. */
export const fulfillmentStatuses = [
  'unfulfilled', 'partially_shipped', 'shipped', 'partially_delivered', 'delivered', 'returned',
] as const;
export type FulfillmentStatus = (typeof fulfillmentStatuses)[number];

/** One payment attempt of an order. */
export const paymentAttemptStatuses = [
  'pending', 'requires_action', 'processing', 'authorized', 'captured', 'declined', 'voided', 'unknown',
] as const;
export type PaymentAttemptStatus = (typeof paymentAttemptStatuses)[number];
