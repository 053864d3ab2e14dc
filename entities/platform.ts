import { defineEntity, p } from '@mikro-orm/core';

export const Tenant = defineEntity({
  name: 'Tenant',
  tableName: 'tenants',
  properties: {
    id: p.text().primary(),
    name: p.text(),
    slug: p.text(),
    settings: p.json<Record<string, unknown>>().defaultRaw("'{}'"),
    createdAt: p.datetime(),
  },
});

export const ApiKey = defineEntity({
  name: 'ApiKey',
  tableName: 'api_keys',
  properties: {
    id: p.text().primary(),
    tenantId: p.text(),
    livemode: p.boolean(),
    kind: p.text(),
    name: p.text(),
    hash: p.text(),
    prefix: p.text(),
    lastFour: p.text(),
    scopes: p.array(),
    expiresAt: p.datetime().nullable(),
    revokedAt: p.datetime().nullable(),
    lastUsedAt: p.datetime().nullable(),
    createdAt: p.datetime(),
  },
});

export const OrderCounter = defineEntity({
  name: 'OrderCounter',
  tableName: 'order_counters',
  properties: {
    tenantId: p.text().primary(),
    livemode: p.boolean().primary(),
    lastNumber: p.bigint('number'),
  },
});

export const IntakeCommand = defineEntity({
  name: 'IntakeCommand',
  tableName: 'intake_commands',
  properties: {
    tenantId: p.text().primary(),
    livemode: p.boolean().primary(),
    operation: p.text().primary(),
    idempotencyKey: p.text().primary(),
    bodyHash: p.text(),
    resourceId: p.text(),
    workflowId: p.text(),
    inputSealed: p.text(),
    status: p.text(),
    leaseExpiresAt: p.datetime(),
    responseSealed: p.text().nullable(),
    shortages: p.json().nullable(),
    deliveredAt: p.datetime().nullable(),
    createdAt: p.datetime(),
  },
});
