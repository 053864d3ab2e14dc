import { Type, type Static } from 'typebox';
import { orderStatuses } from '#domain/order/status.ts';
import { AddressInput, Amount, Currency, Email, Id, Metadata, ref, strictObject } from '../../schemas/common.ts';

const sku = Type.String({ minLength: 1, maxLength: 100, examples: ['MUG-01'] });
const quantity = Type.Integer({ minimum: 1, maximum: 1_000_000, examples: [2] });
const reason = Type.Optional(Type.String({ minLength: 1, maxLength: 500, description: 'Kept in the history. Nothing personal.', examples: ['customer_request'] }));
const paymentMethod = Type.String({ pattern: '^[A-Za-z0-9_]{1,100}$', description: "The provider's payment method.", examples: ['pm_card_visa'] });
const saveMethod = Type.Optional(Type.Boolean({ description: 'Keep the method for later charges without the customer.' }));

const Units = Type.Array(strictObject({ sku, quantity }), { minItems: 1, maxItems: 1000 });

export const OrderLineInput = strictObject(
  {
    sku,
    quantity,
    unit_price: Type.Optional(Amount('Instead of the price list, in minor units. Needs the scope orders:price.')),
  },
  { $id: 'OrderLineInput', examples: [{ sku: 'MUG-01', quantity: 2 }] },
);

export const PlaceOrder = strictObject(
  {
    currency: Currency,
    customer: Type.Optional(
      strictObject(
        { email: Email, name: Type.String({ minLength: 1, maxLength: 200 }) },
        { description: 'Found by e-mail address, or made.' },
      ),
    ),
    customer_id: Type.Optional(Id('customer', 'Instead of customer.')),
    lines: Type.Array(ref(OrderLineInput), { minItems: 1, maxItems: 1000 }),
    shipping_address: ref(AddressInput),
    billing_address: Type.Optional(ref(AddressInput)),
    payment: Type.Optional(
      strictObject(
        {
          provider: Type.String({ minLength: 1, maxLength: 40, examples: ['stripe'] }),
          connection_id: Type.Optional(Id('connection', 'Which account; default: the provider\'s default.')),
          payment_method: Type.Optional(paymentMethod),
          save_payment_method: saveMethod,
        },
        { description: 'Required unless draft. Without payment_method, next_action lets the customer give one in the browser.' },
      ),
    ),
    discount: Type.Optional(
      strictObject(
        { amount: Amount('Off the whole order, in minor units.'), reason: Type.Optional(Type.String({ maxLength: 200 })) },
        { description: 'Needs the scope orders:price.' },
      ),
    ),
    shipping_amount: Type.Optional(Amount('Instead of the usual charge, in minor units. Needs the scope orders:price.')),
    tax_exempt: Type.Optional(Type.Boolean({ description: 'No tax is added. Needs the scope orders:price.' })),
    channel: Type.Optional(Type.String({ pattern: '^[a-z0-9_-]{1,40}$', description: 'Where the order came from; default api.' })),
    draft: Type.Optional(Type.Boolean({ description: 'Only write it down: nothing is reserved or charged until it is confirmed.' })),
    metadata: Type.Optional(ref(Metadata)),
  },
  {
    $id: 'PlaceOrder',
    examples: [
      {
        currency: 'USD',
        customer: { email: 'ada@example.com', name: 'Ada Byron' },
        lines: [{ sku: 'MUG-01', quantity: 2 }],
        shipping_address: { name: 'Ada Byron', line1: '12 Analytical Way', city: 'Portland', region: 'OR', postal_code: '97201', country: 'US' },
        payment: { provider: 'stripe', payment_method: 'pm_card_visa' },
        metadata: {},
      },
    ],
  },
);
export type PlaceOrderBody = Static<typeof PlaceOrder>;

/** `{}`, or a reason: what most commands take. */
export const ReasonBody = strictObject({ reason }, { $id: 'OrderCommand', examples: [{ reason: 'customer_request' }] });

export const PayBody = strictObject(
  { payment_method: paymentMethod, save_payment_method: saveMethod, reason },
  { $id: 'PayOrder', examples: [{ payment_method: 'pm_card_visa' }] },
);
export const ConfirmBody = strictObject(
  { payment_method: Type.Optional(paymentMethod), save_payment_method: saveMethod, reason },
  { $id: 'ConfirmOrder', examples: [{}] },
);
export const CaptureBody = strictObject(
  { amount: Type.Optional(Type.Integer({ minimum: 1, description: 'Minor units; none = all that is authorised.' })), reason },
  { $id: 'CaptureOrder', examples: [{}] },
);
export const ShipBody = strictObject(
  {
    lines: Type.Optional(Units),
    carrier: Type.String({ minLength: 1, maxLength: 60, examples: ['ups'] }),
    tracking_number: Type.String({ minLength: 1, maxLength: 100, examples: ['1Z999AA10123456784'] }),
    reason,
  },
  { $id: 'ShipOrder', description: 'Without lines: everything not yet shipped.', examples: [{ carrier: 'ups', tracking_number: '1Z999AA10123456784' }] },
);
export const DeliverBody = strictObject(
  { shipment_id: Type.Optional(Id('shipment', 'None = everything on its way.')), reason },
  { $id: 'DeliverOrder', examples: [{}] },
);
export const RefundBody = strictObject(
  {
    amount: Type.Optional(Type.Integer({ minimum: 1, description: 'Minor units; none = by lines, else all that is left.' })),
    lines: Type.Optional(Units),
    reason: Type.String({ minLength: 1, maxLength: 500, description: 'Kept in the history. Nothing personal.', examples: ['damaged'] }),
  },
  { $id: 'RefundOrder', examples: [{ amount: 1999, reason: 'damaged' }] },
);
export const ReturnBody = strictObject(
  { lines: Type.Optional(Units), restock: Type.Optional(Type.Boolean({ default: true, description: 'Put the units back on hand.' })), reason },
  { $id: 'ReturnOrder', description: 'Without lines: everything delivered.', examples: [{ lines: [{ sku: 'MUG-01', quantity: 1 }] }] },
);
export const ResolveBody = strictObject(
  { resolution: Type.Enum(['retry', 'dismiss'], { description: 'Do what could not be done once more, or: it was settled outside.' }), reason },
  { $id: 'ResolveOrder', examples: [{ resolution: 'retry', reason: 'gateway is back' }] },
);
export const ChangeOrder = strictObject(
  {
    metadata: Type.Optional(ref(Metadata)),
    status: Type.Optional(Type.Enum([...orderStatuses], { description: 'The same as the named command; allowed from the present status only.' })),
    carrier: Type.Optional(Type.String({ minLength: 1, maxLength: 60, description: 'With status shipped.' })),
    tracking_number: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'With status shipped.' })),
    reason,
  },
  { $id: 'ChangeOrder', minProperties: 1, description: 'Either metadata (replaced whole) or status.', examples: [{ metadata: { gift: 'yes' } }] },
);

export const orderInputs = [
  OrderLineInput, PlaceOrder, ReasonBody, PayBody, ConfirmBody, CaptureBody, ShipBody, DeliverBody, RefundBody, ReturnBody, ResolveBody, ChangeOrder,
];
