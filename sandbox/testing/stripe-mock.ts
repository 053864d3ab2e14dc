import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { go, STRIPE_MOCK } from './go.ts';

const FOLDER = join(homedir(), '.cache', 'perdura', 'stripe-mock-v0.203.0');
const BINARY = join(FOLDER, process.platform === 'win32' ? 'stripe-mock.exe' : 'stripe-mock');
const START_TIMEOUT_MS = 30_000;

export interface StripeMock {
  /** e.g. `http://127.0.0.1:40123`. */
  url: string;
  close: () => Promise<void>;
}

/**
 * Starts Stripe's official mock server, which refuses requests that do not fit the specification; it keeps no
 * state. Built once by `go install` into the user's cache folder (about ten seconds).
 */
export async function startStripeMock(): Promise<StripeMock> {
  await build();
  const port = await freePort();
  const child = spawn(BINARY, ['-http-addr', `127.0.0.1:${port}`], { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const url = `http://127.0.0.1:${port}`;
  try {
    await answering(url, child, () => complaint);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return { url, close: () => stop(child) };
}

/** Built beside and moved into place, so that two test files starting at once do not meet a half file. */
async function build(): Promise<void> {
  if (existsSync(BINARY)) return;
  await mkdir(FOLDER, { recursive: true });
  const temporary = await mkdtemp(join(FOLDER, 'build-'));
  try {
    await go(['install', STRIPE_MOCK], { GOBIN: temporary });
    await rename(join(temporary, BINARY.slice(FOLDER.length + 1)), BINARY);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || !address) throw new Error('no free port');
  return address.port;
}

async function answering(url: string, child: ChildProcess, complaint: () => string): Promise<void> {
  const until = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`stripe-mock ended: ${complaint()}`);
    const answer = await fetch(`${url}/v1/customers`, { headers: { authorization: 'Bearer sk_test_123' } }).catch(() => undefined);
    if (answer) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`stripe-mock did not answer within ${START_TIMEOUT_MS / 1000} s: ${complaint()}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
