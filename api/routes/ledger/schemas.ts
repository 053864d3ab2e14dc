import { Type } from 'typebox';
import type { Static } from 'typebox';
import { exampleId, Id, nullable, Timestamp } from '../../schemas/common.ts';

export const LedgerBalance = Type.Object({
  account: Type.String(),
  currency: Type.String(),
  debit: Type.Integer({ description: 'Sum of all debits, minor units.' }),
  credit: Type.Integer({ description: 'Sum of all credits, minor units.' }),
  balance: Type.Integer({ description: 'debit less credit.' }),
}, { $id: 'LedgerBalance', examples: [{ account: 'cash_at_provider', currency: 'USD', debit: 129_500, credit: 4_900, balance: 124_600 }] });

export const LedgerBalances = Type.Object(
  { data: Type.Array(Type.Unsafe<Static<typeof LedgerBalance>>({ $ref: 'LedgerBalance#' } as never)) },
  { $id: 'LedgerBalances', description: 'All accounts; per currency the balances sum to 0.' },
);

export const LedgerTransaction = Type.Object({
  id: Id('ledgerTransaction'),
  kind: Type.String({ description: 'What happened: authorisation, capture, refund, …' }),
  order_id: nullable(Type.String()),
  payment_id: nullable(Type.String()),
  refund_id: nullable(Type.String()),
  entries: Type.Array(
    Type.Object({
      account: Type.String(),
      currency: Type.String(),
      amount: Type.Integer({ description: 'Minor units; debit positive, credit negative. The entries sum to 0 per currency.' }),
    }),
  ),
  occurred_at: Timestamp(),
}, {
  $id: 'LedgerTransaction',
  examples: [{
    id: exampleId('ledgerTransaction'), kind: 'capture', order_id: exampleId('order'), payment_id: exampleId('payment'), refund_id: null,
    entries: [{ account: 'cash_at_provider', currency: 'USD', amount: 4900 }, { account: 'revenue', currency: 'USD', amount: -4900 }],
    occurred_at: '2026-11-21T09:30:00.000Z',
  }],
});

export type LedgerBalanceBody = Static<typeof LedgerBalance>;
export type LedgerTransactionBody = Static<typeof LedgerTransaction>;

export const ledgerSchemas = [LedgerBalance, LedgerBalances, LedgerTransaction];
