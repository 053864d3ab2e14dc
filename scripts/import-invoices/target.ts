import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createStripeClient } from '#activities/payments/stripe/client.ts';
import type { DevFile } from '../parts/dev-file.ts';
import { RunRecord } from '../parts/run-file.ts';
import { loadSecrets } from '../parts/secrets.ts';
import type { ImportTarget } from './run.ts';

/** Raised where no system runs that could be imported into. */
export class NothingRuns extends Error {
  override name = 'NothingRuns';
}

/**
 * The system that runs in a folder, as its dev.json tells.
 * @throws {NothingRuns} saying how to start one
 */
export async function runningTarget(directory: string): Promise<ImportTarget> {
  const file = join(directory, 'dev.json');
  if (!existsSync(file) || !(await new RunRecord(join(directory, 'run.json')).isTaken())) {
    throw new NothingRuns('No system runs here. Start one with npm start in another terminal, or see all at once with npm run demo.');
  }
  return targetOf(JSON.parse(await readFile(file, 'utf8')) as DevFile, directory);
}

/** Provider included: the sandbox's key is among the secrets beside dev.json, a real one is the user's. */
export async function targetOf(dev: DevFile, directory: string): Promise<ImportTarget> {
  const given = process.env.STRIPE_SECRET_KEY;
  const key = given || (dev.stripe_url ? (await loadSecrets(join(directory, 'secrets.json'))).stripeSecretKey : undefined);
  return { apiUrl: dev.api_url, apiKey: dev.api_key, directory, stripe: key ? stripeOf(key, dev.stripe_url) : undefined };
}

/** A system elsewhere; its provider by STRIPE_SECRET_KEY and STRIPE_API_URL. */
export function remoteTarget(apiUrl: string, apiKey: string, directory: string): ImportTarget {
  const { STRIPE_SECRET_KEY: key, STRIPE_API_URL: stripeUrl } = process.env;
  return { apiUrl: apiUrl.replace(/\/+$/, ''), apiKey, directory, stripe: key ? stripeOf(key, stripeUrl) : undefined };
}

function stripeOf(key: string, url: string | null | undefined) {
  return createStripeClient(key, { timeoutMs: 30_000, ...(url ? { apiUrl: url } : {}) });
}
