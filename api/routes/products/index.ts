import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { isId, newId } from '#domain/ids.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { etag, expectedVersion } from '../../etag.ts';
import { checkCursor, pageOf, pageQuery, rowsToRead, toPage } from '../../pagination.ts';
import { runOnce } from '../../plugins/commands.ts';
import { Id, IdempotencyHeaders, idempotencyProblems, IfMatchHeaders, problemsOf, ref } from '../../schemas/common.ts';
import { created } from '../answers.ts';
import { productImportRoutes } from './import-route.ts';
import { listProducts, readProduct } from './read-products.ts';
import { Product, ProductChange, ProductInput, productSchemas, Sku } from './schemas.ts';
import { variantRoutes } from './variant-routes.ts';
import { archiveProduct, createProduct, updateProduct } from './write-products.ts';

const tags = ['Products'];
const params = Type.Object({ id: Id('product') });

export const productRoutes: FastifyPluginAsyncTypebox = async (app) => {
  for (const schema of productSchemas) app.addSchema(schema);

  app.post('/products', {
    config: { scopes: ['products:write'] },
    schema: {
      operationId: 'createProduct',
      summary: 'Create a product',
      description: 'With its variants and their prices. A SKU is unique within tenant and mode.',
      tags,
      headers: IdempotencyHeaders,
      body: ref(ProductInput),
      response: { 201: ref(Product), ...problemsOf('sku_taken', ...idempotencyProblems) },
    },
  }, async (request, reply) =>
    runOnce(request, reply, {
      operation: 'product.create',
      resourceId: newId('product'),
      work: async (sql) => {
        const id = await createProduct(sql, request.scope, request.body, new Date());
        const product = await readProduct(sql, id);
        return created(`/api/products/${id}`, product, product.version);
      },
    }));

  app.get('/products', {
    config: { scopes: ['products:read'] },
    schema: {
      operationId: 'listProducts',
      summary: 'List products',
      description: 'Newest first, with variants and prices.',
      tags,
      querystring: Type.Object({
        ...pageQuery,
        status: Type.Optional(Type.Unsafe<'active' | 'archived'>(Type.String({ enum: ['active', 'archived'] }))),
        sku: Type.Optional(Sku),
        title: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Part of the title, in any case.' })),
      }),
      response: { 200: pageOf(ref(Product)), ...problemsOf() },
    },
  }, async (request) => {
    const { query } = request;
    const after = checkCursor(query, (value) => isId('product', value));
    const rows = await inTenant(app.database, request.scope, (sql) => listProducts(sql, query, after, rowsToRead(query)));
    return toPage(rows, query);
  });

  app.get('/products/:id', {
    config: { scopes: ['products:read'] },
    schema: {
      operationId: 'getProduct',
      summary: 'Read a product',
      tags,
      params,
      response: { 200: ref(Product), ...problemsOf('not_found') },
    },
  }, async (request, reply) => {
    const product = await inTenant(app.database, request.scope, (sql) => readProduct(sql, request.params.id));
    void reply.header('etag', etag(product.version));
    return product;
  });

  app.patch('/products/:id', {
    config: { scopes: ['products:write'] },
    schema: {
      operationId: 'updateProduct',
      summary: 'Change a product',
      description: 'Only what is named changes; metadata is replaced whole. Variants and prices have routes of their own.',
      tags,
      params,
      headers: IfMatchHeaders,
      body: ref(ProductChange),
      response: { 200: ref(Product), ...problemsOf('not_found', 'precondition_failed', 'precondition_required') },
    },
  }, async (request, reply) => {
    const { id } = request.params;
    const version = expectedVersion(request);
    const product = await inTenant(app.database, request.scope, async (sql) => {
      await updateProduct(sql, id, version, request.body, new Date());
      return readProduct(sql, id);
    });
    void reply.header('etag', etag(product.version));
    return product;
  });

  app.delete('/products/:id', {
    config: { scopes: ['products:write'] },
    schema: {
      operationId: 'archiveProduct',
      summary: 'Archive a product',
      description: 'It can no longer be ordered; orders that have it are not touched. Undo it by PATCH with status active.',
      tags,
      params,
      response: { 200: ref(Product), ...problemsOf('not_found') },
    },
  }, async (request, reply) => {
    const { id } = request.params;
    const product = await inTenant(app.database, request.scope, async (sql) => {
      await archiveProduct(sql, id, new Date());
      return readProduct(sql, id);
    });
    void reply.header('etag', etag(product.version));
    return product;
  });

  await app.register(variantRoutes);
  await app.register(productImportRoutes);
};
