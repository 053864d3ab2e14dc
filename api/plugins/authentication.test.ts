import { afterEach, describe, expect, it, jest } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import type { Database } from '#entities/database.ts';
import { hashApiKey } from '#platform/api-keys.ts';
import { ApiKeyCache, type FoundKey } from './api-key-cache.ts';
import { authenticate } from './authentication.ts';
import { FailedAuthentications } from './failed-authentications.ts';
import { registerProblems } from './problems.ts';

const good = 'sk_test_the_good_one';
const row = { id: 'key_1', tenant_id: 'ten_1', livemode: false, kind: 'secret', scopes: [], expires_at: null, revoked_at: null, settings: {} };

/** A database that answers the look-up of keys only, and notes what was asked for. */
function keysIn(rows: Record<string, typeof row>) {
  const lookUps: unknown[] = [];
  const executor = {
    transformQuery: (node: unknown) => node,
    compileQuery: (node: { parameters: { value: unknown }[] }) => node,
    executeQuery: async (node: { parameters: { value: string }[] }) => {
      const hash = node.parameters[0]!.value;
      lookUps.push(hash);
      return { rows: rows[hash] ? [rows[hash]] : [] };
    },
    withPlugins: () => executor,
  };
  const database = { em: { fork: () => ({ getKysely: () => ({ getExecutor: () => executor }) }) } } as unknown as Database;
  return { database, lookUps };
}

let app: FastifyInstance;
afterEach(async () => {
  jest.useRealTimers();
  await app.close();
});

function start(most: number) {
  const { database, lookUps } = keysIn({ [hashApiKey(good)]: row });
  const keys = new ApiKeyCache(database, () => undefined);
  const failures = new FailedAuthentications(most);
  app = fastify();
  registerProblems(app);
  app.decorateRequest('scope', null as never);
  app.addHook('onRequest', (request) => authenticate(request, keys, failures));
  app.get('/', () => ({}));
  const ask = (key?: string, remoteAddress = '10.0.0.1') => app.inject({ url: '/', remoteAddress, headers: key ? { authorization: `Bearer ${key}` } : {} });
  return { ask, lookUps, keys };
}

describe('requests without a valid key', () => {
  it('are refused before the look-up once there were too many from an address', async () => {
    const { ask, lookUps } = start(3);
    const answers = await Promise.all(['aaaaaaaa', 'bbbbbbbb', 'cccccccc', 'dddddddd'].map((key) => ask(key)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([401, 401, 401, 429]);
    expect(lookUps).toHaveLength(3);
    expect(answers[3]!.json().code).toBe('rate_limited');
    expect(Number(answers[3]!.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask()).statusCode).toBe(429);
    expect((await ask('eeeeeeee', '10.0.0.2')).statusCode).toBe(401);
  });

  it('do not lock out a key that was let in before, not even once it has to be looked up again', async () => {
    const { ask, keys } = start(3);
    expect((await ask(good)).statusCode).toBe(200);
    for (let index = 0; index < 5; index += 1) await ask(`guess-number-${index}`);
    expect([(await ask('another-guess')).statusCode, (await ask(good)).statusCode]).toEqual([429, 200]);
    keys.clear();
    expect((await ask(good)).statusCode).toBe(200);
  });

  it('are all that is counted', async () => {
    const { ask } = start(1);
    expect((await Promise.all(Array.from({ length: 5 }, () => ask(good)))).map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200, 200]);
    expect([(await ask('aaaaaaaa')).statusCode, (await ask('aaaaaaaa')).statusCode]).toEqual([401, 429]);
  });
});

describe('the cache of keys', () => {
  it('loses no known key to unknown ones', async () => {
    const { keys, lookUps } = start(1);
    const find = (hash: string): Promise<FoundKey | undefined> => keys.find(hash);
    await find(hashApiKey(good));
    for (let index = 0; index < 10_050; index += 1) await find(`unknown-${index}`);
    lookUps.length = 0;
    expect((await find(hashApiKey(good)))?.id).toBe('key_1');
    expect(lookUps).toEqual([]);
    expect([keys.holds('unknown-0'), keys.holds('unknown-10049')]).toEqual([false, true]);
  });
});
