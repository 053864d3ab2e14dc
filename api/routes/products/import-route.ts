import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { newId } from '#domain/ids.ts';
import { runOnce } from '../../plugins/commands.ts';
import { IdempotencyHeaders, idempotencyProblems, problemsOf } from '../../schemas/common.ts';
import { acceptCsv, csvBody, ImportFailures, importLimit, readingFile } from '../csv-body.ts';
import { importProducts } from './import-products.ts';

const example = 'sku,title,description,price,currency,weight_grams\n85123A,White hanging heart T-light holder,,2.95,GBP,180\n';

const ImportReport = Type.Object({
  imported: Type.Integer({ description: 'SKUs that were new.' }),
  updated: Type.Integer({ description: 'SKUs that existed.' }),
  failed: ImportFailures,
}, { examples: [{ imported: 11, updated: 1, failed: [{ line: 7, reason: 'price: "free" is not a decimal amount.' }] }] });

export const productImportRoutes: FastifyPluginAsyncTypebox = async (app) => {
  acceptCsv(app as unknown as FastifyInstance);

  app.post('/products/import', {
    ...importLimit,
    config: { scopes: ['products:write'] },
    schema: {
      operationId: 'importProducts',
      summary: 'Import products from a CSV file',
      description: [
        'UTF-8, comma-separated; the first line names the columns. One line per SKU and currency.',
        '',
        '| column | |',
        '|---|---|',
        '| `sku` | required; a SKU that exists is changed, another becomes a product with one variant |',
        '| `title` | required |',
        '| `price` | required; a decimal in the currency: `19.99` |',
        '| `currency` | required; ISO 4217 |',
        '| `description` | |',
        '| `weight_grams`, `length_mm`, `width_mm`, `height_mm` | whole numbers |',
        '| `tax_category` | `standard` if empty for a new SKU |',
        '',
        'An empty cell changes nothing on a SKU that exists. In a product of several variants, `title` names the variant.',
        'Lines with mistakes are reported and left out; all others are kept, together.',
      ].join('\n'),
      tags: ['Products'],
      consumes: ['text/csv'],
      headers: IdempotencyHeaders,
      body: csvBody(example),
      response: {
        200: ImportReport,
        ...problemsOf('file_not_readable', 'sku_taken', 'payload_too_large', 'unsupported_media_type', ...idempotencyProblems),
      },
    },
  }, async (request, reply) =>
    runOnce(request, reply, {
      operation: 'product.import',
      resourceId: newId('request'),
      work: async (sql) => {
        const text = request.body as string;
        const report = await readingFile(() => importProducts(sql, request.scope, text, new Date()));
        return { status: 200, body: { ...report } };
      },
    }));
};
