import { list, LIST_PARAMS } from '../pagination.ts';
import { route } from '../route.ts';
import type { StripeEvent } from '../types.ts';
import type { Scope } from '../world.ts';

const UNDELIVERED = `EXISTS (SELECT 1 FROM deliveries d WHERE d.event = objects.id AND d.state <> 'delivered')`;

/** An event as it stands: how many endpoints still have to get it. */
function withPending(scope: Scope, event: StripeEvent): StripeEvent {
  const row = scope.world.db.get(
    `SELECT count(*) AS pending FROM deliveries WHERE event = ? AND state IN ('pending', 'held')`, event.id,
  );
  return { ...event, pending_webhooks: row?.pending as number };
}

export const events = [
  route({
    method: 'GET',
    path: '/events',
    params: { ...LIST_PARAMS, type: 'string', types: 'list', delivery_success: 'boolean' },
    handle: (call) => {
      const { type, types = [], delivery_success: delivered } = call.params;
      const conditions: string[] = [];
      if (types.length > 0) conditions.push(`kind IN (${types.map(() => '?').join()})`);
      if (delivered !== undefined) conditions.push(delivered ? `NOT ${UNDELIVERED}` : UNDELIVERED);
      const page = list<StripeEvent>(call, 'event', '/v1/events', call.params, {
        links: { kind: type },
        ...(conditions.length > 0 && { where: [conditions.join(' AND '), ...types] as [string, ...string[]] }),
      });
      return { ...page, data: page.data.map((event) => withPending(call, event)) };
    },
  }),
  route({
    method: 'GET',
    path: '/events/:id',
    params: {},
    handle: (call) =>
      withPending(call, call.world.store.get<StripeEvent>(call.account, 'event', call.path.id as string, 'id')),
  }),
];
