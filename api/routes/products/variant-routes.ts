import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { newId } from '#domain/ids.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import type { Sql } from '#entities/unit-of-work.ts';
import { etag, expectedVersion } from '../../etag.ts';
import { runOnce } from '../../plugins/commands.ts';
import { Amount, Currency, Id, IdempotencyHeaders, idempotencyProblems, IfMatchHeaders, problemsOf, ref, strictObject } from '../../schemas/common.ts';
import { created } from '../answers.ts';
import { readProduct } from './read-products.ts';
import { Product, VariantChange, VariantInput } from './schemas.ts';
import { addVariant, changeVariant, removePrice, removeVariant, setPrice } from './write-variants.ts';

const tags = ['Products'];
const product = { 200: ref(Product) };
const variantParams = Type.Object({ id: Id('product'), variant_id: Id('variant') });
const priceParams = Type.Object({ id: Id('product'), variant_id: Id('variant'), currency: Currency });
const PriceBody = strictObject({ amount: Amount() }, { examples: [{ amount: 395 }] });

/** Variants and prices: each change answers the whole product, whose version it counts up. */
export const variantRoutes: FastifyPluginAsyncTypebox = async (app) => {
  async function changing(request: FastifyRequest, id: string, change: (sql: Sql, now: Date) => Promise<void>) {
    return inTenant(app.database, request.scope, async (sql) => {
      await change(sql, new Date());
      return readProduct(sql, id);
    });
  }

  app.post('/products/:id/variants', {
    config: { scopes: ['products:write'] },
    schema: {
      operationId: 'addVariant',
      summary: 'Add a variant',
      tags,
      params: Type.Object({ id: Id('product') }),
      headers: IdempotencyHeaders,
      body: ref(VariantInput),
      response: { 201: ref(Product), ...problemsOf('not_found', 'sku_taken', ...idempotencyProblems) },
    },
  }, async (request, reply) => {
    const { id } = request.params;
    return runOnce(request, reply, {
      operation: 'variant.create',
      resourceId: newId('variant'),
      work: async (sql) => {
        await addVariant(sql, request.scope, id, request.body, new Date());
        const body = await readProduct(sql, id);
        return created(`/api/products/${id}`, body, body.version);
      },
    });
  });

  app.patch('/products/:id/variants/:variant_id', {
    config: { scopes: ['products:write'] },
    schema: {
      operationId: 'updateVariant',
      summary: 'Change a variant',
      description: 'If-Match takes the ETag of the product. A SKU that has stock keeps its name. Prices, if named, replace all prices.',
      tags,
      params: variantParams,
      headers: IfMatchHeaders,
      body: ref(VariantChange),
      response: { ...product, ...problemsOf('not_found', 'precondition_failed', 'precondition_required', 'sku_taken', 'in_use') },
    },
  }, async (request, reply) => {
    const version = expectedVersion(request);
    const body = await changing(request, request.params.id, (sql, now) =>
      changeVariant(sql, request.scope, request.params, version, request.body, now));
    void reply.header('etag', etag(body.version));
    return body;
  });

  app.delete('/products/:id/variants/:variant_id', {
    config: { scopes: ['products:write'] },
    schema: {
      operationId: 'removeVariant',
      summary: 'Remove a variant',
      description: 'Refused for the last one of a product, and while there is stock of it.',
      tags,
      params: variantParams,
      response: { ...product, ...problemsOf('not_found', 'in_use') },
    },
  }, async (request, reply) => {
    const body = await changing(request, request.params.id, (sql, now) => removeVariant(sql, request.params, now));
    void reply.header('etag', etag(body.version));
    return body;
  });

  app.put('/products/:id/variants/:variant_id/prices/:currency', {
    config: { scopes: ['products:write'] },
    schema: {
      operationId: 'setPrice',
      summary: 'Set the price in a currency',
      description: 'Orders that exist keep the price that they were placed at.',
      tags,
      params: priceParams,
      body: PriceBody,
      response: { ...product, ...problemsOf('not_found') },
    },
  }, async (request, reply) => {
    const { currency } = request.params;
    const body = await changing(request, request.params.id, (sql, now) =>
      setPrice(sql, request.scope, request.params, { amount: request.body.amount, currency }, now));
    void reply.header('etag', etag(body.version));
    return body;
  });

  app.delete('/products/:id/variants/:variant_id/prices/:currency', {
    config: { scopes: ['products:write'] },
    schema: {
      operationId: 'removePrice',
      summary: 'Remove the price in a currency',
      description: 'The variant can then not be ordered in it.',
      tags,
      params: priceParams,
      response: { ...product, ...problemsOf('not_found') },
    },
  }, async (request, reply) => {
    const body = await changing(request, request.params.id, (sql, now) => removePrice(sql, request.params, request.params.currency, now));
    void reply.header('etag', etag(body.version));
    return body;
  });
};
