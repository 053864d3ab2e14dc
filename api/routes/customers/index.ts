import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { isId, newId } from '#domain/ids.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { emailIndex } from '#platform/personal-data.ts';
import { etag, expectedVersion } from '../../etag.ts';
import { checkCursor, pageOf, pageQuery, rowsToRead, toPage } from '../../pagination.ts';
import { runOnce } from '../../plugins/commands.ts';
import { Email, Id, IdempotencyHeaders, idempotencyProblems, IfMatchHeaders, problemsOf, ref } from '../../schemas/common.ts';
import { created } from '../answers.ts';
import { addressRoutes } from './address-routes.ts';
import { listCustomers, listPaymentMethods, readCustomer, requireCustomer } from './read-customers.ts';
import { Customer, CustomerChange, CustomerInput, customerSchemas, CustomerStatus, PaymentMethod, Tag } from './schemas.ts';
import { createCustomer, deleteCustomer, updateCustomer } from './write-customers.ts';

const tags = ['Customers'];
const params = Type.Object({ id: Id('customer') });

export const customerRoutes: FastifyPluginAsyncTypebox = async (app) => {
  for (const schema of customerSchemas) app.addSchema(schema);

  app.post('/customers', {
    config: { scopes: ['customers:write'] },
    schema: {
      operationId: 'createCustomer',
      summary: 'Create a customer',
      description: 'One per e-mail address, in whatever case it is written. Name, address and notes are encrypted at rest.',
      tags,
      headers: IdempotencyHeaders,
      body: ref(CustomerInput),
      response: { 201: ref(Customer), ...problemsOf('already_exists', ...idempotencyProblems) },
    },
  }, async (request, reply) =>
    runOnce(request, reply, {
      operation: 'customer.create',
      resourceId: newId('customer'),
      work: async (sql) => {
        const id = await createCustomer(sql, request.scope, app.keyRing, request.body, new Date());
        const customer = await readCustomer(sql, app.keyRing, id);
        return created(`/api/customers/${id}`, customer, customer.version);
      },
    }));

  app.get('/customers', {
    config: { scopes: ['customers:read'] },
    schema: {
      operationId: 'listCustomers',
      summary: 'List customers',
      description: 'Newest first.',
      tags,
      querystring: Type.Object({
        ...pageQuery,
        email: Type.Optional(Email),
        status: Type.Optional(CustomerStatus),
        tag: Type.Optional(Tag),
      }),
      response: { 200: pageOf(ref(Customer)), ...problemsOf() },
    },
  }, async (request) => {
    const { email, status, tag, ...page } = request.query;
    const after = checkCursor(page, (value) => isId('customer', value));
    const filters = {
      ...(email === undefined ? {} : { emailIndex: emailIndex(app.keyRing, request.scope.tenantId, email) }),
      ...(status === undefined ? {} : { status }),
      ...(tag === undefined ? {} : { tag }),
    };
    const rows = await inTenant(app.database, request.scope, (sql) => listCustomers(sql, app.keyRing, filters, after, rowsToRead(page)));
    return toPage(rows, page);
  });

  app.get('/customers/:id', {
    config: { scopes: ['customers:read'] },
    schema: {
      operationId: 'getCustomer',
      summary: 'Read a customer',
      tags,
      params,
      response: { 200: ref(Customer), ...problemsOf('not_found') },
    },
  }, async (request, reply) => {
    const customer = await inTenant(app.database, request.scope, (sql) => readCustomer(sql, app.keyRing, request.params.id));
    void reply.header('etag', etag(customer.version));
    return customer;
  });

  app.patch('/customers/:id', {
    config: { scopes: ['customers:write'] },
    schema: {
      operationId: 'updateCustomer',
      summary: 'Change a customer',
      description: 'Only what is named changes; null takes a value away; tags and metadata are replaced whole.',
      tags,
      params,
      headers: IfMatchHeaders,
      body: ref(CustomerChange),
      response: { 200: ref(Customer), ...problemsOf('not_found', 'already_exists', 'precondition_failed', 'precondition_required') },
    },
  }, async (request, reply) => {
    const { id } = request.params;
    const version = expectedVersion(request);
    const customer = await inTenant(app.database, request.scope, async (sql) => {
      await updateCustomer(sql, request.scope, app.keyRing, id, version, request.body, new Date());
      return readCustomer(sql, app.keyRing, id);
    });
    void reply.header('etag', etag(customer.version));
    return customer;
  });

  app.delete('/customers/:id', {
    config: { scopes: ['customers:write'] },
    schema: {
      operationId: 'deleteCustomer',
      summary: 'Delete a customer',
      description: 'With addresses and saved payment methods. Refused once there are orders: set status to inactive then.',
      tags,
      params,
      response: { 204: Type.Null({ description: 'Deleted.' }), ...problemsOf('not_found', 'in_use') },
    },
  }, async (request, reply) => {
    await inTenant(app.database, request.scope, (sql) => deleteCustomer(sql, request.params.id));
    return reply.code(204).send(null);
  });

  app.get('/customers/:id/payment-methods', {
    config: { scopes: ['customers:read'] },
    schema: {
      operationId: 'listPaymentMethods',
      summary: "List a customer's saved payment methods",
      description: 'Newest first. Card numbers are at the provider only.',
      tags,
      params,
      querystring: Type.Object(pageQuery),
      response: { 200: pageOf(ref(PaymentMethod)), ...problemsOf('not_found') },
    },
  }, async (request) => {
    const { query } = request;
    const after = checkCursor(query, (value) => isId('paymentMethod', value));
    const rows = await inTenant(app.database, request.scope, async (sql) => {
      await requireCustomer(sql, request.params.id);
      return listPaymentMethods(sql, request.params.id, after, rowsToRead(query));
    });
    return toPage(rows, query);
  });

  await app.register(addressRoutes);
};
