import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { root } from '../parts/services.ts';

export interface CommandLine {
  file: string;
  limit: number | undefined;
  concurrency: number;
  seededRefundsPercent: number;
  /** Where dev.json is, and where reports go. */
  directory: string;
  remote: { apiUrl: string; apiKey: string } | undefined;
}

/** The small file that comes with the project. */
export const extract = fileURLToPath(new URL('data/online-retail-extract.csv', import.meta.url));

export const usage = `npm run import:invoices -- [<csv>] [options]     without a file: the extract that comes with the project
  --limit N             only the first N sales by date
  --concurrency N       invoices in work at a time (default 16)
  --seeded-refunds P    refunds besides those of the file's cancellations, on P percent of the sales (default 1)
  --api-url, --api-key  a system elsewhere; its provider by STRIPE_SECRET_KEY and STRIPE_API_URL
  --directory D         folder of the running system's dev.json (default .perdura)`;

/** Raised for arguments that mean nothing; its message is for the user. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** @throws {UsageError} */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parse(args);
  if (positionals.length > 1) throw new UsageError('One file at a time.');
  if (Boolean(values['api-url']) !== Boolean(values['api-key'])) throw new UsageError('--api-url and --api-key belong together.');
  // npm changes the folder to the project's: what the user typed is meant from where they are.
  const here = process.env.INIT_CWD ?? process.cwd();
  return {
    file: positionals[0] ? resolve(here, positionals[0]) : extract,
    limit: values.limit === undefined ? undefined : numberOf('--limit', values.limit, 1, Number.MAX_SAFE_INTEGER),
    concurrency: numberOf('--concurrency', values.concurrency, 1, 1000),
    seededRefundsPercent: numberOf('--seeded-refunds', values['seeded-refunds'], 0, 100),
    directory: values.directory ? resolve(here, values.directory) : resolve(root, '.perdura'),
    remote: values['api-url'] && values['api-key'] ? { apiUrl: values['api-url'], apiKey: values['api-key'] } : undefined,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        limit: { type: 'string' },
        concurrency: { type: 'string', default: '16' },
        'seeded-refunds': { type: 'string', default: '1' },
        'api-url': { type: 'string' },
        'api-key': { type: 'string' },
        directory: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function numberOf(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) throw new UsageError(`${name} must be a whole number of ${least} or more, not "${text}".`);
  return value;
}
