import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadEnv } from '#platform/env.ts';
import { KeyRing } from '#platform/keyring.ts';
import { createTemporalClient } from '#platform/temporal.ts';
import { choosePorts } from '#scripts/parts/ports.ts';
import { startSystem, type RunningSystem } from '#scripts/system.ts';
import type { Client } from '@temporalio/client';
import pg from 'pg';
import { HttpClient } from './http.ts';
import { OrderBodies } from './orders.ts';
import { perduraShop, type Shop } from './shop.ts';

/** A system of its own in a temporary folder, the twin's worker beside it, and everything that measures them. */
export interface Rig {
  system: RunningSystem;
  shop: Shop;
  http: HttpClient;
  skus: string[];
  client: Client;
  keyRing: KeyRing;
  /** The superuser's view of the database: what the bench looks at and sets is under no row-level security. */
  sql: pg.Client;
  postgresLog: string;
  /** Process ids by part, the twin's worker and this process (the generator) among them. */
  pids(): Record<string, number>;
  /** @param keep leaves the folder with every part's log and data, and answers where it is */
  stop(keep?: boolean): Promise<string>;
}

/** @param seed of the orders that are placed */
export async function startRig(seed: number, log: (line: string) => void): Promise<Rig> {
  const directory = await mkdtemp(join(tmpdir(), 'perdura-bench-'));
  let system: RunningSystem | undefined;
  let twin: ChildProcess | undefined;
  try {
    log('Starting Postgres, Temporal, sandbox, mailbox, API and worker');
    system = await startSystem({
      directory,
      // The provider's limit per account and the limit per key are not what is measured.
      env: { STRIPE_MAX_PER_SECOND: '100000', RATE_LIMIT_PER_MINUTE: '100000000' },
    });
    const { dev } = system;
    const env = loadEnv(system.env);
    const keyRing = new KeyRing(env.PERDURA_KEYS);
    const client = createTemporalClient(env, keyRing);
    const address = new URL(dev.database_url);
    address.username = 'postgres';
    const sql = new pg.Client({ connectionString: address.href, application_name: 'bench' });
    await sql.connect();
    const http = new HttpClient(dev.api_url, dev.api_key);
    const skus = await stockUp(http);
    twin = await startTwin(system.env);
    const { pid } = twin;
    const parts = { system, twin };
    return {
      system, http, skus, client, keyRing, sql,
      shop: perduraShop(http, new OrderBodies(skus, seed)),
      postgresLog: join(directory, 'logs', 'postgres.log'),
      pids: () => ({ ...dev.pids, 'twin worker': pid!, generator: process.pid }),
      async stop(keep = false) {
        http.close();
        await sql.end();
        await client.connection.close();
        await stopParts(parts);
        if (!keep) await rm(directory, { recursive: true, force: true });
        return directory;
      },
    };
  } catch (error) {
    await stopParts({ system, twin });
    throw error;
  }
}

async function startTwin(env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const { metrics } = await choosePorts({ metrics: [] });
  const file = fileURLToPath(new URL('../twin/worker.ts', import.meta.url));
  const twin = fork(file, { env: { ...env, WORKER_METRICS_PORT: String(metrics) }, execArgv: [] });
  await Promise.race([
    once(twin, 'message'),
    once(twin, 'exit').then(([code]) => Promise.reject(new Error(`The twin's worker ended at its start (${code})`))),
  ]);
  return twin;
}

async function stopParts({ system, twin }: { system: RunningSystem | undefined; twin: ChildProcess | undefined }): Promise<void> {
  if (twin?.exitCode === null) {
    twin.kill('SIGTERM');
    await once(twin, 'exit');
  }
  await system?.stop();
}

/** Puts so much of everything on the shelf that nothing runs out, and answers the SKUs. */
async function stockUp(http: HttpClient): Promise<string[]> {
  const get = async <T>(path: string) => JSON.parse((await http.send('GET', path)).body) as { data: T[] };
  const [location] = (await get<{ id: string }>('/api/locations')).data;
  const products = (await get<{ variants: { sku: string; prices: { currency: string }[] }[] }>('/api/products?limit=100')).data;
  const skus = products.flatMap(({ variants }) => variants).filter(({ prices }) => prices.some(({ currency }) => currency === 'USD')).map(({ sku }) => sku);
  for (const sku of skus) {
    const body = JSON.stringify({ location_id: location!.id, sku, quantity: 10_000_000, reason: 'bench' });
    const answer = await http.send('POST', '/api/stock/adjustments', body, { 'idempotency-key': `bench-${sku}` });
    if (answer.status !== 201) throw new Error(`Stock of ${sku} could not be adjusted: ${answer.body}`);
  }
  return skus;
}
