import { defineEntity, p } from '@mikro-orm/core';

export const Product = defineEntity({
  name: 'Product',
  tableName: 'products',
  properties: {
    id: p.text().primary(),
    tenantId: p.text(),
    livemode: p.boolean(),
    title: p.text(),
    description: p.text().nullable(),
    status: p.text(),
    metadata: p.json<Record<string, unknown>>().defaultRaw("'{}'"),
    version: p.integer().default(1),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

export const Variant = defineEntity({
  name: 'Variant',
  tableName: 'variants',
  properties: {
    id: p.text().primary(),
    tenantId: p.text(),
    livemode: p.boolean(),
    productId: p.text(),
    sku: p.text(),
    title: p.text().nullable(),
    weightGrams: p.integer().nullable(),
    lengthMm: p.integer().nullable(),
    widthMm: p.integer().nullable(),
    heightMm: p.integer().nullable(),
    taxCategory: p.text().default('standard'),
    position: p.integer().default(0),
  },
});

export const Price = defineEntity({
  name: 'Price',
  tableName: 'prices',
  properties: {
    id: p.text().primary(),
    tenantId: p.text(),
    livemode: p.boolean(),
    variantId: p.text(),
    currency: p.text(),
    amount: p.bigint('number'),
  },
});
