import { openDatabase } from '#entities/database.ts';
import { EnvironmentError, loadEnv, type Env } from '#platform/env.ts';
import { KeyRing } from '#platform/keyring.ts';
import { createLogger } from '#platform/logger.ts';
import { createTemporalClient } from '#platform/temporal.ts';
import { buildApp } from './app.ts';

/** The API process: listens until it is told to stop, then answers what it has begun and goes. */
const env = readEnv();
const logger = createLogger('api', env.LOG_LEVEL);
const keyRing = new KeyRing(env.PERDURA_KEYS);
const database = await openDatabase(env.DATABASE_URL, env.DATABASE_POOL_SIZE);
const temporal = createTemporalClient(env, keyRing);
const app = await buildApp({ env, database, keyRing, temporal, logger });

/** A command waits 10 s for Temporal at most; who hasn't been answered by then is told by its retry. */
const graceMs = 15_000;

let stopping = false;
async function stop(signal: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  logger.info({ signal }, 'stopping');
  const late = setTimeout(() => {
    logger.warn('requests were still under way after the grace period');
    process.exit(1);
  }, graceMs);
  late.unref();
  await app.close();
  await database.close();
  await temporal.connection.close();
  // A retry that waits inside the closed connection would throw: there is nothing left to wait for.
  process.exit(0);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(signal));
// What nobody handled is a bug: the state of this process can't be trusted any more, the supervisor starts another.
process.on('unhandledRejection', (error) => {
  logger.fatal({ err: error }, 'unhandled rejection');
  process.exit(1);
});

const address = await app.listen({ host: env.API_HOST, port: env.API_PORT });
logger.info({ address }, 'API is ready');

function readEnv(): Env {
  try {
    return loadEnv(process.env);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(1);
  }
}
