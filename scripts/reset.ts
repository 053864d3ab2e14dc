import { join } from 'node:path';
import { forgetState } from './parts/forget.ts';
import { RunRecord } from './parts/run-file.ts';
import { root } from './parts/services.ts';

/** `npm run reset`: forgets everything that `npm start` keeps, save its secrets. Refuses while it runs. */
const directory = join(root, '.perdura');
const record = new RunRecord(join(directory, 'run.json'));
if (await record.isTaken()) {
  console.error('It is running here: stop it with Ctrl-C first, then reset.');
  process.exitCode = 1;
} else {
  // Stops what a killed start may have left behind, which would write into a folder that is gone.
  await record.take();
  const secretsKept = await forgetState(directory);
  console.log('The local data is gone. npm start begins anew.');
  if (secretsKept) {
    console.log(
      'Kept: .perdura/secrets.json. Its keys open what was written to a database or Temporal server of your own; ' +
        'delete it yourself only if there is none.',
    );
  }
}
