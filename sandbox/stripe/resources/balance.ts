import { list, LIST_PARAMS } from '../pagination.ts';
import { route } from '../route.ts';
import type { BalanceTransaction } from '../types.ts';
import type { Scope } from '../world.ts';

/** A transaction becomes available by time alone, so its status is told when it is asked for. */
const settle = (scope: Scope, one: BalanceTransaction): BalanceTransaction => ({
  ...one,
  status: one.available_on <= scope.now ? 'available' : 'pending',
});

export const balance = [
  route({
    method: 'GET',
    path: '/balance_transactions',
    params: { ...LIST_PARAMS, source: 'string', type: 'string', currency: 'string' },
    handle: (call) => {
      const { source, type, currency } = call.params;
      const page = list<BalanceTransaction>(call, 'balance_transaction', '/v1/balance_transactions', call.params, {
        links: { charge: source, kind: type },
        ...(currency && { where: [`json_extract(body, '$.currency') = ?`, currency] as [string, string] }),
      });
      return { ...page, data: page.data.map((one) => settle(call, one)) };
    },
  }),
  route({
    method: 'GET',
    path: '/balance_transactions/:id',
    params: {},
    handle: (call) =>
      settle(call, call.world.store.get<BalanceTransaction>(call.account, 'balance_transaction', call.path.id as string, 'id')),
  }),
];
