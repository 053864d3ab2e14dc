import { join } from 'node:path';
import { importFile } from './import-invoices/import-file.ts';
import { extract } from './import-invoices/options.ts';
import { stopOnSignals } from './import-invoices/stop.ts';
import { NothingRuns, runningTarget, targetOf } from './import-invoices/target.ts';
import { root } from './parts/services.ts';
import { table } from './parts/welcome.ts';
import { startSystem } from './system.ts';
import type { RunningSystem } from './system.ts';

/**
 * `npm run demo`: a small extract of real invoices in the running system, or in one of its own, which then stays until
 * Ctrl-C on a terminal and ends elsewhere (`--stay` and `--exit` say so outright).
 */
const directory = join(root, '.perdura');
const { stopping, now } = stopOnSignals();
let system: RunningSystem | undefined;
let code = 1;
try {
  const target = await runningTarget(directory).catch(async (error: unknown) => {
    if (!(error instanceof NothingRuns)) throw error;
    system = await startSystem({ directory, ports: 'usual', quiet: false, signal: stopping });
    return targetOf(system.dev, directory);
  });
  console.log(`\nImporting ${extract}\n`);
  code = await importFile(target, { file: extract, concurrency: 8, seededRefundsPercent: 5, stopping, signal: now });
  if (system && code !== 130) {
    console.log(`\n${table(system.dev)}\n`);
    const stays = process.argv.includes('--stay') || (process.stdout.isTTY && !process.argv.includes('--exit'));
    if (stays) {
      console.log('Ctrl-C stops everything; the data stays.');
      await Promise.race([system.failed, new Promise((resolve) => stopping.addEventListener('abort', resolve, { once: true }))]);
    } else {
      console.log('The data stays: npm start shows it again.');
    }
  }
} catch (error) {
  if (stopping.aborted) code = 130;
  else console.error(/^(EnvironmentError|PartFailure|GaveUp|Refused)$/.test((error as Error).name) ? (error as Error).message : error);
}
await system?.stop();
process.exit(code);
