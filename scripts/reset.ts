import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RunRecord } from './parts/run-file.ts';
import { root } from './parts/services.ts';

/** `npm run reset`: forgets everything that `npm start` keeps. Refuses while it runs. */
const directory = join(root, '.perdura');
const record = new RunRecord(join(directory, 'run.json'));
if (await record.isTaken()) {
  console.error('It is running here: stop it with Ctrl-C first, then reset.');
  process.exitCode = 1;
} else {
  // Stops what a killed start may have left behind, which would write into a folder that is gone.
  await record.take();
  const elsewhere = (await readFile(join(directory, 'postgres.location'), 'utf8').catch(() => '')).trim();
  if (elsewhere) await rm(elsewhere, { recursive: true, force: true });
  await rm(directory, { recursive: true, force: true });
  console.log('The local data is gone. npm start begins anew.');
}
