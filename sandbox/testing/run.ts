import type Stripe from 'stripe';
import { startSandbox, type Sandbox, type SandboxOptions } from '../server.ts';
import { clientFor } from './client.ts';

export interface RunningSandbox {
  url: string;
  stripe: Stripe;
  /** Calls one of the sandbox's own controls, e.g. `control('POST', 'faults', { kind: 'reset' })`. */
  control: <T = unknown>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<T>;
  close: () => Promise<void>;
}

/** Starts a sandbox in memory (or in a file) with a client, for tests. */
export async function runSandbox(options: Partial<SandboxOptions> = {}): Promise<RunningSandbox> {
  const sandbox: Sandbox = await startSandbox({ databasePath: ':memory:', ...options });
  return { url: sandbox.url, stripe: clientFor(sandbox.url), control: controlFor(sandbox.url), close: sandbox.close };
}

/** The controls of a sandbox somewhere. Throws what it refuses. */
export function controlFor(url: string): RunningSandbox['control'] {
  return async <T>(method: string, path: string, body?: object) => {
    const answer = await fetch(`${url}/_sandbox/${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
}
