import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './parts/processes.ts';
import { AlreadyRunning } from './parts/run-file.ts';
import { run } from './parts/run.ts';
import { startSystem } from './system.ts';
import type { RunningSystem } from './system.ts';

describe('the whole system', () => {
  let directory: string;
  let system: RunningSystem;
  const devFile = async () => JSON.parse(await readFile(join(directory, 'dev.json'), 'utf8')) as RunningSystem['dev'];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'perdura-system-'));
    // Postgres' own user must be able to enter when the tests run as root.
    await run('chmod', ['711', directory]);
    system = await startSystem({ directory, env: {} });
  }, 120_000);
  afterAll(async () => {
    await system?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('tells tools where everything is, and nobody else', async () => {
    const dev = await devFile();
    expect(dev).toEqual(system.dev);
    expect(Object.keys(dev.pids).sort()).toEqual(['api', 'mailbox', 'postgres', 'sandbox', 'temporal', 'worker']);
    expect((await stat(join(directory, 'dev.json'))).mode & 0o777).toBe(0o600);
  });

  it('answers on ports of its own', async () => {
    expect((await fetch(`${system.dev.api_url}/healthz`)).status).toBe(200);
    expect((await fetch(`${system.dev.mailbox_url}/email`)).status).toBe(200);
    expect(new URL(system.dev.api_url).port).not.toBe('3000');
  });

  it('is started once for a folder', async () => {
    await expect(startSystem({ directory, env: {} })).rejects.toThrow(AlreadyRunning);
    expect((await fetch(`${system.dev.api_url}/healthz`)).status).toBe(200);
  });

  it.each(['worker', 'api', 'temporal', 'postgres', 'sandbox', 'mailbox'])('restarts a killed %s and says so', async (part) => {
    const pid = system.kill(part);
    await system.restarted(part, pid);
    expect((await devFile()).pids[part]).toBe(system.dev.pids[part]);
    expect(system.dev.pids[part]).not.toBe(pid);
  });

  it('stops all that it started, and keeps its keys for the next start', async () => {
    const { pids, ...before } = system.dev;
    await system.stop();
    expect(await Promise.all(Object.values(pids).map(isAlive))).toEqual(Object.values(pids).map(() => false));
    system = await startSystem({ directory, env: {} });
    const { pids: fresh, ...after } = system.dev;
    expect(after).toEqual(before);
    expect(Object.keys(fresh)).toHaveLength(6);
  });
});
