import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answers, listens } from './part.ts';
import type { Part } from './part.ts';
import type { Plan } from './plan.ts';

/** The checkout's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A script of ours as a part; `node` is the one that runs us, which is the project's own. */
function script(name: string, file: string, env: NodeJS.ProcessEnv): Pick<Part, 'name' | 'command' | 'args' | 'cwd' | 'env'> {
  return { name, command: process.execPath, args: [join(root, file)], cwd: root, env };
}

/** The Stripe-compatible server. */
export function sandboxPart({ env, ports }: Plan, directory: string): Part {
  return {
    ...script('sandbox', 'sandbox/main.ts', {
      ...env,
      SANDBOX_HOST: '127.0.0.1',
      SANDBOX_PORT: String(ports.sandbox),
      SANDBOX_DB: join(directory, 'sandbox.db'),
    }),
    ready: listens(ports.sandbox),
  };
}

/**
 * The API. It counts as up when it answers at all: `/readyz` looks at Temporal and the workers too, whose outage must
 * not have the API restarted.
 */
export function apiPart({ env, apiUrl }: Plan): Part {
  return { ...script('api', 'api/server.ts', env), ready: answers(`${apiUrl}/healthz`) };
}

export function workerPart({ env, ports }: Plan): Part {
  return {
    ...script('worker', 'worker/main.ts', env),
    ready: async (log) => {
      // It says so when its version takes tasks; a log level that hides the line leaves only the pollers to go by.
      if (['trace', 'debug', 'info'].includes(env.LOG_LEVEL ?? 'info')) return (await log()).includes('worker is ready');
      const metrics = await fetch(`http://127.0.0.1:${env.WORKER_METRICS_PORT ?? ports.worker}/metrics`);
      return (await metrics.text()).includes('temporal_num_pollers');
    },
    // It finishes the activities that it has begun.
    graceMs: 30_000,
  };
}

/** Whether a script of ours is there. */
export function has(file: string): boolean {
  return existsSync(join(root, file));
}
