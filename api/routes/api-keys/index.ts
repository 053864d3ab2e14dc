import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { isId, newId } from '#domain/ids.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { checkCursor, pageOf, pageQuery, rowsToRead, toPage } from '../../pagination.ts';
import { runOnce } from '../../plugins/commands.ts';
import { Id, IdempotencyHeaders, idempotencyProblems, problemsOf, ref } from '../../schemas/common.ts';
import { created } from '../answers.ts';
import { createApiKey, listApiKeys, revokeApiKey, rotateApiKey } from './api-keys.ts';
import { ApiKey, ApiKeyInput, ApiKeyRotation, apiKeySchemas, NewApiKey } from './schemas.ts';

const tags = ['API keys'];
const params = Type.Object({ id: Id('apiKey') });

/** Keys belong to the mode of the key that manages them: test keys make test keys. */
export const apiKeyRoutes: FastifyPluginAsyncTypebox = async (app) => {
  for (const schema of apiKeySchemas) app.addSchema(schema);

  app.post('/api-keys', {
    config: { scopes: ['api_keys:write'] },
    schema: {
      operationId: 'createApiKey',
      summary: 'Create an API key',
      description: 'In the mode of the key that you use. `secret` is in this answer only (and in its replay); we keep a hash.',
      tags,
      headers: IdempotencyHeaders,
      body: ref(ApiKeyInput),
      response: { 201: ref(NewApiKey), ...problemsOf(...idempotencyProblems) },
    },
  }, async (request, reply) =>
    runOnce(request, reply, {
      operation: 'api_key.create',
      resourceId: newId('apiKey'),
      work: async (sql) => {
        const key = await createApiKey(sql, request.scope, request.body, new Date());
        return created(`/api/api-keys/${key.id}`, key);
      },
    }));

  app.get('/api-keys', {
    config: { scopes: ['api_keys:read'] },
    schema: {
      operationId: 'listApiKeys',
      summary: 'List API keys',
      description: 'Newest first, the revoked ones among them.',
      tags,
      querystring: Type.Object(pageQuery),
      response: { 200: pageOf(ref(ApiKey)), ...problemsOf() },
    },
  }, async (request) => {
    const { query } = request;
    const after = checkCursor(query, (value) => isId('apiKey', value));
    const rows = await inTenant(app.database, request.scope, (sql) => listApiKeys(sql, after, rowsToRead(query)));
    return toPage(rows, query);
  });

  app.post('/api-keys/:id/rotate', {
    config: { scopes: ['api_keys:write'] },
    schema: {
      operationId: 'rotateApiKey',
      summary: 'Rotate an API key',
      description: 'Makes a new key with the same name, scopes and expiry; the old one works for `overlap_seconds` more.',
      tags,
      params,
      headers: IdempotencyHeaders,
      body: ref(ApiKeyRotation),
      response: { 201: ref(NewApiKey), ...problemsOf('not_found', 'conflict', ...idempotencyProblems) },
    },
  }, async (request, reply) =>
    runOnce(request, reply, {
      operation: 'api_key.rotate',
      resourceId: newId('apiKey'),
      work: async (sql) => {
        const key = await rotateApiKey(sql, request.scope, request.params.id, request.body, new Date());
        return created(`/api/api-keys/${key.id}`, key);
      },
    }));

  app.delete('/api-keys/:id', {
    config: { scopes: ['api_keys:write'] },
    schema: {
      operationId: 'revokeApiKey',
      summary: 'Revoke an API key',
      description: 'It stops to work within ten seconds, and stays in the list.',
      tags,
      params,
      response: { 204: Type.Null({ description: 'Revoked.' }), ...problemsOf('not_found') },
    },
  }, async (request, reply) => {
    await inTenant(app.database, request.scope, (sql) => revokeApiKey(sql, request.params.id, new Date()));
    return reply.code(204).send(null);
  });
};
