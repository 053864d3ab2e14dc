import { NativeConnection } from '@temporalio/worker';
import type { TemporalEnv } from '#platform/temporal.ts';

/** The worker's connection, shared by all its workers. */
export async function connectWorker(env: TemporalEnv): Promise<NativeConnection> {
  return NativeConnection.connect({
    address: env.TEMPORAL_ADDRESS,
    tls: env.TEMPORAL_TLS,
    ...(env.TEMPORAL_API_KEY ? { apiKey: env.TEMPORAL_API_KEY } : {}),
  });
}
