import type { Worker } from '@temporalio/worker';

export type RunningWorker = Pick<Worker, 'run' | 'shutdown' | 'getState'>;

/**
 * Runs workers until a signal stops them. `begin` is what has to be done once they poll; when it fails, the workers end
 * what they have begun before its error goes on: whoever closes their connections must find them at rest.
 * @throws what `begin` or a worker throws
 */
export async function runWorkers(workers: readonly RunningWorker[], begin: () => Promise<void>): Promise<void> {
  const stop = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const running = workers.map((worker) => worker.run());
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, stop);
  try {
    // A worker that fails meanwhile ends the wait: nobody is left to begin for.
    await Promise.race([begin(), Promise.all(running)]);
    await Promise.all(running);
  } finally {
    stop();
    await Promise.allSettled(running);
    for (const signal of signals) process.off(signal, stop);
  }
}
