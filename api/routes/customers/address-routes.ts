import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { isId, newId } from '#domain/ids.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { checkCursor, pageOf, pageQuery, rowsToRead, toPage } from '../../pagination.ts';
import { runOnce } from '../../plugins/commands.ts';
import { Id, IdempotencyHeaders, idempotencyProblems, problemsOf, ref } from '../../schemas/common.ts';
import { created } from '../answers.ts';
import { addAddress, listAddresses, readAddress, removeAddress, replaceAddress } from './addresses.ts';
import { requireCustomer } from './read-customers.ts';
import { CustomerAddress, CustomerAddressInput } from './schemas.ts';

const tags = ['Customers'];
const params = Type.Object({ id: Id('customer') });
const addressParams = Type.Object({ id: Id('customer'), address_id: Id('address') });

/** A customer's shipping and billing addresses. Orders carry their own copy. */
export const addressRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post('/customers/:id/addresses', {
    config: { scopes: ['customers:write'] },
    schema: {
      operationId: 'addCustomerAddress',
      summary: 'Add an address',
      tags,
      params,
      headers: IdempotencyHeaders,
      body: ref(CustomerAddressInput),
      response: { 201: ref(CustomerAddress), ...problemsOf('not_found', ...idempotencyProblems) },
    },
  }, async (request, reply) => {
    const { id } = request.params;
    return runOnce(request, reply, {
      operation: 'customer.address.create',
      resourceId: newId('address'),
      work: async (sql) => {
        const addressId = await addAddress(sql, request.scope, app.keyRing, id, request.body, new Date());
        const address = await readAddress(sql, app.keyRing, { id, address_id: addressId });
        return created(`/api/customers/${id}/addresses/${addressId}`, address);
      },
    });
  });

  app.get('/customers/:id/addresses', {
    config: { scopes: ['customers:read'] },
    schema: {
      operationId: 'listCustomerAddresses',
      summary: "List a customer's addresses",
      description: 'Newest first.',
      tags,
      params,
      querystring: Type.Object(pageQuery),
      response: { 200: pageOf(ref(CustomerAddress)), ...problemsOf('not_found') },
    },
  }, async (request) => {
    const { query } = request;
    const after = checkCursor(query, (value) => isId('address', value));
    const rows = await inTenant(app.database, request.scope, async (sql) => {
      await requireCustomer(sql, request.params.id);
      return listAddresses(sql, app.keyRing, request.params.id, after, rowsToRead(query));
    });
    return toPage(rows, query);
  });

  app.get('/customers/:id/addresses/:address_id', {
    config: { scopes: ['customers:read'] },
    schema: {
      operationId: 'getCustomerAddress',
      summary: 'Read an address',
      tags,
      params: addressParams,
      response: { 200: ref(CustomerAddress), ...problemsOf('not_found') },
    },
  }, async (request) => inTenant(app.database, request.scope, (sql) => readAddress(sql, app.keyRing, request.params)));

  app.put('/customers/:id/addresses/:address_id', {
    config: { scopes: ['customers:write'] },
    schema: {
      operationId: 'replaceCustomerAddress',
      summary: 'Replace an address',
      description: 'All of it: what is not named is gone afterwards.',
      tags,
      params: addressParams,
      body: ref(CustomerAddressInput),
      response: { 200: ref(CustomerAddress), ...problemsOf('not_found') },
    },
  }, async (request) =>
    inTenant(app.database, request.scope, async (sql) => {
      await replaceAddress(sql, app.keyRing, request.params, request.body);
      return readAddress(sql, app.keyRing, request.params);
    }));

  app.delete('/customers/:id/addresses/:address_id', {
    config: { scopes: ['customers:write'] },
    schema: {
      operationId: 'deleteCustomerAddress',
      summary: 'Delete an address',
      tags,
      params: addressParams,
      response: { 204: Type.Null({ description: 'Deleted.' }), ...problemsOf('not_found') },
    },
  }, async (request, reply) => {
    await inTenant(app.database, request.scope, (sql) => removeAddress(sql, request.params));
    return reply.code(204).send(null);
  });
};
