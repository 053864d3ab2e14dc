import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.ts';
import { listens } from './part.ts';
import type { Part } from './part.ts';
import { isAlive } from './processes.ts';
import { PartFailure } from './part-failure.ts';
import { Supervisor } from './supervisor.ts';
import type { SupervisorEvent } from './supervisor.ts';

let folder: string;
let events: SupervisorEvent[];
let supervisor: Supervisor;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perdura-supervisor-'));
  events = [];
  supervisor = new Supervisor({ logs: join(folder, 'logs'), backoffMs: 10, onEvent: (event) => events.push(event) });
});
afterEach(async () => {
  await supervisor.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A part that listens on a port, and writes its name to `order.txt` when it is stopped. */
async function server(name: string, extra: Partial<Part> & { code?: string } = {}): Promise<Part> {
  const port = await freePort();
  const { code = '', ...part } = extra;
  const script = `
    require('node:net').createServer().listen(${port}, '127.0.0.1');
    process.on('SIGTERM', () => {
      require('node:fs').appendFileSync(${JSON.stringify(join(folder, 'order.txt'))}, '${name} ');
      process.exit(0);
    });
    ${code}`;
  return { name, command: process.execPath, args: ['-e', script], ready: listens(port), ...part };
}

const waiting = { code: 'process.on("SIGTERM", () => {});' };

describe('the supervisor', () => {
  it('stops the parts in reverse order', async () => {
    for (const name of ['first', 'second', 'third']) await supervisor.start(await server(name));
    expect(Object.keys(supervisor.pids())).toEqual(['first', 'second', 'third']);
    await supervisor.stop();
    expect(await readFile(join(folder, 'order.txt'), 'utf8')).toBe('third second first ');
    expect(supervisor.pids()).toEqual({});
  });

  it('restarts a part that is killed, and only that one', async () => {
    await supervisor.start(await server('stays'));
    await supervisor.start(await server('dies'));
    const before = supervisor.pids();
    await supervisor.restarted('dies', supervisor.kill('dies'));
    expect(supervisor.pids().dies).not.toBe(before.dies);
    expect(supervisor.pids().stays).toBe(before.stays);
    expect([supervisor.restartCount(), supervisor.restartCount('dies')]).toEqual([1, 1]);
    expect(events.find(({ type }) => type === 'died')).toMatchObject({ part: 'dies', how: 'was ended by SIGKILL' });
  });

  it('gives a part up after five restarts in a row, names it with its last words, and stops the rest', async () => {
    const dying = await server('dying', { code: "setTimeout(() => { console.error('out of memory'); process.exit(3); }, 150);" });
    await supervisor.start(await server('healthy'));
    await supervisor.start(dying);
    const failure = await supervisor.failed;
    expect(failure).toBeInstanceOf(PartFailure);
    expect(failure.part).toBe('dying');
    expect(failure.message).toMatch(/dying (?:ended with code 3|failed to start again) and was restarted 5 times in vain[^]*out of memory/);
    expect(events.filter(({ type }) => type === 'died')).toHaveLength(5);
    expect(supervisor.pids()).toEqual({});
  }, 20_000);

  it('ends a part that could not be made ready after all, before it is tried again', async () => {
    const seen: number[] = [];
    const part = await server('half', { afterReady: async () => {
      seen.push(supervisor.pids().half ?? 0);
      if (seen.length > 1) throw new Error('no namespace');
    } });
    await supervisor.start(part);
    supervisor.kill('half');
    expect((await supervisor.failed).message).toMatch(/no namespace and was restarted 5 times in vain/);
    expect(new Set(seen).size).toBe(6);
    expect(await Promise.all(seen.map(isAlive))).toEqual(seen.map(() => false));
  }, 20_000);

  it('waits twice as long before each restart', async () => {
    await supervisor.start(await server('dying', { code: 'setTimeout(() => process.exit(3), 100);' }));
    await supervisor.failed;
    const waits = events.flatMap((event) => (event.type === 'died' ? [event.restartInMs] : []));
    expect(waits).toEqual([10, 20, 40, 80, 160]);
  }, 20_000);

  it('forgets earlier deaths after a stable run', async () => {
    await supervisor.stop();
    const onEvent = (event: SupervisorEvent) => void events.push(event);
    supervisor = new Supervisor({ logs: join(folder, 'logs'), backoffMs: 1, stableMs: 1, maxRestarts: 1, onEvent });
    await supervisor.start(await server('part'));
    for (let kill = 0; kill < 3; kill += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      await supervisor.restarted('part', supervisor.kill('part'));
    }
    expect(supervisor.restartCount()).toBe(3);
  });

  it('refuses a part that ends before it is ready, at once and with its last words', async () => {
    const broken: Part = {
      name: 'broken',
      command: process.execPath,
      args: ['-e', "console.error('API_PORT is missing'); process.exit(1)"],
      ready: async () => false,
    };
    await expect(supervisor.start(broken)).rejects.toThrow(/broken ended with code 1[^]*API_PORT is missing/);
  });

  it('refuses a part that is not ready in time, and ends it', async () => {
    const slow = await server('slow', { ready: async () => false, readyTimeoutMs: 200 });
    await expect(supervisor.start(slow)).rejects.toThrow(/slow was not ready within 0.2 s/);
    expect(supervisor.pids()).toEqual({});
  });

  it('names a program that does not exist', async () => {
    const missing: Part = { name: 'missing', command: '/no/such/program', args: [], ready: async () => true };
    await expect(supervisor.start({ ...missing, ready: async () => false })).rejects.toThrow(/could not be started.*ENOENT/);
  });

  it('kills a part that ignores the request to stop', async () => {
    const deaf: Part = {
      ...(await server('deaf')),
      graceMs: 100,
    };
    deaf.args = ['-e', `${waiting.code} ${deaf.args[1]?.replace(/process\.on\([^]*\}\);/, '')}`];
    await supervisor.start(deaf);
    const pid = supervisor.pids().deaf ?? 0;
    await supervisor.stop();
    expect(await isAlive(pid)).toBe(false);
  });

  it('starts nothing once it is being stopped', async () => {
    await supervisor.stop();
    await expect(supervisor.start(await server('late'))).rejects.toThrow('everything is being stopped');
  });

  it('leaves nothing behind when it is itself killed', async () => {
    const part = await server('orphan');
    const script = `
      import { Supervisor } from ${JSON.stringify(new URL('./supervisor.ts', import.meta.url).href)};
      const supervisor = new Supervisor({ logs: ${JSON.stringify(folder)} });
      await supervisor.start({ name: 'orphan', command: process.execPath, args: ['-e', ${JSON.stringify(part.args[1])}], ready: async () => true });
      console.log(JSON.stringify(supervisor.pids()));
      process.kill(process.pid, 'SIGKILL');`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    const { orphan } = JSON.parse(stdout) as { orphan: number };
    for (let wait = 0; wait < 60 && (await isAlive(orphan)); wait += 1) await new Promise((r) => setTimeout(r, 100));
    expect(await isAlive(orphan)).toBe(false);
  }, 20_000);
});
