import { DefaultLogger, Runtime, type LogEntry } from '@temporalio/worker';
import type { Env } from '#platform/env.ts';
import type { Logger } from '#platform/logger.ts';

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** Once per process: Temporal's logs through ours, and its metrics for Prometheus on a port of their own. */
export function installRuntime(env: Pick<Env, 'WORKER_METRICS_HOST' | 'WORKER_METRICS_PORT' | 'LOG_LEVEL'>, logger: Logger): void {
  Runtime.install({
    logger: new DefaultLogger('INFO', ({ level, message, meta }: LogEntry) => logger[levels[level]](meta ?? {}, message)),
    telemetryOptions: {
      logging: { forward: {}, filter: { core: 'WARN', other: 'WARN' } },
      ...(env.WORKER_METRICS_PORT ? { metrics: { prometheus: { bindAddress: `${env.WORKER_METRICS_HOST}:${env.WORKER_METRICS_PORT}` } } } : {}),
    },
    shutdownSignals: [],
  });
}
