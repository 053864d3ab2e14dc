import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { loadEnv } from '#platform/env.ts';
import { KeyRing } from '#platform/keyring.ts';
import { createLogger } from '#platform/logger.ts';
import { createDataConverter, createTemporalClient } from '#platform/temporal.ts';
import { connectWorker } from '#worker/connection.ts';
import { installRuntime } from '#worker/runtime.ts';
import { setCurrentVersion } from '#worker/versioning.ts';
import { orderWorkerTuning, paymentWorkerTuning } from '#worker/workers.ts';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { twinProvider, twinRows } from './activities.ts';
import { twinQueues } from './messages.ts';

/** The twin's worker process: the tuning, the data converter and the two queues of the real one. Says `ready` to its parent. */
const env = loadEnv(process.env);
const logger = createLogger('twin', 'error');
installRuntime(env, logger);
const keyRing = new KeyRing(env.PERDURA_KEYS);
const connection = await connectWorker(env);
const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('./workflow.ts', import.meta.url)),
  failureConverterPath: fileURLToPath(new URL('../../platform/failure-converter.ts', import.meta.url)),
  logger: new DefaultLogger('WARN'),
});
// Versioned as orders are: the server keeps that in each workflow's search attributes, at a price.
const version = { deploymentName: 'perdura-twin', buildId: createHash('sha256').update(code).digest('hex').slice(0, 12) };
const shared = { connection, namespace: env.TEMPORAL_NAMESPACE, dataConverter: createDataConverter(keyRing) };
const workers = await Promise.all([
  Worker.create({
    ...shared, ...orderWorkerTuning, taskQueue: twinQueues.orders, workflowBundle: { code }, activities: twinRows,
    workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior: 'AUTO_UPGRADE' },
  }),
  Worker.create({
    ...shared, ...paymentWorkerTuning, taskQueue: twinQueues.payments, activities: twinProvider, maxTaskQueueActivitiesPerSecond: env.STRIPE_MAX_PER_SECOND,
  }),
]);
const running = Promise.all(workers.map((worker) => worker.run()));
const stop = () => {
  for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
process.once('disconnect', stop);
const client = createTemporalClient(env, keyRing);
await setCurrentVersion(client, env.TEMPORAL_NAMESPACE, version.buildId, logger, version.deploymentName);
await client.connection.close();
process.send?.('ready');
await running;
await connection.close();
if (process.connected) process.disconnect();
