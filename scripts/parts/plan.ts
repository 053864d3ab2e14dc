import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError, loadEnv } from '#platform/env.ts';
import { isTestKey } from '../seed/test-key.ts';
import { choosePorts } from './ports.ts';
import { postgresUrl } from './postgres.ts';
import { writeJson } from './run-file.ts';
import type { Secrets } from './secrets.ts';

const usualPorts = {
  postgres: 15432,
  temporal: 7233,
  temporalUi: 8233,
  sandbox: 12111,
  smtp: 1025,
  mailbox: 8025,
  api: 3000,
  worker: 9464,
};
export type PortName = keyof typeof usualPorts;

/** Which outside parties are real: their variable was set, so nothing is started in their place. */
export interface Real {
  postgres: boolean;
  temporal: boolean;
  stripe: boolean;
  mail: boolean;
}

export interface Plan {
  ports: Record<PortName, number>;
  real: Real;
  /** Environment of every process of ours. */
  env: NodeJS.ProcessEnv;
  /** Address of the API for people and tools. */
  apiUrl: string;
}

/** Takes the ports of the last run where they are free, else the usual ones (or any, for a system beside another). */
export async function planPorts(directory: string, kind: 'free' | 'usual'): Promise<Record<PortName, number>> {
  const file = join(directory, 'ports.json');
  const text = await readFile(file, 'utf8').catch(() => '{}');
  const last = JSON.parse(text) as Partial<Record<PortName, number>>;
  const names = Object.keys(usualPorts) as PortName[];
  const wanted = names.map((name) => [name, kind === 'usual' ? [last[name], usualPorts[name]] : [last[name]]] as const);
  const ports = await choosePorts(Object.fromEntries(wanted) as Record<PortName, (number | undefined)[]>);
  await writeJson(file, ports);
  return ports;
}

/**
 * Says what runs and with which environment, before anything is started.
 * @param given what the user set: DATABASE_URL, TEMPORAL_ADDRESS, STRIPE_SECRET_KEY and SMTP_URL each switch a part to
 *   a real one, everything else overrides what would be chosen
 * @throws EnvironmentError that names the variable
 */
export function makePlan(ports: Record<PortName, number>, secrets: Secrets, given: NodeJS.ProcessEnv): Plan {
  const real = {
    postgres: Boolean(given.DATABASE_URL),
    temporal: Boolean(given.TEMPORAL_ADDRESS),
    stripe: Boolean(given.STRIPE_SECRET_KEY),
    mail: Boolean(given.SMTP_URL),
  };
  if (real.stripe && !isTestKey(given.STRIPE_SECRET_KEY ?? '')) {
    throw new EnvironmentError('STRIPE_SECRET_KEY is not a test key (sk_test_… or rk_test_…): the demo tenant is in test mode.');
  }
  const cluster = { port: ports.postgres, password: secrets.databasePassword };
  const local = (port: number) => `http://127.0.0.1:${port}`;
  const apiPort = Number(given.API_PORT || ports.api);
  const chosen: Record<string, string> = {
    TEMPORAL_NAMESPACE: 'perdura',
    API_HOST: '127.0.0.1',
    API_PORT: String(apiPort),
    PUBLIC_URL: local(apiPort),
    PERDURA_KEYS: secrets.keys,
    ADMIN_EMAIL: secrets.adminEmail,
    ADMIN_PASSWORD: secrets.adminPassword,
    SEED_SECRET_KEY: secrets.apiKey,
    SEED_PUBLISHABLE_KEY: secrets.publishableKey,
    LOG_LEVEL: 'info',
    WORKER_METRICS_PORT: String(ports.worker),
    ...(real.postgres
      ? { DATABASE_OWNER_URL: String(given.DATABASE_URL) }
      : {
          DATABASE_URL: postgresUrl(cluster, 'perdura', 'perdura'),
          DATABASE_OWNER_URL: postgresUrl(cluster, 'perdura_migrator', 'perdura'),
        }),
    ...(real.temporal
      ? {}
      : { TEMPORAL_ADDRESS: `127.0.0.1:${ports.temporal}`, TEMPORAL_UI_URL: local(ports.temporalUi) }),
    // Stripe's limit on calls is Stripe's: the sandbox has none.
    ...(real.stripe
      ? {}
      : { STRIPE_API_URL: local(ports.sandbox), STRIPE_SECRET_KEY: secrets.stripeSecretKey, STRIPE_MAX_PER_SECOND: '1000' }),
    ...(real.mail ? {} : { SMTP_URL: `smtp://127.0.0.1:${ports.smtp}` }),
  };
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value));
  const env = { ...chosen, ...set };
  const checked = loadEnv(env);
  // Jest's own flags and mode are not for the processes under test.
  for (const name of ['NODE_OPTIONS', 'JEST_WORKER_ID', 'NODE_ENV']) delete env[name as keyof typeof env];
  return { ports, real, env, apiUrl: local(checked.API_PORT) };
}
