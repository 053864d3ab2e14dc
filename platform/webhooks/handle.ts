import type { Client } from '@temporalio/client';
import type { Database } from '#entities/database.ts';
import type { TenantRef } from '#domain/tenant.ts';
import type { KeyRing } from '#platform/keyring.ts';

/** placeholder until the owner of this file has written it */
export async function handleWebhookEvent(_deps: { database: Database; client: Client; keyRing: KeyRing }, _event: { id: string; scope: TenantRef }): Promise<void> {
  await Promise.resolve();
}
