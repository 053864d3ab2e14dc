import { CsvFileError } from '#domain/csv/read-csv.ts';
import { GaveUp, Refused } from './api/client.ts';
import { importFile } from './import-file.ts';
import { readCommandLine, usage, UsageError } from './options.ts';
import { stopOnSignals } from './stop.ts';
import { NothingRuns, remoteTarget, runningTarget } from './target.ts';

/** `npm run import:invoices`: a file of real invoices, into the running system, until all books agree. */
if (process.argv.includes('--help')) {
  console.log(usage);
} else {
  const { stopping, now } = stopOnSignals();
  try {
    const { remote, directory, ...options } = readCommandLine(process.argv.slice(2));
    const target = remote ? remoteTarget(remote.apiUrl, remote.apiKey, directory) : await runningTarget(directory);
    process.exitCode = await importFile(target, { ...options, stopping, signal: now });
  } catch (error) {
    process.exitCode = now.aborted ? 130 : 1;
    if (now.aborted) console.log('Stopped. The same command continues where this one ended.');
    else console.error(messageOf(error));
  }
  process.exit();
}

/** What tells the user what to do is enough; anything else is ours to find by its stack. */
function messageOf(error: unknown): unknown {
  if (error instanceof UsageError) return `${error.message}\n\n${usage}`;
  const known = [NothingRuns, GaveUp, Refused, CsvFileError].some((kind) => error instanceof kind);
  return known || (error as NodeJS.ErrnoException).code === 'ENOENT' ? (error as Error).message : error;
}
