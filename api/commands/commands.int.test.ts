import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Type } from 'typebox';
import type { FastifyInstance } from 'fastify';
import { newId } from '#domain/ids.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { createLogger } from '#platform/logger.ts';
import { createTemporalClient } from '#platform/temporal.ts';
import { buildApp, type App } from '../app.ts';
import { Problem } from '../problem.ts';
import { startTestApp, type Ask, type TestApp, type TestTenant } from '../routes/test-app.ts';
import { idempotencyProblems, problemsOf } from '../schemas/common.ts';
import { checkResponses } from '../routes/response-check.ts';
import { runCommand, unknownOutcome, type Delivery } from './run-command.ts';
import { runOnce } from './run-once.ts';

type Input = { text: string };

/** A command whose delivery the test decides, on a route of its own. */
const deliveries: Delivery<Input>[] = [];
let deliver: (delivery: Delivery<Input>) => Promise<string | typeof unknownOutcome>;
let worked = 0;

const body = Type.Object({ text: Type.String() }, { additionalProperties: false });
const response = {
  201: Type.Object({ id: Type.String(), said: Type.String(), secret: Type.Optional(Type.String()) }),
  202: Type.Object({ id: Type.String(), status_url: Type.String() }),
  ...problemsOf('card_declined', 'conflict', ...idempotencyProblems),
};

function testRoutes(app: FastifyInstance): void {
  app.post<{ Body: Input }>('/try/command', { config: { scopes: ['orders:write'] }, schema: { body, response } }, (request, reply) => {
    const id = newId('order');
    return runCommand<Input, string>(request, reply, {
      operation: 'try.command',
      resourceId: id,
      workflowId: `try/${id}`,
      prepare: async () => {
        if (request.body.text === 'refuse') throw new Problem('validation_failed');
        return request.body;
      },
      deliver: async (delivery) => {
        deliveries.push(delivery);
        return deliver(delivery);
      },
      answer: async (outcome, _sql, { resourceId }) => {
        if (outcome === 'declined') throw new Problem('card_declined', { detail: 'No.', order_id: resourceId });
        if (outcome === 'broken') throw new Problem('unavailable');
        return { status: 201, body: { id: resourceId, said: outcome, unknown: 'not in the schema' }, headers: { location: `/try/${resourceId}`, etag: '"v1"' } };
      },
      statusUrl: (resourceId) => `/try/${resourceId}`,
    });
  });
  app.post<{ Body: Input }>('/try/once', { config: { scopes: ['orders:write'] }, schema: { body, response } }, (request, reply) =>
    runOnce(request, reply, {
      operation: 'try.once',
      resourceId: newId('product'),
      work: async () => {
        worked += 1;
        if (request.body.text === 'fail') throw new Problem('conflict');
        return { status: 201, body: { id: 'x', said: request.body.text } };
      },
    }),
  );
}

let base: TestApp;
let app: App;
let tenant: TestTenant;
let ask: Ask;

beforeAll(async () => {
  base = await startTestApp();
  tenant = await base.createTenant();
  app = await buildApp({
    env: base.env, database: base.database, keyRing: base.keyRing, temporal: createTemporalClient(base.env, base.keyRing),
    logger: createLogger('test', 'silent'),
    extend: (instance) => {
      checkResponses(instance);
      testRoutes(instance);
    },
  });
  ask = async (method, url, payload, headers = {}) => {
    const answer = await app.inject({ method, url, payload: payload as object, headers: { authorization: `Bearer ${tenant.key}`, ...headers } });
    return { status: answer.statusCode, headers: answer.headers, body: answer.json() };
  };
});
afterEach(() => {
  deliveries.length = 0;
  worked = 0;
});
afterAll(async () => {
  await app.close();
  await base.stop();
});

const send = (key: string, text = 'hello', url = '/try/command') => ask('POST', url, { text }, { 'idempotency-key': key });
const row = (key: string) =>
  inTenant(base.database, tenant, (sql) => sql.selectFrom('intake_commands').selectAll().where('idempotency_key', '=', key).executeTakeFirstOrThrow());
const endLease = (key: string) =>
  inTenant(base.database, tenant, (sql) => sql.updateTable('intake_commands').set({ lease_expires_at: new Date(0) }).where('idempotency_key', '=', key).execute());

/** A delivery that waits until the test lets it go. */
function held() {
  let open: (outcome: string) => void = () => undefined;
  let arrived: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (arrived = resolve));
  const outcome = new Promise<string>((resolve) => (open = resolve));
  deliver = async () => {
    arrived();
    return outcome;
  };
  return { begun, finish: (said: string) => open(said) };
}

describe('a command', () => {
  it('needs an Idempotency-Key', async () => {
    expect(await ask('POST', '/try/command', { text: 'x' })).toMatchObject({ status: 400, body: { code: 'idempotency_key_required' } });
  });

  it('is taken in before it is delivered, its input sealed', async () => {
    deliver = async () => {
      const taken = await row('before');
      expect(taken).toMatchObject({ status: 'running', delivered_at: null, operation: 'try.command' });
      expect(taken.input_sealed).not.toContain('hello');
      expect(base.keyRing.open(taken.input_sealed, taken.resource_id)).toEqual({ text: 'hello' });
      return 'done';
    };
    expect((await send('before')).status).toBe(201);
    expect(await row('before')).toMatchObject({ status: 'answered', delivered_at: expect.any(Date) });
  });

  it('answers the same key with the first answer, to the byte and with its headers', async () => {
    deliver = async () => 'done';
    const [first, again] = [await send('same'), await send('same')];
    expect(first).toMatchObject({ status: 201, body: { said: 'done' }, headers: { location: expect.any(String), etag: '"v1"' } });
    expect(first.body).not.toHaveProperty('unknown');
    expect(again.body).toEqual(first.body);
    expect([again.status, again.headers.location, again.headers.etag]).toEqual([201, first.headers.location, first.headers.etag]);
    expect([first.headers['idempotent-replayed'], again.headers['idempotent-replayed']]).toEqual([undefined, 'true']);
    expect(again.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
    expect(deliveries.length).toBe(1);
    expect((await row('same')).response_sealed).not.toContain('done');
  });

  it('keeps a refusal that is an outcome, with the request id of who asks', async () => {
    deliver = async () => 'declined';
    const [first, again] = [await send('declined'), await send('declined')];
    expect([first.status, again.status, again.headers['idempotent-replayed']]).toEqual([402, 402, 'true']);
    expect(again.headers['content-type']).toMatch('application/problem+json');
    expect(again.body).toEqual({ ...first.body, request_id: again.headers['x-request-id'] });
    expect(deliveries.length).toBe(1);
  });

  it('refuses the key for another body, but not for another tenant', async () => {
    deliver = async () => 'done';
    await send('reused');
    expect(await send('reused', 'other')).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    const foreign = await base.createTenant();
    const theirs = await app.inject({
      method: 'POST', url: '/try/command', payload: { text: 'other' }, headers: { authorization: `Bearer ${foreign.key}`, 'idempotency-key': 'reused' },
    });
    expect(theirs.statusCode).toBe(201);
  });

  it('keeps nothing of a validation error: the key stays free', async () => {
    deliver = async () => 'done';
    expect((await send('later', 'refuse')).status).toBe(422);
    expect((await send('later', 'fine')).status).toBe(201);
  });

  it('of many at once under one key, runs one; the others are told to wait', async () => {
    const { begun, finish } = held();
    const racing = Array.from({ length: 8 }, () => send('race'));
    await begun;
    const late = await send('race');
    expect(late).toMatchObject({ status: 409, body: { code: 'request_in_progress' } });
    expect(Number(late.headers['retry-after'])).toBeGreaterThan(0);
    let refused = 0;
    const others = new Promise<void>((resolve) => {
      for (const one of racing) void one.then(() => (refused += 1) === 7 && resolve());
    });
    await others;
    finish('done');
    const statuses = (await Promise.all(racing)).map(({ status }) => status).sort();
    expect(statuses).toEqual([201, 409, 409, 409, 409, 409, 409, 409]);
    expect(deliveries.length).toBe(1);
  });

  it('attaches to the running work once the lease has ended: same id, same update', async () => {
    const { begun, finish } = held();
    const first = send('lease');
    await begun;
    await endLease('lease');
    const second = send('lease');
    await new Promise((resolve) => setTimeout(resolve, 200));
    finish('done');
    const [one, two] = [await first, await second];
    expect([one.status, two.status]).toEqual([201, 201]);
    expect(two.body.id).toBe(one.body.id);
    expect(deliveries.length).toBe(2);
    expect(deliveries[1]).toEqual(deliveries[0]);
  });

  it('is answered 202 when nobody knows how it went, and the same key asks again at once', async () => {
    deliver = async () => unknownOutcome;
    const unknown = await send('unknown');
    expect(unknown).toMatchObject({ status: 202, body: { id: expect.any(String), status_url: `/try/${unknown.body.id}` }, headers: { location: `/try/${unknown.body.id}` } });
    expect(await row('unknown')).toMatchObject({ status: 'running', delivered_at: null });
    deliver = async () => 'done';
    expect(await send('unknown')).toMatchObject({ status: 201, body: { id: unknown.body.id } });
    expect(deliveries[1]!.updateId).toBe(deliveries[0]!.updateId);
  });

  it('keeps the claim, not the answer, when something fails: before delivery is known, and after', async () => {
    deliver = () => Promise.reject(new Error('the wire broke'));
    expect((await send('fails')).status).toBe(500);
    deliver = async () => 'broken';
    expect((await send('fails')).status).toBe(503);
    expect(await row('fails')).toMatchObject({ status: 'running', delivered_at: expect.any(Date) });
    deliver = async () => 'done';
    const answer = await send('fails');
    expect([answer.status, answer.headers['idempotent-replayed']]).toEqual([201, undefined]);
    expect(new Set(deliveries.map(({ resourceId }) => resourceId)).size).toBe(1);
  });
});

describe('a plain write', () => {
  it('runs once per key, also when many ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => send('once', 'hello', '/try/once')));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201));
    expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === 'true').length).toBe(7);
    expect(worked).toBe(1);
  });

  it('that fails leaves the key unused', async () => {
    expect((await send('failed', 'fail', '/try/once')).status).toBe(409);
    expect((await send('failed', 'works', '/try/once')).status).toBe(201);
  });
});
