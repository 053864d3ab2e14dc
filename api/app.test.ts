import { describe, expect, it } from '@jest/globals';
import type { Client } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import type { Database } from '#entities/database.ts';
import { loadEnv } from '#platform/env.ts';
import { KeyRing } from '#platform/keyring.ts';
import { createLogger } from '#platform/logger.ts';
import { buildApp } from './app.ts';
import { Problem } from './problem.ts';
import { strictObject } from './schemas/common.ts';
import { Type } from 'typebox';

const keys = `test:${Buffer.alloc(32, 7).toString('base64')}`;
const env = loadEnv({
  DATABASE_URL: 'postgres://nowhere', TEMPORAL_ADDRESS: 'nowhere:1', SMTP_URL: 'smtp://nowhere', PERDURA_KEYS: keys,
  TEMPORAL_UI_URL: 'http://127.0.0.1:8233', ADMIN_EMAIL: 'admin@perdura.test', ADMIN_PASSWORD: 'correct horse battery',
});

/** The API without a database and without Temporal: what must hold before either is reached. */
const build = (extend?: (app: FastifyInstance) => void) =>
  buildApp({
    env, database: {} as Database, keyRing: new KeyRing(keys), temporal: { options: { namespace: 'x' } } as unknown as Client,
    logger: createLogger('test', 'silent'), ...(extend ? { extend } : {}),
  });

const described = { operationId: 'x', summary: 'x', tags: ['x'], response: { 200: Type.Object({}) } };

describe('the start', () => {
  it('fails for a route that declares no scopes', async () => {
    await expect(build((app) => void app.get('/api/open', { schema: described }, () => ({})))).rejects.toThrow(/GET \/api\/open declares neither/);
  });

  it('fails for a route that does not describe itself', async () => {
    const config = { scopes: ['orders:read'] as const };
    await expect(build((app) => void app.get('/api/x', { config, schema: { ...described, summary: '' } }, () => ({})))).rejects.toThrow(/no schema.summary/);
  });

  it('fails for a body that would swallow a misspelt field', async () => {
    const body = strictObject({ line: Type.Array(Type.Object({ sku: Type.String() })) });
    await expect(build((app) => void app.post('/x', { schema: { body } }, () => ({})))).rejects.toThrow('body/line/items');
  });
});

describe('an answer', () => {
  it('names its request: ours, or the caller\'s when that is safe', async () => {
    const app = await build();
    expect((await app.inject('/healthz')).headers['x-request-id']).toMatch(/^req_[0-9a-z]{26}$/);
    expect((await app.inject({ url: '/healthz', headers: { 'x-request-id': 'trace-0af7651916cd43dd' } })).headers['x-request-id']).toBe('trace-0af7651916cd43dd');
    expect((await app.inject({ url: '/healthz', headers: { 'x-request-id': 'a b\tc{}' } })).headers['x-request-id']).toMatch(/^req_/);
    await app.close();
  });

  it('is a problem for a path that does not exist, and limited', async () => {
    const app = await build();
    const { statusCode, headers, body } = await app.inject('/api/nothing?secret=1');
    expect(statusCode).toBe(404);
    expect(headers['content-type']).toMatch('application/problem+json');
    expect(headers['ratelimit-policy']).toBe('"default";q=300;w=60');
    expect(JSON.parse(body)).toMatchObject({ code: 'not_found', status: 404, instance: '/api/nothing', request_id: headers['x-request-id'] });
    expect(body).not.toContain('secret');
    await app.close();
  });

  it('names the methods of a path that does not take the one that came', async () => {
    const app = await build();
    for (const [method, url, allow] of [
      ['DELETE', '/api/orders', 'GET, HEAD, POST'], ['PUT', '/api/orders/ord_1?x=1', 'GET, HEAD, PATCH'], ['GET', '/api/orders/ord_1/ship', 'POST'],
      ['HEAD', '/api/orders/ord_1/ship', 'POST'], ['GET', '/webhooks/stripe/con_1', 'POST'], ['POST', '/healthz', 'GET, HEAD'],
      ['PUT', '/api/products/import', 'DELETE, GET, HEAD, PATCH, POST'], ['POST', '/api/products/prd_1/variants/var_1/prices/USD', 'DELETE, PUT'],
    ] as const) {
      const answer = await app.inject({ method, url });
      expect([method, url, answer.statusCode, answer.headers.allow]).toEqual([method, url, 405, allow]);
      if (method === 'HEAD') continue;
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(answer.json()).toMatchObject({ code: 'method_not_allowed', status: 405, instance: url.split('?')[0] });
    }
    const unread = { payload: '<a/>', headers: { 'content-type': 'application/xml' } };
    expect((await app.inject({ method: 'PUT', url: '/api/orders', ...unread })).statusCode).toBe(405);
    expect((await app.inject({ method: 'POST', url: '/api/nothing', ...unread })).statusCode).toBe(404);
    for (const [method, url, status] of [['HEAD', '/healthz', 200], ['HEAD', '/api/orders', 401], ['OPTIONS', '/healthz', 404], ['OPTIONS', '/api/orders', 204]] as const) {
      expect([method, url, (await app.inject({ method, url })).statusCode]).toEqual([method, url, status]);
    }
    await app.close();
  });

  it('is a problem also where the router itself refuses', async () => {
    const app = await build();
    for (const [url, status, code] of [['/api/orders/%zz', 400, 'malformed_request'], [`/api/orders/${'a'.repeat(300)}`, 404, 'not_found']] as const) {
      const answer = await app.inject(url);
      expect([answer.statusCode, answer.headers['content-type'], answer.json().code]).toEqual([status, 'application/problem+json', code]);
      expect(answer.json().request_id).toBe(answer.headers['x-request-id']);
    }
    const options = await app.inject({ method: 'OPTIONS', url: '/api/orders' });
    expect(options.statusCode).toBeLessThan(300);
    await app.close();
  });

  it('is a problem also where Node refuses', async () => {
    const app = await build();
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const answer = await fetch(`${address}/healthz`, { headers: { 'x-long': 'a'.repeat(20_000) } });
    const { code } = (await answer.json()) as { code?: string };
    await app.close();
    expect([answer.status, answer.headers.get('content-type'), code]).toEqual([431, 'application/problem+json', 'headers_too_large']);
  });

  it('says nothing of the cause of an error of ours', async () => {
    const app = await build((instance) => {
      instance.get('/boom', () => {
        throw new Error('select * from secrets where password = 1');
      });
      instance.get('/away', () => {
        throw Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:5432'), { code: 'ECONNREFUSED' });
      });
      instance.get('/mine', () => {
        throw new Problem('conflict', { detail: 'because', order_id: 'ord_1', headers: { 'retry-after': '3' } });
      });
    });
    const boom = await app.inject('/boom');
    expect(boom.statusCode).toBe(500);
    expect(boom.body).not.toMatch(/secrets|select|at /);
    const away = await app.inject('/away');
    expect([away.statusCode, away.headers['retry-after'], away.json().code]).toEqual([503, '2', 'unavailable']);
    expect(away.body).not.toContain('10.0.0.7');
    const mine = await app.inject('/mine');
    expect(mine.headers['retry-after']).toBe('3');
    expect(mine.json()).toMatchObject({ code: 'conflict', title: 'Conflicts with what exists', detail: 'because', order_id: 'ord_1' });
    await app.close();
  });

  it('points at every field that is wrong, and takes bodies as they are', async () => {
    const body = strictObject({ sku: Type.String(), quantity: Type.Integer({ minimum: 1 }), note: Type.Optional(Type.String()) });
    const querystring = Type.Object({ limit: Type.Optional(Type.Integer({ maximum: 100 })) });
    const app = await build((instance) => void instance.post('/x', { schema: { body, querystring } }, (request) => ({ query: request.query })));
    const post = (payload: object | string, url = '/x') => app.inject({ method: 'POST', url, payload, headers: { 'content-type': 'application/json' } });
    const wrong = await post({ quantity: '2', 'no/te': 'x' });
    expect(wrong.statusCode).toBe(422);
    expect(wrong.json().errors).toEqual(
      expect.arrayContaining([
        { pointer: '/sku', detail: 'is required' },
        { pointer: '/quantity', detail: 'must be integer' },
        { pointer: '/no~1te', detail: 'is not a field of this request' },
      ]),
    );
    expect((await post({ sku: 'a', quantity: 1 }, '/x?limit=7')).json()).toEqual({ query: { limit: 7 } });
    expect((await post({ sku: 'a', quantity: 1 }, '/x?limit=700')).json().errors).toEqual([{ pointer: '?limit', detail: 'must be <= 100' }]);
    expect((await post('{"sku":')).json()).toMatchObject({ status: 400, code: 'malformed_request' });
    expect((await post(`{"sku":"${'x'.repeat(1_100_000)}"}`)).json()).toMatchObject({ status: 413, code: 'payload_too_large' });
    await app.close();
  });

  it('says what to send for a body of another type', async () => {
    const app = await build((instance) => void instance.post('/x', { schema: { body: strictObject({}) } }, () => ({})));
    const types = async (url: string, ...sent: string[]) => {
      let accept: unknown;
      for (const type of sent) {
        const answer = await app.inject({ method: 'POST', url, payload: '{}', headers: { 'content-type': type } });
        const { status, code, detail } = answer.json();
        expect([type, status, code, detail]).toEqual([type, 415, 'unsupported_media_type', `Send the body as ${String(answer.headers.accept).replace(', ', ' or ')}.`]);
        accept = answer.headers.accept;
      }
      return accept;
    };
    expect(await types('/x', 'text/plain', 'application/xml', 'text/csv', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded', 'no type')).toBe('application/json');
    expect(await types('/admin/session', 'text/plain')).toBe('application/json, application/x-www-form-urlencoded');
    // Without a type there is nothing to go by; a plain JSON body must not be taken for text either.
    expect((await app.inject({ method: 'POST', url: '/x', payload: Buffer.from('{}') })).statusCode).toBe(415);
    for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON']) {
      expect([type, (await app.inject({ method: 'POST', url: '/x', payload: '{}', headers: { 'content-type': type } })).statusCode]).toEqual([type, 200]);
    }
    await app.close();
  });
});

describe('the document', () => {
  it('lists what is refused before a route looks at it', async () => {
    const app = await build();
    const { paths } = app.swagger() as unknown as { paths: Record<string, Record<string, { responses: object }>> };
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, { responses }] of Object.entries(methods)) {
        const wanted = method === 'get' ? (path.includes('{') ? ['400'] : []) : ['400', '413', '415'];
        expect([method, path, Object.keys(responses)]).toEqual([method, path, expect.arrayContaining(wanted)]);
      }
    }
    expect(paths['/api/orders']!.post!.responses).toMatchObject({ 400: { $ref: '#/components/responses/idempotency_key_required-or-malformed_request' } });
    const broken = await app.inject({ method: 'POST', url: '/admin/session', payload: '{', headers: { 'content-type': 'application/json' } });
    expect([broken.statusCode, broken.json().code]).toEqual([400, 'malformed_request']);
    await app.close();
  });
});

describe('who may call from a browser', () => {
  it('is anyone with a key under /api, without cookies', async () => {
    const app = await build();
    const preflight = await app.inject({
      method: 'OPTIONS', url: '/api/orders', headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'idempotency-key' },
    });
    expect(preflight.statusCode).toBe(204);
    expect(preflight.headers['access-control-allow-origin']).toBe('*');
    expect(preflight.headers['access-control-allow-credentials']).toBeUndefined();
    // All that any route takes: a price is set by PUT.
    expect(preflight.headers['access-control-allow-methods']).toBe('GET, POST, PUT, PATCH, DELETE');
    const answer = await app.inject({ url: '/api/orders', headers: { origin: 'https://shop.example' } });
    expect(answer.headers['access-control-expose-headers']).toMatch(/Idempotent-Replayed/);
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    await app.close();
  });

  it('is only the Temporal UI on the codec endpoint, by either name of this machine', async () => {
    const app = await build();
    const allowed = async (origin: string) =>
      (await app.inject({ method: 'OPTIONS', url: '/codec/decode', headers: { origin, 'access-control-request-method': 'POST' } })).headers['access-control-allow-origin'];
    expect(await allowed('http://127.0.0.1:8233')).toBe('http://127.0.0.1:8233');
    expect(await allowed('http://localhost:8233')).toBe('http://localhost:8233');
    expect(await allowed('http://evil.example')).toBeUndefined();
    await app.close();
  });
});
