import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DevFile } from '#scripts/parts/dev-file.ts';
import { eventually } from './wait.ts';

/** A whole running system that this test file has for itself until it gives it back. */
export interface TakenSystem {
  dev: DevFile;
  /** The sandbox's account of the demo tenant. */
  stripeKey: string;
  /** Postgres login that sees all rows. */
  ownerUrl: string;
  /** Kills a part as a crash would; answers the process id that it had. */
  kill(part: string, signal?: NodeJS.Signals): Promise<number>;
  /** Waits until a part is ready again after its process `oldPid` was killed. */
  restarted(part: string, oldPid: number): Promise<void>;
  release(): Promise<void>;
}

/** Takes the system of this run (started when the first file asks), or the one that PERDURA_E2E_DIRECTORY names. */
export async function takeSystem(): Promise<TakenSystem> {
  const given = process.env.PERDURA_E2E_DIRECTORY;
  const directory = given ?? ((await ask('/systems/take')) as string);
  const read = async (file: string) => JSON.parse(await readFile(join(directory, file), 'utf8')) as unknown;
  const dev = (await read('dev.json')) as DevFile;
  const { stripeSecretKey } = (await read('secrets.json')) as { stripeSecretKey: string };
  const pidOf = async (part: string) => ((await read('dev.json')) as DevFile).pids[part];
  const ownerUrl = new URL(dev.database_url);
  ownerUrl.username = 'perdura_migrator';
  return {
    dev,
    stripeKey: stripeSecretKey,
    ownerUrl: ownerUrl.href,
    kill: async (part, signal = 'SIGKILL') => {
      const pid = await pidOf(part);
      if (pid === undefined) throw new Error(`No part ${part} is running.`);
      process.kill(pid, signal);
      return pid;
    },
    restarted: async (part, oldPid) => void (await eventually(`${part} runs again`, async () => (await pidOf(part)) !== oldPid, 60_000)),
    release: async () => {
      if (!given) await ask('/systems/release');
    },
  };
}

async function ask(path: string): Promise<unknown> {
  const base = process.env.PERDURA_TEST_SERVICES;
  if (!base) throw new Error('PERDURA_TEST_SERVICES is not set: name the test *.e2e.test.ts.');
  const response = await fetch(new URL(path, base), { method: 'POST' });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text);
}
