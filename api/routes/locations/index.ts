import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { isId, newId } from '#domain/ids.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { etag, expectedVersion } from '../../etag.ts';
import { checkCursor, pageOf, pageQuery, rowsToRead, toPage } from '../../pagination.ts';
import { runOnce } from '../../plugins/commands.ts';
import { Id, IdempotencyHeaders, idempotencyProblems, IfMatchHeaders, problemsOf, ref } from '../../schemas/common.ts';
import { created } from '../answers.ts';
import { createLocation, deleteLocation, listLocations, readLocation, updateLocation } from './locations.ts';
import { Location, LocationChange, LocationInput, locationSchemas } from './schemas.ts';

const tags = ['Locations'];
const params = Type.Object({ id: Id('location') });

export const locationRoutes: FastifyPluginAsyncTypebox = async (app) => {
  for (const schema of locationSchemas) app.addSchema(schema);

  app.post('/locations', {
    config: { scopes: ['locations:write'] },
    schema: {
      operationId: 'createLocation',
      summary: 'Create a location',
      description: 'A place that holds stock.',
      tags,
      headers: IdempotencyHeaders,
      body: ref(LocationInput),
      response: { 201: ref(Location), ...problemsOf('already_exists', ...idempotencyProblems) },
    },
  }, async (request, reply) =>
    runOnce(request, reply, {
      operation: 'location.create',
      resourceId: newId('location'),
      work: async (sql) => {
        const id = await createLocation(sql, request.scope, request.body, new Date());
        const location = await readLocation(sql, id);
        return created(`/api/locations/${id}`, location, location.version);
      },
    }));

  app.get('/locations', {
    config: { scopes: ['locations:read'] },
    schema: {
      operationId: 'listLocations',
      summary: 'List locations',
      description: 'Newest first.',
      tags,
      querystring: Type.Object({
        ...pageQuery,
        status: Type.Optional(Type.Unsafe<'active' | 'inactive'>(Type.String({ enum: ['active', 'inactive'] }))),
      }),
      response: { 200: pageOf(ref(Location)), ...problemsOf() },
    },
  }, async (request) => {
    const { query } = request;
    const after = checkCursor(query, (value) => isId('location', value));
    const rows = await inTenant(app.database, request.scope, (sql) => listLocations(sql, query.status, after, rowsToRead(query)));
    return toPage(rows, query);
  });

  app.get('/locations/:id', {
    config: { scopes: ['locations:read'] },
    schema: {
      operationId: 'getLocation',
      summary: 'Read a location',
      tags,
      params,
      response: { 200: ref(Location), ...problemsOf('not_found') },
    },
  }, async (request, reply) => {
    const location = await inTenant(app.database, request.scope, (sql) => readLocation(sql, request.params.id));
    void reply.header('etag', etag(location.version));
    return location;
  });

  app.patch('/locations/:id', {
    config: { scopes: ['locations:write'] },
    schema: {
      operationId: 'updateLocation',
      summary: 'Change a location',
      description: 'What orders have reserved there stays reserved.',
      tags,
      params,
      headers: IfMatchHeaders,
      body: ref(LocationChange),
      response: { 200: ref(Location), ...problemsOf('not_found', 'already_exists', 'precondition_failed', 'precondition_required') },
    },
  }, async (request, reply) => {
    const { id } = request.params;
    const version = expectedVersion(request);
    const location = await inTenant(app.database, request.scope, async (sql) => {
      await updateLocation(sql, id, version, request.body, new Date());
      return readLocation(sql, id);
    });
    void reply.header('etag', etag(location.version));
    return location;
  });

  app.delete('/locations/:id', {
    config: { scopes: ['locations:write'] },
    schema: {
      operationId: 'deleteLocation',
      summary: 'Delete a location',
      description: 'Only one that never held stock; set status to inactive for the others.',
      tags,
      params,
      response: { 204: Type.Null({ description: 'Deleted.' }), ...problemsOf('not_found', 'in_use') },
    },
  }, async (request, reply) => {
    await inTenant(app.database, request.scope, (sql) => deleteLocation(sql, request.params.id));
    return reply.code(204).send(null);
  });
};
