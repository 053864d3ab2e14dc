import { join } from 'node:path';
import type { Plan } from './plan.ts';
import { writeJson } from './run-file.ts';
import type { Secrets } from './secrets.ts';

/** `.perdura/dev.json`: what benches, tests and tools read about the running system. */
export interface DevFile {
  api_url: string;
  api_key: string;
  publishable_key: string;
  admin_email: string;
  admin_password: string;
  temporal_address: string;
  temporal_ui_url: string | null;
  mailbox_url: string | null;
  stripe_url: string | null;
  database_url: string;
  /** Process ids by part: postgres, temporal, sandbox, mailbox, api, worker; those that this system started. */
  pids: Record<string, number>;
}

export function describeSystem({ env, ports, real, apiUrl }: Plan, secrets: Secrets): DevFile {
  return {
    api_url: apiUrl,
    api_key: env.SEED_SECRET_KEY ?? secrets.apiKey,
    publishable_key: env.SEED_PUBLISHABLE_KEY ?? secrets.publishableKey,
    admin_email: env.ADMIN_EMAIL ?? secrets.adminEmail,
    admin_password: env.ADMIN_PASSWORD ?? secrets.adminPassword,
    temporal_address: env.TEMPORAL_ADDRESS ?? '',
    temporal_ui_url: env.TEMPORAL_UI_URL ?? null,
    mailbox_url: real.mail ? null : `http://127.0.0.1:${ports.mailbox}`,
    stripe_url: env.STRIPE_API_URL ?? null,
    database_url: env.DATABASE_URL ?? '',
    pids: {},
  };
}

export async function writeDevFile(directory: string, dev: DevFile): Promise<void> {
  await writeJson(join(directory, 'dev.json'), dev);
}
