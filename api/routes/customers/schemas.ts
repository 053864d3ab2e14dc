import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Country, Email, exampleId, Id, Metadata, nullable, ref, strictObject, Timestamp } from '../../schemas/common.ts';

const statuses = ['active', 'inactive', 'blocked'] as const;
export const CustomerStatus = Type.Unsafe<(typeof statuses)[number]>(
  Type.String({ enum: [...statuses], description: 'A blocked customer cannot order.' }),
);
const name = Type.String({ minLength: 1, maxLength: 200, examples: ['Ada Byron'] });
const phone = Type.String({ pattern: '^[+0-9 ().-]{3,40}$', examples: ['+44 20 7946 0958'] });
const company = Type.String({ minLength: 1, maxLength: 200 });
const locale = Type.String({ pattern: '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$', description: 'BCP 47 language tag.', examples: ['en-GB'] });
const notes = Type.String({ maxLength: 5000, description: 'For the merchant only; encrypted at rest.' });
export const Tag = Type.String({ pattern: '^[^\\s](.{0,48}[^\\s])?$', examples: ['vip'] });
const tags = Type.Array(Tag, { maxItems: 50, uniqueItems: true });

export const CustomerInput = strictObject({
  email: Email,
  name: Type.Optional(name),
  phone: Type.Optional(phone),
  company: Type.Optional(company),
  locale: Type.Optional(locale),
  status: Type.Optional(CustomerStatus),
  tags: Type.Optional(tags),
  notes: Type.Optional(notes),
  metadata: Type.Optional(ref(Metadata)),
}, { $id: 'CustomerInput', examples: [{ email: 'ada@example.com', name: 'Ada Byron', tags: ['vip'] }] });

export const CustomerChange = strictObject({
  email: Type.Optional(Email),
  name: Type.Optional(nullable(name)),
  phone: Type.Optional(nullable(phone)),
  company: Type.Optional(nullable(company)),
  locale: Type.Optional(nullable(locale)),
  status: Type.Optional(CustomerStatus),
  tags: Type.Optional(tags),
  notes: Type.Optional(nullable(notes)),
  metadata: Type.Optional(ref(Metadata)),
}, { $id: 'CustomerChange', minProperties: 1, examples: [{ status: 'blocked', notes: 'Disputed three orders.' }] });

export const Customer = Type.Object({
  id: Id('customer'),
  email: Type.String(),
  name: nullable(Type.String()),
  phone: nullable(Type.String()),
  company: nullable(Type.String()),
  locale: nullable(Type.String()),
  status: CustomerStatus,
  tags: Type.Array(Type.String()),
  notes: nullable(Type.String()),
  metadata: ref(Metadata),
  order_count: Type.Integer({ description: 'Orders that were placed, whatever became of them.' }),
  first_order_at: nullable(Timestamp()),
  last_order_at: nullable(Timestamp()),
  version: Type.Integer({ description: 'Counts changes; the ETag is made of it.' }),
  created_at: Timestamp(),
  updated_at: Timestamp(),
}, {
  $id: 'Customer',
  examples: [{
    id: exampleId('customer'), email: 'ada@example.com', name: 'Ada Byron', phone: null, company: null, locale: 'en-GB', status: 'active',
    tags: ['vip'], notes: null, metadata: {}, order_count: 2, first_order_at: '2026-10-02T11:00:00.000Z', last_order_at: '2026-11-20T18:05:00.000Z',
    version: 3, created_at: '2026-10-02T11:00:00.000Z', updated_at: '2026-11-20T18:05:00.000Z',
  }],
});

const kind = Type.Unsafe<'shipping' | 'billing'>(Type.String({ enum: ['shipping', 'billing'] }));

const addressFields = {
  name,
  company: Type.Optional(company),
  line1: Type.String({ minLength: 1, maxLength: 200 }),
  line2: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  city: Type.String({ minLength: 1, maxLength: 100 }),
  region: Type.Optional(Type.String({ pattern: '^([A-Z]{2}-)?[A-Z0-9]{1,3}$', description: 'ISO 3166-2, with or without the country.', examples: ['OR'] })),
  postal_code: Type.Optional(Type.String({ minLength: 1, maxLength: 20 })),
  country: Country,
  phone: Type.Optional(phone),
};

export const CustomerAddressInput = strictObject(
  { kind, is_default: Type.Optional(Type.Boolean({ description: 'The first address of a kind is the default anyway.' })), ...addressFields },
  {
    $id: 'CustomerAddressInput',
    examples: [{ kind: 'shipping', name: 'Ada Byron', line1: '12 Analytical Way', city: 'Portland', region: 'OR', postal_code: '97201', country: 'US' }],
  },
);

export const CustomerAddress = Type.Object({
  id: Id('address'),
  kind,
  is_default: Type.Boolean(),
  name: Type.String(),
  company: nullable(Type.String()),
  line1: Type.String(),
  line2: nullable(Type.String()),
  city: Type.String(),
  region: nullable(Type.String()),
  postal_code: nullable(Type.String()),
  country: Type.String(),
  phone: nullable(Type.String()),
  created_at: Timestamp(),
}, {
  $id: 'CustomerAddress',
  examples: [{
    id: exampleId('address'), kind: 'shipping', is_default: true, name: 'Ada Byron', company: null, line1: '12 Analytical Way', line2: null,
    city: 'Portland', region: 'OR', postal_code: '97201', country: 'US', phone: null, created_at: '2026-11-21T09:30:00.000Z',
  }],
});

export const PaymentMethod = Type.Object({
  id: Id('paymentMethod'),
  connection_id: Id('connection'),
  provider_ref: Type.String({ description: "The provider's own id of it." }),
  brand: nullable(Type.String()),
  last_four: nullable(Type.String()),
  exp_month: nullable(Type.Integer()),
  exp_year: nullable(Type.Integer()),
  is_default: Type.Boolean(),
  created_at: Timestamp(),
}, {
  $id: 'PaymentMethod',
  examples: [{
    id: exampleId('paymentMethod'), connection_id: exampleId('connection'), provider_ref: 'pm_1PqX2aLkdIwHu7ix', brand: 'visa', last_four: '4242',
    exp_month: 4, exp_year: 2031, is_default: true, created_at: '2026-11-21T09:30:00.000Z',
  }],
});

export type CustomerBody = Static<typeof Customer>;
export type CustomerInputBody = Static<typeof CustomerInput>;
export type CustomerChangeBody = Static<typeof CustomerChange>;
export type CustomerAddressBody = Static<typeof CustomerAddress>;
export type CustomerAddressInputBody = Static<typeof CustomerAddressInput>;
export type PaymentMethodBody = Static<typeof PaymentMethod>;

export const customerSchemas = [CustomerInput, CustomerChange, Customer, CustomerAddressInput, CustomerAddress, PaymentMethod];
