import { createMailer } from '#activities/email/mailer.ts';
import { createMaintenanceActivities } from '#activities/maintenance/create.ts';
import { createOrderActivities } from '#activities/orders/create.ts';
import { createOutboxActivities } from '#activities/outbox/create.ts';
import { createPaymentActivities } from '#activities/payments/create.ts';
import { openDatabase } from '#entities/database.ts';
import { handleWebhookEvent } from '#entities/webhook-inbox/handle.ts';
import { loadEnv } from '#platform/env.ts';
import { KeyRing } from '#platform/keyring.ts';
import { createLogger } from '#platform/logger.ts';
import { createTemporalClient } from '#platform/temporal.ts';
import { createOwnerTeller } from '#workflows/late-payment-event/client.ts';
import { ensureSchedules } from '#workflows/maintenance/client.ts';
import { startDispatcher } from '#workflows/outbox/client.ts';
import { bundleWorkflows } from './bundle.ts';
import { connectWorker } from './connection.ts';
import { createRedelivery } from './redeliver.ts';
import { runWorkers } from './run.ts';
import { installRuntime } from './runtime.ts';
import { setCurrentVersion } from './versioning.ts';
import { createWorkers } from './workers.ts';

/** The worker process: all task queues on one connection, until it is told to stop. */
const env = loadEnv(process.env);
const logger = createLogger('worker', env.LOG_LEVEL);
installRuntime(env, logger);

const keyRing = new KeyRing(env.PERDURA_KEYS);
const database = await openDatabase(env.DATABASE_URL, env.DATABASE_POOL_SIZE);
const client = createTemporalClient(env, keyRing);
const mailer = createMailer(env);
const connection = await connectWorker(env);

const stripe = { timeoutMs: env.STRIPE_TIMEOUT_MS, ...(env.STRIPE_API_URL ? { apiUrl: env.STRIPE_API_URL } : {}) };
const orders = createOrderActivities({ database, keyRing });
const activities = {
  orders,
  payments: createPaymentActivities({ database, keyRing, stripe, logger }),
  outbox: createOutboxActivities({ database, keyRing, mailer, logger }),
  maintenance: createMaintenanceActivities({
    database, logger, redeliver: createRedelivery(client, keyRing), handleWebhookEvent: (event) => handleWebhookEvent({ database, keyRing, tellOwner: createOwnerTeller(client) }, event),
  }),
};

try {
  const bundle = await bundleWorkflows();
  const workers = await createWorkers({
    connection, namespace: env.TEMPORAL_NAMESPACE, keyRing, bundle, activities, providerCallsPerSecond: env.STRIPE_MAX_PER_SECOND,
  });
  await runWorkers(workers, async () => {
    await setCurrentVersion(client, env.TEMPORAL_NAMESPACE, bundle.buildId, logger);
    await startDispatcher(client);
    await ensureSchedules(client);
    logger.info({ buildId: bundle.buildId }, 'worker is ready');
  });
} finally {
  await connection.close();
  await client.connection.close();
  mailer.close();
  await database.close();
}
