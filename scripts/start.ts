import { join } from 'node:path';
import { AlreadyRunning } from './parts/run-file.ts';
import { root } from './parts/services.ts';
import { orderCommand, table } from './parts/welcome.ts';
import { startSystem } from './system.ts';
import type { RunningSystem } from './system.ts';

/** `npm start`: everything that takes an order, until Ctrl-C. */
const stopping = new AbortController();
let system: RunningSystem | undefined;
let signalledAt = 0;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => onSignal());
// The bootstrap's channel ends when it was killed: nobody is left to stop us otherwise.
process.once('disconnect', () => onSignal());
process.channel?.unref();

function onSignal(): void {
  // A terminal's Ctrl-C arrives twice, directly and through npm: only a later one means "now".
  if (signalledAt === 0) {
    signalledAt = performance.now();
    console.log('\nStopping (again to kill at once)');
    stopping.abort();
  } else if (performance.now() - signalledAt > 1_500) {
    system?.killAll();
    process.exit(130);
  }
}

try {
  system = await startSystem({ directory: join(root, '.perdura'), ports: 'usual', quiet: false, signal: stopping.signal });
  console.log(`\n${table(system.dev)}\n\n${await orderCommand(system.dev)}\n\nCtrl-C stops everything; the data stays.`);
  const aborted = new Promise<undefined>((resolve) => {
    if (stopping.signal.aborted) resolve(undefined);
    stopping.signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  const failure = await Promise.race([system.failed, aborted]);
  await system.stop();
  if (failure) {
    console.error(`\n${failure.message}\n\nEverything else was stopped.`);
    process.exitCode = 1;
  } else {
    console.log('Stopped.');
  }
} catch (error) {
  if (stopping.signal.aborted) {
    console.log('Stopped.');
  } else {
    // A message that tells what to do is enough; anything else is ours to find by its stack.
    const known = error instanceof AlreadyRunning || /^(EnvironmentError|PartFailure)$/.test((error as Error).name);
    console.error(known ? `\n${(error as Error).message}` : error);
    process.exitCode = 1;
  }
}
process.exit();
