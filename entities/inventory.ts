import { defineEntity, p } from '@mikro-orm/core';

export const Location = defineEntity({
  name: 'Location',
  tableName: 'locations',
  properties: {
    id: p.text().primary(),
    tenantId: p.text(),
    livemode: p.boolean(),
    code: p.text(),
    name: p.text(),
    country: p.text().nullable(),
    priority: p.integer().default(100),
    status: p.text(),
    version: p.integer().default(1),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

export const StockLevel = defineEntity({
  name: 'StockLevel',
  tableName: 'stock_levels',
  properties: {
    tenantId: p.text().primary(),
    livemode: p.boolean().primary(),
    sku: p.text().primary(),
    locationId: p.text().primary(),
    onHand: p.bigint('number').default(0),
    reserved: p.bigint('number').default(0),
    updatedAt: p.datetime(),
  },
});

export const StockAdjustment = defineEntity({
  name: 'StockAdjustment',
  tableName: 'stock_adjustments',
  properties: {
    id: p.text().primary(),
    tenantId: p.text(),
    livemode: p.boolean(),
    locationId: p.text(),
    sku: p.text(),
    quantity: p.bigint('number'),
    reason: p.text(),
    orderId: p.text().nullable(),
    actor: p.text(),
    createdAt: p.datetime(),
  },
});

export const StockReservation = defineEntity({
  name: 'StockReservation',
  tableName: 'stock_reservations',
  properties: {
    tenantId: p.text(),
    livemode: p.boolean(),
    orderId: p.text().primary(),
    sku: p.text().primary(),
    locationId: p.text().primary(),
    quantity: p.bigint('number'),
    shipped: p.bigint('number').default(0),
    status: p.text(),
    expiresAt: p.datetime().nullable(),
  },
});
