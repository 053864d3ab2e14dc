import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '@temporalio/client';
import type { Database } from '#entities/database.ts';
import { loadEnv } from '#platform/env.ts';
import { KeyRing } from '#platform/keyring.ts';
import { createLogger } from '#platform/logger.ts';
import { buildApp, type App } from '../../app.ts';

const keys = `test:${Buffer.alloc(32, 7).toString('base64')}`;
const settings = {
  DATABASE_URL: 'postgres://nowhere', TEMPORAL_ADDRESS: 'nowhere:1', SMTP_URL: 'smtp://nowhere', PERDURA_KEYS: keys,
  TEMPORAL_UI_URL: 'http://127.0.0.1:8233', ADMIN_EMAIL: 'admin@perdura.test', ADMIN_PASSWORD: 'correct horse battery',
};
const start = (more: Record<string, string> = {}) =>
  buildApp({
    env: loadEnv({ ...settings, ...more }), database: {} as Database, keyRing: new KeyRing(keys),
    temporal: { options: { namespace: 'x' } } as unknown as Client, logger: createLogger('test', 'silent'),
  });

const plain = { metadata: { encoding: Buffer.from('json/plain').toString('base64') }, data: Buffer.from('{"orderId":"ord_1"}').toString('base64') };

let app: App;
beforeAll(async () => void (app = await start()));
afterAll(() => app.close());

const signIn = (payload: object, at = app) => at.inject({ method: 'POST', url: '/admin/session', payload });
const codec = (direction: string, payload: object, cookie?: string, at = app) =>
  at.inject({ method: 'POST', url: `/codec/${direction}`, payload, headers: cookie ? { cookie } : {} });

async function session(): Promise<string> {
  const [cookie] = (await signIn({ email: 'Admin@perdura.test', password: 'correct horse battery' })).cookies;
  return `${cookie!.name}=${encodeURIComponent(cookie!.value)}`;
}

describe('the operators\' sign-in', () => {
  it('gives a cookie that neither scripts nor other sites can use', async () => {
    const answer = await signIn({ email: 'admin@perdura.test', password: 'correct horse battery' });
    expect(answer.statusCode).toBe(200);
    expect(answer.cookies[0]).toMatchObject({ name: 'perdura_admin', httpOnly: true, sameSite: 'Strict', path: '/', maxAge: 43_200 });
  });

  it('refuses a wrong password in the same words as a wrong address', async () => {
    const [password, address] = [await signIn({ email: 'admin@perdura.test', password: 'x' }), await signIn({ email: 'x@y.z', password: 'correct horse battery' })];
    expect([password.statusCode, address.statusCode]).toEqual([401, 401]);
    expect(password.json().detail).toBe(address.json().detail);
    expect(password.cookies).toEqual([]);
  });

  it('works as a plain form, and shows the page with what went wrong', async () => {
    const form = { method: 'POST', url: '/admin/session', headers: { 'content-type': 'application/x-www-form-urlencoded' } } as const;
    const right = await app.inject({ ...form, payload: 'email=admin%40perdura.test&password=correct+horse+battery' });
    expect([right.statusCode, right.headers.location, right.cookies.length]).toEqual([303, '/admin', 1]);
    const wrong = await app.inject({ ...form, payload: 'email=admin%40perdura.test&password=nope' });
    expect(wrong.headers.location).toBe('/admin?failed=1');
    expect((await app.inject('/admin?failed=1')).body).toContain('role="alert"');
    expect((await app.inject({ url: '/admin', headers: { cookie: await session() } })).body).toContain('You are signed in');
  });

  it('is limited to a few tries a minute', async () => {
    const other = await start();
    const tries = await Promise.all(Array.from({ length: 12 }, () => signIn({ email: 'a@b.c', password: 'guess' }, other)));
    expect(tries.filter(({ statusCode }) => statusCode === 429).length).toBe(2);
    await other.close();
  });
});

describe('the codec endpoint', () => {
  it('is closed without a session or a key', async () => {
    expect((await codec('decode', { payloads: [] })).statusCode).toBe(401);
    expect((await codec('decode', { payloads: [] }, 'perdura_admin=9999999999.0000.forged')).statusCode).toBe(401);
  });

  it('gives back what it has encrypted, and passes other encodings through', async () => {
    const cookie = await session();
    const encoded = (await codec('encode', { payloads: [plain] }, cookie)).json();
    expect(Buffer.from(encoded.payloads[0].metadata.encoding, 'base64').toString()).toBe('binary/encrypted');
    expect(JSON.stringify(encoded)).not.toContain(plain.data);
    expect((await codec('decode', { payloads: [...encoded.payloads, plain] }, cookie)).json()).toEqual({ payloads: [plain, plain] });
  });

  it('says which payload it can not open', async () => {
    const cookie = await session();
    const sealed = new KeyRing(`other:${Buffer.alloc(32, 9).toString('base64')}`).encrypt(Buffer.from('x'));
    const foreign = {
      metadata: { encoding: Buffer.from('binary/encrypted').toString('base64'), 'encryption-key-id': Buffer.from('other').toString('base64') },
      data: sealed.data.toString('base64'),
    };
    const answer = await codec('decode', { payloads: [foreign] }, cookie);
    expect([answer.statusCode, answer.json().errors[0].pointer]).toEqual([422, '/payloads']);
  });

  it('ends all sessions when the password changes', async () => {
    const cookie = await session();
    const other = await start({ ADMIN_PASSWORD: 'another password' });
    expect((await codec('decode', { payloads: [] }, cookie, other)).statusCode).toBe(401);
    await other.close();
  });
});
