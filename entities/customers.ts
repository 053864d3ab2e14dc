import { defineEntity, p } from '@mikro-orm/core';

export const Customer = defineEntity({
  name: 'Customer',
  tableName: 'customers',
  properties: {
    id: p.text().primary(),
    tenantId: p.text(),
    livemode: p.boolean(),
    emailIndex: p.text(),
    profileSealed: p.text(),
    status: p.text(),
    tags: p.array().defaultRaw("'{}'"),
    notesSealed: p.text().nullable(),
    providerRefs: p.json<Record<string, unknown>>().defaultRaw("'{}'"),
    metadata: p.json<Record<string, unknown>>().defaultRaw("'{}'"),
    orderCount: p.integer().default(0),
    firstOrderAt: p.datetime().nullable(),
    lastOrderAt: p.datetime().nullable(),
    version: p.integer().default(1),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

export const CustomerAddress = defineEntity({
  name: 'CustomerAddress',
  tableName: 'customer_addresses',
  properties: {
    id: p.text().primary(),
    tenantId: p.text(),
    livemode: p.boolean(),
    customerId: p.text(),
    kind: p.text(),
    isDefault: p.boolean().default(false),
    country: p.text(),
    addressSealed: p.text(),
    createdAt: p.datetime(),
  },
});

export const CustomerPaymentMethod = defineEntity({
  name: 'CustomerPaymentMethod',
  tableName: 'customer_payment_methods',
  properties: {
    id: p.text().primary(),
    tenantId: p.text(),
    livemode: p.boolean(),
    customerId: p.text(),
    connectionId: p.text(),
    providerRef: p.text(),
    brand: p.text().nullable(),
    lastFour: p.text().nullable(),
    expMonth: p.integer().nullable(),
    expYear: p.integer().nullable(),
    isDefault: p.boolean().default(false),
    createdAt: p.datetime(),
  },
});
