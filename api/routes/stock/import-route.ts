import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { newId } from '#domain/ids.ts';
import { runOnce } from '../../plugins/commands.ts';
import { IdempotencyHeaders, idempotencyProblems, problemsOf } from '../../schemas/common.ts';
import { acceptCsv, csvBody, ImportFailures, importLimit, readingFile } from '../csv-body.ts';
import { importStock } from './import-stock.ts';

const ImportReport = Type.Object({
  imported: Type.Integer({ description: 'Lines that were applied.' }),
  failed: ImportFailures,
}, { examples: [{ imported: 23, failed: [{ line: 4, reason: 'There is no SKU 99999X.' }] }] });

export const stockImportRoutes: FastifyPluginAsyncTypebox = async (app) => {
  acceptCsv(app as unknown as FastifyInstance);

  app.post('/stock/import', {
    ...importLimit,
    config: { scopes: ['stock:write'] },
    schema: {
      operationId: 'importStock',
      summary: 'Adjust stock from a CSV file',
      description: [
        'UTF-8, comma-separated; the first line names the columns.',
        '',
        '| column | |',
        '|---|---|',
        '| `sku` | required; must be in the catalogue |',
        '| `location_code` | required; the `code` of a location |',
        '| `quantity` | required; a signed whole number, added to what is on hand |',
        '| `reason` | `import` if empty |',
        '',
        'Lines of one SKU at one location are applied together or not at all. Lines with mistakes are reported and left',
        'out; all others are kept, together.',
      ].join('\n'),
      tags: ['Stock'],
      consumes: ['text/csv'],
      headers: IdempotencyHeaders,
      body: csvBody('sku,location_code,quantity,reason\n85123A,london,600,opening stock\n'),
      response: { 200: ImportReport, ...problemsOf('file_not_readable', 'payload_too_large', 'unsupported_media_type', ...idempotencyProblems) },
    },
  }, async (request, reply) =>
    runOnce(request, reply, {
      operation: 'stock.import',
      resourceId: newId('request'),
      work: async (sql) => {
        const text = request.body as string;
        const report = await readingFile(() => importStock(sql, request.scope, request.scope.actor, text, new Date()));
        return { status: 200, body: { ...report } };
      },
    }));
};
