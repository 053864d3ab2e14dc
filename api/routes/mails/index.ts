import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { inTenant } from '#entities/unit-of-work.ts';
import { checkCursor, pageOf, pageQuery, rowsToRead, toPage } from '../../pagination.ts';
import { problemsOf, ref } from '../../schemas/common.ts';
import { listMails } from './read-mails.ts';
import { Mail, mailSchemas, MailStatus } from './schemas.ts';

/** What was mailed about what; never to whom. */
export const mailRoutes: FastifyPluginAsyncTypebox = async (app) => {
  for (const schema of mailSchemas) app.addSchema(schema);

  app.get('/mails', {
    config: { scopes: ['mails:read'] },
    schema: {
      operationId: 'listMails',
      summary: 'List mails',
      description: 'Newest first: which mail about what was sent when. Neither addresses nor text are shown.',
      tags: ['Mails'],
      querystring: Type.Object({
        ...pageQuery,
        status: Type.Optional(MailStatus),
        subject_id: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'An order, mostly.' })),
        template: Type.Optional(Type.String({ minLength: 1, maxLength: 60 })),
      }),
      response: { 200: pageOf(ref(Mail)), ...problemsOf() },
    },
  }, async (request) => {
    const { query } = request;
    const after = checkCursor(query, (value) => /^\d{1,15}$/.test(value));
    const rows = await inTenant(app.database, request.scope, (sql) =>
      listMails(sql, query, after === undefined ? undefined : Number(after), rowsToRead(query)));
    return toPage(rows, query);
  });
};
