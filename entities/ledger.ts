import { defineEntity, p } from '@mikro-orm/core';

export const LedgerTransaction = defineEntity({
  name: 'LedgerTransaction',
  tableName: 'ledger_transactions',
  properties: {
    id: p.text().primary(),
    tenantId: p.text(),
    livemode: p.boolean(),
    kind: p.text(),
    orderId: p.text().nullable(),
    paymentId: p.text().nullable(),
    refundId: p.text().nullable(),
    workflowId: p.text(),
    seq: p.integer(),
    position: p.integer(),
    occurredAt: p.datetime(),
  },
});

export const LedgerEntry = defineEntity({
  name: 'LedgerEntry',
  tableName: 'ledger_entries',
  properties: {
    transactionId: p.text().primary(),
    line: p.integer().primary(),
    tenantId: p.text(),
    livemode: p.boolean(),
    account: p.text(),
    currency: p.text(),
    amount: p.bigint('number'),
  },
});
