import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { isId, newId } from '#domain/ids.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { etag, expectedVersion } from '../../etag.ts';
import { checkCursor, pageOf, pageQuery, rowsToRead, toPage } from '../../pagination.ts';
import { runOnce } from '../../plugins/commands.ts';
import { Id, IdempotencyHeaders, idempotencyProblems, IfMatchHeaders, problemsOf, ref } from '../../schemas/common.ts';
import { created } from '../answers.ts';
import { listConnections, readConnection } from './read-connections.ts';
import { Connection, ConnectionChange, ConnectionInput, connectionSchemas } from './schemas.ts';
import type { ConnectionBody } from './schemas.ts';
import { connectionVersion, createConnection, deleteConnection, updateConnection } from './write-connections.ts';

const tags = ['Connections'];
const params = Type.Object({ id: Id('connection') });
const versionOf = ({ updated_at }: ConnectionBody) => connectionVersion(new Date(updated_at));

/** Accounts at payment providers. */
export const connectionRoutes: FastifyPluginAsyncTypebox = async (app) => {
  for (const schema of connectionSchemas) app.addSchema(schema);
  const view = { keyRing: app.keyRing, publicUrl: app.env.PUBLIC_URL };

  app.post('/connections', {
    config: { scopes: ['connections:write'] },
    schema: {
      operationId: 'createConnection',
      summary: 'Connect a payment account',
      description: 'Its key and webhook secrets are encrypted and never shown again. Point a webhook endpoint of the provider to `webhook_url`.',
      tags,
      headers: IdempotencyHeaders,
      body: ref(ConnectionInput),
      response: { 201: ref(Connection), ...problemsOf(...idempotencyProblems) },
    },
  }, async (request, reply) =>
    runOnce(request, reply, {
      operation: 'connection.create',
      resourceId: newId('connection'),
      work: async (sql) => {
        const id = await createConnection(sql, request.scope, app.keyRing, request.body, new Date());
        const connection = await readConnection(sql, view, id);
        return created(`/api/connections/${id}`, connection, versionOf(connection));
      },
    }));

  app.get('/connections', {
    config: { scopes: ['connections:read'] },
    schema: {
      operationId: 'listConnections',
      summary: 'List payment accounts',
      description: 'Newest first.',
      tags,
      querystring: Type.Object(pageQuery),
      response: { 200: pageOf(ref(Connection)), ...problemsOf() },
    },
  }, async (request) => {
    const { query } = request;
    const after = checkCursor(query, (value) => isId('connection', value));
    const rows = await inTenant(app.database, request.scope, (sql) => listConnections(sql, view, after, rowsToRead(query)));
    return toPage(rows, query);
  });

  app.get('/connections/:id', {
    config: { scopes: ['connections:read'] },
    schema: {
      operationId: 'getConnection',
      summary: 'Read a payment account',
      tags,
      params,
      response: { 200: ref(Connection), ...problemsOf('not_found') },
    },
  }, async (request, reply) => {
    const connection = await inTenant(app.database, request.scope, (sql) => readConnection(sql, view, request.params.id));
    void reply.header('etag', etag(versionOf(connection)));
    return connection;
  });

  app.patch('/connections/:id', {
    config: { scopes: ['connections:write'] },
    schema: {
      operationId: 'updateConnection',
      summary: 'Change a payment account',
      description:
        'To rotate a webhook secret, send the new one before the old one; later send the new one alone. ' +
        'A disabled connection takes no new payments; what was paid through it goes on.',
      tags,
      params,
      headers: IfMatchHeaders,
      body: ref(ConnectionChange),
      response: { 200: ref(Connection), ...problemsOf('not_found', 'precondition_failed', 'precondition_required') },
    },
  }, async (request, reply) => {
    const { id } = request.params;
    const version = expectedVersion(request);
    const connection = await inTenant(app.database, request.scope, async (sql) => {
      await updateConnection(sql, request.scope, app.keyRing, id, version, request.body, new Date());
      return readConnection(sql, view, id);
    });
    void reply.header('etag', etag(versionOf(connection)));
    return connection;
  });

  app.delete('/connections/:id', {
    config: { scopes: ['connections:write'] },
    schema: {
      operationId: 'deleteConnection',
      summary: 'Delete a payment account',
      description: 'Only one that was never used; set status to disabled for the others.',
      tags,
      params,
      response: { 204: Type.Null({ description: 'Deleted.' }), ...problemsOf('not_found', 'in_use') },
    },
  }, async (request, reply) => {
    await inTenant(app.database, request.scope, (sql) => deleteConnection(sql, request.params.id));
    return reply.code(204).send(null);
  });
};
