import { invalidParam, noSuch } from '../errors.ts';
import { updateAndEmit } from '../events.ts';
import { newId, randomText } from '../ids.ts';
import { list, LIST_PARAMS } from '../pagination.ts';
import { mergeMetadata, toAddress, toShipping, type ParamsOf, type ParamSpec } from '../params.ts';
import { getCustomer } from '../payments/customer.ts';
import { attach, resolvePaymentMethod } from '../payments/payment-method.ts';
import { route, type Call } from '../route.ts';
import type { Customer, PaymentMethod } from '../types.ts';
import type { Scope } from '../world.ts';

const FIELDS = {
  address: 'hash', balance: 'integer', description: 'string', email: 'string', invoice_settings: 'hash',
  metadata: 'metadata', name: 'string', phone: 'string', preferred_locales: 'list', shipping: 'hash',
  tax_exempt: ['none', 'exempt', 'reverse'],
} as const satisfies ParamSpec;

function apply(call: Call<typeof FIELDS>, customer: Customer): Customer {
  const given: ParamsOf<typeof FIELDS> = call.params;
  const changed = { ...customer, metadata: mergeMetadata(customer.metadata, given.metadata) };
  for (const name of ['description', 'email', 'name', 'phone'] as const) {
    const value = given[name];
    if (value !== undefined) changed[name] = value;
  }
  if (given.balance !== undefined) changed.balance = given.balance;
  if (given.tax_exempt) changed.tax_exempt = given.tax_exempt;
  if (given.preferred_locales) changed.preferred_locales = given.preferred_locales;
  if (given.address !== undefined) changed.address = given.address && toAddress(given.address);
  if (given.shipping !== undefined) changed.shipping = toShipping(given.shipping);
  const method = given.invoice_settings?.default_payment_method;
  if (typeof method === 'string') {
    changed.invoice_settings = { ...changed.invoice_settings, default_payment_method: ownMethod(call, customer.id, method) };
  }
  return changed;
}

function ownMethod(scope: Scope, customer: string, id: string): string | null {
  if (id === '') return null;
  const found = scope.world.store.find<PaymentMethod>(scope.account, 'payment_method', id);
  if (found?.customer !== customer) {
    throw invalidParam(
      `The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`,
      'invoice_settings[default_payment_method]', 'resource_missing',
    );
  }
  return id;
}

export const customers = [
  route({
    method: 'POST',
    path: '/customers',
    params: { ...FIELDS, payment_method: 'string' },
    handle: (call) => {
      const { store, events } = call.world;
      const blank: Customer = {
        id: `cus_${randomText(14)}`,
        object: 'customer',
        address: null,
        balance: 0,
        created: call.now,
        currency: null,
        customer_account: null,
        default_source: null,
        delinquent: false,
        description: null,
        discount: null,
        email: null,
        invoice_prefix: newId('').slice(1, 9).toUpperCase(),
        invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
        livemode: false,
        metadata: {},
        name: null,
        next_invoice_sequence: 1,
        phone: null,
        preferred_locales: [],
        shipping: null,
        tax_exempt: 'none',
        test_clock: null,
      };
      const { payment_method: method, invoice_settings: settings } = call.params;
      store.insert(call.account, blank);
      const attached = method ? attach(call, resolvePaymentMethod(call, method), blank.id) : undefined;
      // A token stands for the method just made of it.
      if (attached && settings && settings.default_payment_method === method) settings.default_payment_method = attached.id;
      const customer = apply(call, blank);
      store.update(customer);
      events.emit(call, 'customer.created', customer);
      return customer;
    },
  }),
  route({
    method: 'GET',
    path: '/customers',
    params: { ...LIST_PARAMS, email: 'string' },
    handle: (call) =>
      list<Customer>(call, 'customer', '/v1/customers', call.params, {
        links: { kind: call.params.email },
        where: [`json_extract(body, '$.deleted') IS NULL`],
      }),
  }),
  route({
    method: 'GET',
    path: '/customers/:id',
    params: {},
    handle: (call) => {
      const found = call.world.store.get<Customer>(call.account, 'customer', call.path.id as string, 'id');
      return found.deleted ? { id: found.id, object: 'customer', deleted: true } : found;
    },
  }),
  route({
    method: 'POST',
    path: '/customers/:id',
    params: FIELDS,
    handle: (call) => {
      const before = getCustomer(call, call.path.id as string, 'id', 404);
      return updateAndEmit(call, 'customer.updated', before, apply(call, before));
    },
  }),
  route({
    method: 'DELETE',
    path: '/customers/:id',
    params: {},
    handle: (call) => {
      const { store, events } = call.world;
      const customer = getCustomer(call, call.path.id as string, 'id', 404);
      for (const method of store.linked<PaymentMethod>('payment_method', 'customer', customer.id)) {
        store.update({ ...method, customer: null } as PaymentMethod);
      }
      store.update({ ...customer, deleted: true } as Customer);
      events.emit(call, 'customer.deleted', customer);
      return { id: customer.id, object: 'customer', deleted: true };
    },
  }),
  route({
    method: 'GET',
    path: '/customers/:id/payment_methods',
    params: { ...LIST_PARAMS, type: 'string' },
    handle: (call) => {
      const customer = getCustomer(call, call.path.id as string, 'customer', 404);
      const url = `/v1/customers/${customer.id}/payment_methods`;
      return list<PaymentMethod>(call, 'payment_method', url, call.params, {
        links: { customer: customer.id, kind: call.params.type },
      });
    },
  }),
  route({
    method: 'GET',
    path: '/customers/:id/payment_methods/:method',
    params: {},
    handle: (call) => {
      const found = call.world.store.find<PaymentMethod>(call.account, 'payment_method', call.path.method as string);
      if (!found || found.customer !== call.path.id) {
        throw noSuch('PaymentMethod', call.path.method as string, 'payment_method', 404);
      }
      return found;
    },
  }),
];
