import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { buildApp } from '#api/app.ts';
import type { Database } from '#entities/database.ts';
import { loadEnv } from '#platform/env.ts';
import { KeyRing } from '#platform/keyring.ts';
import { createLogger } from '#platform/logger.ts';

/**
 * `npm run openapi` writes openapi/openapi.json from the routes' schemas; `-- --check` fails when the committed
 * file is another, or breaks a rule of openapi/redocly.yaml.
 */
const file = fileURLToPath(new URL('../openapi/openapi.json', import.meta.url));
const rules = fileURLToPath(new URL('../openapi/redocly.yaml', import.meta.url));
const redocly = fileURLToPath(new URL('../node_modules/@redocly/cli/bin/cli.js', import.meta.url));

const document = await generate();
if (process.argv.includes('--check')) {
  const committed = await readFile(file, 'utf8').catch(() => '');
  if (committed !== document) fail('openapi/openapi.json is not what the routes say. Run `npm run openapi` and commit it.');
  await lint();
  process.stdout.write('openapi/openapi.json is what the routes say, and keeps the rules.\n');
} else {
  await writeFile(file, document);
  process.stdout.write('Wrote openapi/openapi.json\n');
}
process.exit(0);

/** Nothing is connected: the document comes from the schemas alone. */
async function generate(): Promise<string> {
  const keys = `document:${Buffer.alloc(32).toString('base64')}`;
  const env = loadEnv({ DATABASE_URL: 'postgres://nowhere', TEMPORAL_ADDRESS: 'nowhere:0', SMTP_URL: 'smtp://nowhere', PERDURA_KEYS: keys });
  const app = await buildApp({
    env,
    database: {} as Database,
    keyRing: new KeyRing(keys),
    temporal: { options: { namespace: '' } } as Client,
    logger: createLogger('openapi', 'silent'),
  });
  const generated: unknown = JSON.parse(JSON.stringify(app.swagger()));
  await app.close();
  return `${JSON.stringify(generated, null, 2)}\n`;
}

async function lint(): Promise<void> {
  const child = spawn(process.execPath, [redocly, 'lint', file, '--config', rules, '--format', 'stylish'], {
    stdio: 'inherit',
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) fail('openapi/openapi.json breaks a rule of openapi/redocly.yaml.');
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
