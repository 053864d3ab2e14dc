import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { workflowIds } from '#domain/names/workflow-ids.ts';
import { KeyRing } from '#platform/keyring.ts';
import { createTemporalClient } from '#platform/temporal.ts';
import { temporalAddress, testNamespace } from '#test/environment/index.ts';
import { ensureSchedules } from './client.ts';

let client: Client;
beforeAll(async () => {
  client = createTemporalClient(
    { TEMPORAL_ADDRESS: await temporalAddress(), TEMPORAL_NAMESPACE: testNamespace, TEMPORAL_TLS: false },
    new KeyRing(`test:${randomBytes(32).toString('base64')}`),
  );
});
afterAll(async () => {
  await client.schedule.getHandle(workflowIds.sweeper()).delete();
  await client.connection.close();
});

it('is scheduled once, by whichever worker starts, and keeps an operator\'s pause', async () => {
  await ensureSchedules(client);
  const handle = client.schedule.getHandle(workflowIds.sweeper());
  await handle.pause('while we look');
  await ensureSchedules(client);
  const { spec, policies, state } = await handle.describe();
  expect(spec.intervals).toMatchObject([{ every: 15_000 }]);
  expect(policies.overlap).toBe('SKIP');
  expect(state.paused).toBe(true);
});
