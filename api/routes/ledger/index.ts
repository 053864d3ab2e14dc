import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { isId } from '#domain/ids.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { checkCursor, pageOf, pageQuery, rowsToRead, toPage } from '../../pagination.ts';
import { Currency, Id, problemsOf, ref } from '../../schemas/common.ts';
import { listTransactions, readBalances } from './read-ledger.ts';
import { LedgerBalances, ledgerSchemas, LedgerTransaction } from './schemas.ts';

const tags = ['Ledger'];

/** The double-entry ledger is written by orders only; here it is read. */
export const ledgerRoutes: FastifyPluginAsyncTypebox = async (app) => {
  for (const schema of ledgerSchemas) app.addSchema(schema);

  app.get('/ledger/balances', {
    config: { scopes: ['ledger:read'] },
    schema: {
      operationId: 'listLedgerBalances',
      summary: 'Read the balance of every account',
      description: 'Per account and currency. Per currency the balances sum to 0, always.',
      tags,
      querystring: Type.Object({ currency: Type.Optional(Currency) }),
      response: { 200: ref(LedgerBalances), ...problemsOf() },
    },
  }, async (request) => ({
    data: await inTenant(app.database, request.scope, (sql) => readBalances(sql, request.query.currency)),
  }));

  app.get('/ledger/transactions', {
    config: { scopes: ['ledger:read'] },
    schema: {
      operationId: 'listLedgerTransactions',
      summary: 'List ledger transactions',
      description: 'Newest first, each with its entries.',
      tags,
      querystring: Type.Object({
        ...pageQuery,
        order_id: Type.Optional(Id('order')),
        kind: Type.Optional(Type.String({ minLength: 1, maxLength: 60 })),
      }),
      response: { 200: pageOf(ref(LedgerTransaction)), ...problemsOf() },
    },
  }, async (request) => {
    const { query } = request;
    const after = checkCursor(query, (value) => isId('ledgerTransaction', value));
    const rows = await inTenant(app.database, request.scope, (sql) => listTransactions(sql, query, after, rowsToRead(query)));
    return toPage(rows, query);
  });
};
