import { defineEntity, p } from '@mikro-orm/core';

export const WebhookEvent = defineEntity({
  name: 'WebhookEvent',
  tableName: 'webhook_events',
  properties: {
    id: p.text().primary(),
    tenantId: p.text(),
    livemode: p.boolean(),
    connectionId: p.text(),
    providerEventId: p.text(),
    type: p.text(),
    objectId: p.text().nullable(),
    providerCreatedAt: p.datetime(),
    payloadSealed: p.text(),
    headers: p.json<Record<string, unknown>>(),
    status: p.text(),
    orderId: p.text().nullable(),
    workflowId: p.text().nullable(),
    attempts: p.integer().default(0),
    nextAttemptAt: p.datetime().nullable(),
    lastError: p.text().nullable(),
    receivedAt: p.datetime(),
    appliedAt: p.datetime().nullable(),
  },
});

export const OutboxMessage = defineEntity({
  name: 'OutboxMessage',
  tableName: 'outbox',
  properties: {
    id: p.bigint('number').primary().autoincrement(),
    tenantId: p.text(),
    livemode: p.boolean(),
    kind: p.text(),
    template: p.text(),
    subjectId: p.text(),
    data: p.json<Record<string, unknown>>(),
    dedupeKey: p.text(),
    status: p.text(),
    attempts: p.integer().default(0),
    nextAttemptAt: p.datetime(),
    messageId: p.text().nullable(),
    possibleDuplicate: p.boolean().default(false),
    lastError: p.text().nullable(),
    createdAt: p.datetime(),
    sentAt: p.datetime().nullable(),
  },
});
