import { updateAndEmit } from '../events.ts';
import { list, LIST_PARAMS } from '../pagination.ts';
import { mergeMetadata, toShipping } from '../params.ts';
import { route } from '../route.ts';
import type { Charge } from '../types.ts';

export const charges = [
  route({
    method: 'GET',
    path: '/charges',
    params: { ...LIST_PARAMS, customer: 'string', payment_intent: 'string' },
    handle: (call) =>
      list<Charge>(call, 'charge', '/v1/charges', call.params, {
        links: { customer: call.params.customer, payment_intent: call.params.payment_intent },
      }),
  }),
  route({
    method: 'GET',
    path: '/charges/:id',
    params: {},
    handle: (call) => call.world.store.get<Charge>(call.account, 'charge', call.path.id as string, 'id'),
  }),
  route({
    method: 'POST',
    path: '/charges/:id',
    params: { description: 'string', metadata: 'metadata', receipt_email: 'string', shipping: 'hash' },
    handle: (call) => {
      const before = call.world.store.get<Charge>(call.account, 'charge', call.path.id as string, 'id');
      const { description, receipt_email, shipping } = call.params;
      return updateAndEmit<Charge>(call, 'charge.updated', before, {
        ...before,
        ...(description !== undefined && { description }),
        ...(receipt_email !== undefined && { receipt_email }),
        ...(shipping !== undefined && { shipping: toShipping(shipping) }),
        metadata: mergeMetadata(before.metadata, call.params.metadata),
      });
    },
  }),
];
