import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Stays behind: its key ring may be all that opens what lies in a database or Temporal server elsewhere. */
const kept = 'secrets.json';

/**
 * Deletes what `npm start` keeps in a folder, and the database cluster that it may have put elsewhere, but not the
 * secrets: a database behind DATABASE_URL, or payloads at TEMPORAL_ADDRESS, could never be opened again without them,
 * and a fresh cluster works with them as well.
 * @returns whether there are secrets that were kept
 */
export async function forgetState(directory: string): Promise<boolean> {
  const elsewhere = (await readFile(join(directory, 'postgres.location'), 'utf8').catch(() => '')).trim();
  if (elsewhere) await rm(elsewhere, { recursive: true, force: true });
  const names = await readdir(directory);
  // The run record goes last: who starts meanwhile is refused until all else is gone.
  const order = names.filter((name) => name !== kept).sort((a, b) => Number(a === 'run.json') - Number(b === 'run.json'));
  for (const name of order) await rm(join(directory, name), { recursive: true, force: true });
  return names.includes(kept);
}
