import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { isId, newId } from '#domain/ids.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { checkCursor, pageOf, pageQuery, rowsToRead, toPage } from '../../pagination.ts';
import { runOnce } from '../../plugins/commands.ts';
import { Id, IdempotencyHeaders, idempotencyProblems, problemsOf, ref } from '../../schemas/common.ts';
import { Sku } from '../products/schemas.ts';
import { adjustStock } from './adjust-stock.ts';
import { stockImportRoutes } from './import-route.ts';
import { levelCursor, listAdjustments, listLevels, readLevelCursor } from './read-stock.ts';
import { AdjustedStock, AdjustmentInput, StockAdjustment, StockLevel, stockSchemas } from './schemas.ts';

const tags = ['Stock'];
const filters = { sku: Type.Optional(Sku), location_id: Type.Optional(Id('location')) };
// Its cursor joins a SKU and a location.
const levelPage = { ...pageQuery, starting_after: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'The `next_cursor` of the page before.' })) };

export const stockRoutes: FastifyPluginAsyncTypebox = async (app) => {
  for (const schema of stockSchemas) app.addSchema(schema);

  app.get('/stock', {
    config: { scopes: ['stock:read'] },
    schema: {
      operationId: 'listStock',
      summary: 'List stock levels',
      description: 'By SKU, then location.',
      tags,
      querystring: Type.Object({ ...levelPage, ...filters }),
      response: { 200: pageOf(ref(StockLevel)), ...problemsOf() },
    },
  }, async (request) => {
    const { query } = request;
    const cursor = checkCursor(query, (value) => readLevelCursor(value) !== undefined);
    const after = cursor === undefined ? undefined : readLevelCursor(cursor);
    const rows = await inTenant(app.database, request.scope, (sql) => listLevels(sql, query, after, rowsToRead(query)));
    return toPage(rows, query, levelCursor);
  });

  app.post('/stock/adjustments', {
    config: { scopes: ['stock:write'] },
    schema: {
      operationId: 'adjustStock',
      summary: 'Adjust stock',
      description: 'Adds a signed quantity to what is on hand. What orders have reserved cannot be taken.',
      tags,
      headers: IdempotencyHeaders,
      body: ref(AdjustmentInput),
      response: { 201: ref(AdjustedStock), ...problemsOf('stock_below_reserved', ...idempotencyProblems) },
    },
  }, async (request, reply) =>
    runOnce(request, reply, {
      operation: 'stock.adjust',
      resourceId: newId('stockAdjustment'),
      work: async (sql) => {
        const body = await adjustStock(sql, request.scope, request.scope.actor, request.body, new Date());
        return { status: 201, body };
      },
    }));

  app.get('/stock/adjustments', {
    config: { scopes: ['stock:read'] },
    schema: {
      operationId: 'listStockAdjustments',
      summary: 'List stock adjustments',
      description: 'Newest first: who changed what is on hand, and why.',
      tags,
      querystring: Type.Object({ ...pageQuery, ...filters, order_id: Type.Optional(Id('order')) }),
      response: { 200: pageOf(ref(StockAdjustment)), ...problemsOf() },
    },
  }, async (request) => {
    const { query } = request;
    const after = checkCursor(query, (value) => isId('stockAdjustment', value));
    const rows = await inTenant(app.database, request.scope, (sql) => listAdjustments(sql, query, after, rowsToRead(query)));
    return toPage(rows, query);
  });

  await app.register(stockImportRoutes);
};
