import { invalidParam } from '../errors.ts';
import { API_VERSION } from '../events.ts';
import { newId, randomText } from '../ids.ts';
import { list, LIST_PARAMS } from '../pagination.ts';
import { mergeMetadata } from '../params.ts';
import { route } from '../route.ts';
import type { WebhookEndpoint } from '../types.ts';
import type { Scope } from '../world.ts';

function checkUrl(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw invalidParam('Not a valid URL', 'url', 'url_invalid');
  return url;
}

const getEndpoint = (scope: Scope, id: string): WebhookEndpoint =>
  scope.world.store.get<WebhookEndpoint>(scope.account, 'webhook_endpoint', id, 'id');

export const webhookEndpoints = [
  route({
    method: 'POST',
    path: '/webhook_endpoints',
    params: {
      url: 'string!', enabled_events: 'list!', api_version: 'string', description: 'string', metadata: 'metadata', connect: 'boolean',
    },
    handle: (call) => {
      const { url, enabled_events, api_version, description, metadata } = call.params;
      const endpoint: WebhookEndpoint = {
        id: newId('we'),
        object: 'webhook_endpoint',
        api_version: api_version ?? API_VERSION,
        application: null,
        created: call.now,
        description: description ?? null,
        enabled_events,
        livemode: false,
        metadata: mergeMetadata({}, metadata),
        status: 'enabled',
        url: checkUrl(url),
      };
      const secret = `whsec_${randomText(32)}`;
      call.world.store.insert(call.account, endpoint, { secret });
      call.world.events.endpointsChanged(call.account);
      return { ...endpoint, secret };
    },
  }),
  route({
    method: 'GET',
    path: '/webhook_endpoints',
    params: LIST_PARAMS,
    handle: (call) => list<WebhookEndpoint>(call, 'webhook_endpoint', '/v1/webhook_endpoints', call.params),
  }),
  route({ method: 'GET', path: '/webhook_endpoints/:id', params: {}, handle: (call) => getEndpoint(call, call.path.id as string) }),
  route({
    method: 'POST',
    path: '/webhook_endpoints/:id',
    params: { url: 'string', enabled_events: 'list', description: 'string', disabled: 'boolean', metadata: 'metadata' },
    handle: (call) => {
      const before = getEndpoint(call, call.path.id as string);
      const { url, enabled_events, description, disabled, metadata } = call.params;
      const after: WebhookEndpoint = {
        ...before,
        ...(url && { url: checkUrl(url) }),
        ...(enabled_events && { enabled_events }),
        ...(description !== undefined && { description }),
        ...(disabled !== undefined && { status: disabled ? 'disabled' : 'enabled' }),
        metadata: mergeMetadata(before.metadata, metadata),
      };
      call.world.store.update(after);
      call.world.events.endpointsChanged(call.account);
      return after;
    },
  }),
  route({
    method: 'DELETE',
    path: '/webhook_endpoints/:id',
    params: {},
    handle: (call) => {
      const { id } = getEndpoint(call, call.path.id as string);
      call.world.store.delete(id);
      call.world.db.run(`DELETE FROM deliveries WHERE endpoint = ? AND state IN ('pending', 'held')`, id);
      call.world.events.endpointsChanged(call.account);
      return { id, object: 'webhook_endpoint', deleted: true };
    },
  }),
];
