import { Type, type Static } from 'typebox';
import { attentionCodes } from '#domain/order/state.ts';
import { fulfillmentStatuses, orderStatuses, paymentAttemptStatuses, paymentStatuses } from '#domain/order/status.ts';
import { exampleId, Id, Metadata, nullable, ref, Timestamp } from '../../schemas/common.ts';

const minor = (description: string) => Type.Integer({ description });

export const Totals = Type.Object(
  {
    subtotal: minor('Sum of the lines before discount.'),
    discount: minor('Taken off the lines.'),
    shipping: minor('Shipping charge.'),
    tax: minor('Tax on lines and shipping.'),
    total: minor('subtotal − discount + shipping + tax.'),
  },
  { $id: 'OrderTotals', description: 'Minor units of the order\'s currency.', examples: [{ subtotal: 3998, discount: 0, shipping: 0, tax: 0, total: 3998 }] },
);

export const NextAction = Type.Object(
  {
    type: Type.String({ examples: ['use_stripe_sdk'] }),
    client_secret: Type.Optional(Type.String({ description: 'For the provider\'s own library in the customer\'s browser.' })),
    redirect_url: Type.Optional(Type.String({ description: 'Send the customer here.' })),
  },
  { $id: 'OrderNextAction', description: 'What the customer has to do before the payment goes on.' },
);

export const OrderPayment = Type.Object(
  {
    id: Id('payment'),
    provider: Type.String({ examples: ['stripe'] }),
    provider_ref: nullable(Type.String({ description: 'The provider\'s own id.' })),
    attempt: Type.Integer(),
    status: Type.String({
      description: 'In the provider-neutral words of a card payment: requires_capture is an authorisation.',
      examples: ['requires_capture'],
    }),
    attempt_status: Type.Enum([...paymentAttemptStatuses]),
    amount: minor('Asked for.'),
    authorized_amount: minor('Reserved, including what was captured since.'),
    captured_amount: minor('Taken.'),
    refunded_amount: minor('Given back.'),
    capture_before: nullable(Timestamp('The authorisation lapses then.')),
    decline_code: nullable(Type.String({ description: 'The provider\'s documented code.' })),
    created_at: Timestamp(),
  },
  { $id: 'OrderPayment' },
);

export const OrderLine = Type.Object(
  {
    id: Id('orderLine'),
    sku: Type.String(),
    title: Type.String(),
    quantity: Type.Integer(),
    unit_price: minor('Per unit of goods.'),
    subtotal: minor('quantity × unit_price.'),
    discount: minor('This line\'s share.'),
    tax: minor('This line\'s share.'),
    total: minor('subtotal − discount + tax.'),
    shipped: Type.Integer(),
    delivered: Type.Integer(),
    returned: Type.Integer(),
  },
  { $id: 'OrderLine' },
);

const Units = Type.Array(Type.Object({ sku: Type.String(), quantity: Type.Integer() }));

export const OrderShipment = Type.Object(
  {
    id: Id('shipment'),
    carrier: Type.String(),
    tracking_number: Type.String(),
    status: Type.Enum(['shipped', 'delivered']),
    lines: Units,
    captured_amount: minor('Taken when it left.'),
    shipped_at: Timestamp(),
    delivered_at: nullable(Timestamp()),
  },
  { $id: 'OrderShipment' },
);

export const OrderRefund = Type.Object(
  {
    id: Id('refund'),
    payment_id: nullable(Type.String()),
    status: Type.Enum(['pending', 'succeeded', 'failed', 'canceled']),
    amount: minor('Given back.'),
    reason: Type.String(),
    lines: nullable(Units),
    created_at: Timestamp(),
  },
  { $id: 'OrderRefund' },
);

export const Attention = Type.Object(
  {
    code: Type.Enum([...attentionCodes]),
    since: Timestamp(),
    detail: Type.String({ description: 'What happened and what an operator can do.' }),
  },
  { $id: 'OrderAttention', description: 'The order waits for a person; POST …/resolve ends it.' },
);

const summary = {
  id: Id('order'),
  number: Type.Integer({ description: 'For people: increasing, with gaps.' }),
  status: Type.Enum([...orderStatuses]),
  payment_status: Type.Enum([...paymentStatuses]),
  fulfillment_status: Type.Enum([...fulfillmentStatuses]),
  attention: nullable(ref(Attention)),
  reason: nullable(Type.String({ description: 'Why it is in this status, when somebody said so.' })),
  currency: Type.String(),
  totals: ref(Totals),
  authorized_amount: minor('Reserved over all payments.'),
  captured_amount: minor('Taken over all payments.'),
  refunded_amount: minor('Given back over all payments.'),
  customer_id: Id('customer'),
  metadata: ref(Metadata),
  livemode: Type.Boolean(),
  version: Type.Integer({ description: 'Grows with each change; the ETag.' }),
  next_deadline_at: nullable(Timestamp('When the order acts next by itself.')),
  placed_at: Timestamp(),
  confirmed_at: nullable(Timestamp()),
  closed_at: nullable(Timestamp()),
  updated_at: Timestamp(),
};

/** One order of a list. */
export const OrderSummary = Type.Object({ ...summary, line_count: Type.Integer() }, { $id: 'OrderSummary' });

/** Who ordered, and where it goes. */
export const OrderContact = Type.Object(
  {
    email: Type.String(),
    name: Type.String(),
    shipping_address: Type.Object({
      name: Type.String(),
      line1: Type.String(),
      line2: Type.Optional(Type.String()),
      city: Type.String(),
      region: Type.Optional(Type.String()),
      postal_code: Type.Optional(Type.String()),
      country: Type.String(),
    }),
  },
  { $id: 'OrderContact' },
);

const example = {
  id: exampleId('order'), number: 1042, status: 'confirmed', payment_status: 'authorized', fulfillment_status: 'unfulfilled', attention: null, reason: null,
  currency: 'USD', totals: { subtotal: 3998, discount: 0, shipping: 0, tax: 0, total: 3998 },
  authorized_amount: 3998, captured_amount: 0, refunded_amount: 0, customer_id: exampleId('customer'),
  metadata: {}, livemode: false, version: 2, next_deadline_at: '2026-11-27T09:30:00.000Z',
  placed_at: '2026-11-21T09:30:00.000Z', confirmed_at: '2026-11-21T09:30:00.000Z', closed_at: null, updated_at: '2026-11-21T09:30:00.000Z',
  payment: {
    id: exampleId('payment'), provider: 'stripe', provider_ref: 'pi_3P', attempt: 1, status: 'requires_capture', attempt_status: 'authorized', amount: 3998,
    authorized_amount: 3998, captured_amount: 0, refunded_amount: 0, capture_before: '2026-11-28T09:30:00.000Z', decline_code: null,
    created_at: '2026-11-21T09:30:00.000Z',
  },
  next_action: null,
  customer: { email: 'ada@example.com', name: 'Ada Byron', shipping_address: { name: 'Ada Byron', line1: '12 Analytical Way', city: 'Portland', region: 'OR', postal_code: '97201', country: 'US' } },
  lines: [{
    id: exampleId('orderLine'), sku: 'MUG-01', title: 'Stoneware mug', quantity: 2, unit_price: 1999, subtotal: 3998, discount: 0, tax: 0, total: 3998,
    shipped: 0, delivered: 0, returned: 0,
  }],
  payments: [], shipments: [], refunds: [],
};

/** One order, whole. */
export const Order = Type.Object(
  {
    ...summary,
    payment: nullable(ref(OrderPayment)),
    next_action: nullable(ref(NextAction)),
    customer: ref(OrderContact),
    lines: Type.Array(ref(OrderLine)),
    payments: Type.Array(ref(OrderPayment)),
    shipments: Type.Array(ref(OrderShipment)),
    refunds: Type.Array(ref(OrderRefund)),
  },
  { $id: 'Order', examples: [example] },
);

export type OrderBody = Static<typeof Order>;
export type OrderSummaryBody = Static<typeof OrderSummary>;

export const OrderParams = Type.Object({ id: Id('order', 'The order.') });

export const orderSchemas = [
  Totals, NextAction, OrderPayment, OrderLine, OrderShipment, OrderRefund, Attention, OrderContact, OrderSummary, Order,
];
