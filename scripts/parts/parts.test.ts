import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError } from '#platform/env.ts';
import { cacheFolder, makeOnce } from './cache.ts';
import { forgetState } from './forget.ts';
import { makePlan, planPorts } from './plan.ts';
import { choosePorts, freePort } from './ports.ts';
import { isReachable } from './postgres-source.ts';
import { startMark } from './processes.ts';
import { AlreadyRunning, RunRecord } from './run-file.ts';
import { run } from './run.ts';
import { loadSecrets } from './secrets.ts';
import { isNewEnough, temporalVersion } from './temporal-source.ts';
import { testServerVersion } from './time-skipping-server.ts';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'perdura-parts-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('ports', () => {
  it('takes the first wanted port that is free, else any, and none twice', async () => {
    const [busy, free] = [await freePort(), await freePort()];
    const server = createServer().listen(busy, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const ports = await choosePorts({ a: [busy, free], b: [free], c: [undefined], d: [busy] });
    server.close();
    expect(ports.a).toBe(free);
    expect(new Set([busy, ...Object.values(ports)]).size).toBe(5);
  });

  it('are the same at the next start', async () => {
    const directory = await mkdtemp(join(folder, 'ports-'));
    expect(await planPorts(directory, 'free')).toEqual(await planPorts(directory, 'free'));
  });
});

describe('the plan', () => {
  const make = async (given: NodeJS.ProcessEnv) =>
    makePlan(await planPorts(await mkdtemp(join(folder, 'plan-')), 'free'), await loadSecrets(join(folder, 's', 'secrets.json')), given);

  it('starts everything itself when nothing is set', async () => {
    const { real, env, ports } = await make({});
    expect(real).toEqual({ postgres: false, temporal: false, stripe: false, mail: false });
    expect(env.STRIPE_API_URL).toBe(`http://127.0.0.1:${ports.sandbox}`);
    expect(new URL(env.DATABASE_URL ?? '').username).toBe('perdura');
    expect(new URL(env.DATABASE_OWNER_URL ?? '').username).toBe('perdura_migrator');
  });

  it('uses a real party for each variable that is set', async () => {
    const { real, env } = await make({
      DATABASE_URL: 'postgres://app@db/shop', STRIPE_SECRET_KEY: 'sk_test_x', SMTP_URL: 'smtp://mail:25', TEMPORAL_ADDRESS: 'temporal:7233',
    });
    expect(real).toEqual({ postgres: true, temporal: true, stripe: true, mail: true });
    expect(env).toMatchObject({ DATABASE_OWNER_URL: 'postgres://app@db/shop', TEMPORAL_ADDRESS: 'temporal:7233' });
    expect(env.STRIPE_API_URL).toBeUndefined();
  });

  it('names a variable that can not be used', async () => {
    await expect(make({ DATABASE_URL: 'mysql://x' })).rejects.toThrow(/DATABASE_URL/);
  });

  it('refuses a live key before anything is started, without telling it', async () => {
    const refused = make({ STRIPE_SECRET_KEY: 'sk_live_x' });
    await expect(refused).rejects.toThrow(EnvironmentError);
    await expect(refused).rejects.toThrow(/^STRIPE_SECRET_KEY (?!.*sk_live)/);
    await expect(make({ STRIPE_SECRET_KEY: 'rk_test_x' })).resolves.toMatchObject({ real: { stripe: true } });
  });
});

describe('the secrets', () => {
  it('are made once, and are for their owner only', async () => {
    const file = join(folder, 'own', 'secrets.json');
    const first = await loadSecrets(file);
    expect(await loadSecrets(file)).toEqual(first);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(first.keys).toMatch(/^k1:[A-Za-z0-9+/]{43}=$/);
    expect(await loadSecrets(join(folder, 'other', 'secrets.json'))).not.toEqual(first);
  });
});

describe('a reset', () => {
  it('forgets all state but the secrets, whose keys may be all that opens a database elsewhere', async () => {
    const [directory, elsewhere] = [await mkdtemp(join(folder, 'reset-')), await mkdtemp(join(folder, 'cluster-'))];
    const secrets = await loadSecrets(join(directory, 'secrets.json'));
    await mkdir(join(directory, 'logs'));
    await writeFile(join(directory, 'logs', 'api.log'), 'x');
    for (const name of ['run.json', 'temporal.db', 'ports.json']) await writeFile(join(directory, name), '{}');
    await writeFile(join(directory, 'postgres.location'), `${elsewhere}\n`);
    expect(await forgetState(directory)).toBe(true);
    expect(await readdir(directory)).toEqual(['secrets.json']);
    expect(await loadSecrets(join(directory, 'secrets.json'))).toEqual(secrets);
    await expect(stat(elsewhere)).rejects.toThrow('ENOENT');
  });
});

describe('the run record', () => {
  it('refuses a second start while the first lives, and lets one in after it', async () => {
    const file = join(folder, 'run.json');
    const [first, second] = [new RunRecord(file), new RunRecord(file)];
    await first.take();
    await expect(second.take()).rejects.toThrow(AlreadyRunning);
    expect(await second.isTaken()).toBe(true);
    await first.release();
    await second.take();
    await second.release();
  });

  it('takes over from a starter that is gone, whose number now belongs to another process', async () => {
    const file = join(folder, 'stale.json');
    await writeFile(file, JSON.stringify({ starter: { pid: process.pid, started: 'another time' }, parts: {} }));
    const record = new RunRecord(file);
    expect(await record.isTaken()).toBe(false);
    await record.take();
    await record.release();
  });
});

describe('a thing that is made once', () => {
  it('is never seen half made, and two makers do not collide', async () => {
    const target = join(folder, 'cache', 'thing');
    await expect(makeOnce(target, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const make = (text: string) => makeOnce(target, (partial) => writeFile(join(partial, 'file'), text));
    expect(await Promise.all([make('a'), make('b')])).toEqual([target, target]);
    expect(['a', 'b']).toContain(await readFile(join(target, 'file'), 'utf8'));
    expect(await readdir(join(folder, 'cache'))).toEqual(['thing']);
  });

  it('lies in the folder that the user chose for caches', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '/var/cache/ada' })).toBe('/var/cache/ada/perdura');
  });
});

describe('Postgres as another user', () => {
  it('needs every folder on the way to let it in', async () => {
    const closed = join(folder, 'closed');
    await mkdir(join(closed, 'inner'), { recursive: true });
    await run('chmod', ['711', folder]);
    const nobody = { uid: 65_534, gid: 65_534 };
    expect(await isReachable(join(closed, 'inner', 'not-yet'), nobody)).toBe(true);
    await run('chmod', ['700', closed]);
    expect(await isReachable(join(closed, 'inner', 'not-yet'), nobody)).toBe(false);
    expect(await isReachable(closed, {})).toBe(true);
  });
});

describe('versions', () => {
  it('are the same here and in the files that fetch them', async () => {
    const read = (path: string) => readFile(new URL(`../${path}`, import.meta.url), 'utf8');
    expect(await read('temporal/go.mod')).toContain(`github.com/temporalio/cli v${temporalVersion}`);
    expect(await read('time-skipping-server/pom.xml')).toContain(`<version>${testServerVersion}</version>`);
  });

  it('of a temporal on PATH are compared', () => {
    const line = (server: string) => `temporal version 1.5.1 (Server ${server}, UI 2.42.1)`;
    expect(['1.29.1', '1.30.0', '2.0.0'].every((version) => isNewEnough(line(version)))).toBe(true);
    expect(isNewEnough(line('1.28.9'))).toBe(false);
    expect(isNewEnough('something else')).toBe(false);
  });
});

describe('a process', () => {
  it('has a mark while it lives', async () => {
    expect(await startMark(process.pid)).toBeDefined();
    const { pid } = spawnSync('true');
    expect(await startMark(pid)).toBeUndefined();
  });

  it('that fails is told with its last words', async () => {
    await expect(run('sh', ['-c', 'echo broken >&2; exit 4'])).rejects.toThrow(/ended with 4:\nbroken/);
  });
});
