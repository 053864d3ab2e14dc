import { defineEntity, p } from '@mikro-orm/core';

export const PaymentGatewayConnection = defineEntity({
  name: 'PaymentGatewayConnection',
  tableName: 'payment_gateway_connections',
  properties: {
    id: p.text().primary(),
    tenantId: p.text(),
    livemode: p.boolean(),
    provider: p.text(),
    name: p.text(),
    credentialsSealed: p.text(),
    webhookSecretsSealed: p.text().nullable(),
    capabilities: p.json<Record<string, unknown>>(),
    isDefault: p.boolean().default(false),
    status: p.text(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});
