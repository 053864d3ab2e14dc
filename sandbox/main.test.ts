import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { clientFor } from './testing/client.ts';
import { startReceiver } from './testing/receiver.ts';
import { controlFor } from './testing/run.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function start(): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, ['sandbox/main.ts'], {
    env: { ...process.env, NODE_OPTIONS: '', SANDBOX_PORT: '0', SANDBOX_DB: join(folder, 'sandbox.sqlite') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((resolve) => child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString())));
  return { child, url: (JSON.parse(line) as { url: string }).url };
}

const ended = (child: ChildProcess) => new Promise((resolve) => child.once('exit', resolve));

it('loses nothing by SIGKILL: payments, keys, clock, switches of the account and undelivered webhooks', async () => {
  const first = await start();
  const receiver = await startReceiver();
  const stripe = clientFor(first.url);
  await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['payment_intent.created'] });
  const control = controlFor(first.url);
  await control('POST', 'clock', { advance_seconds: 5000 });
  await control('POST', 'multicapture', { enabled: true });
  await control('POST', 'faults', { kind: 'webhook_hold' });
  const params = {
    amount: 900, currency: 'usd', confirm: true, payment_method: 'pm_card_visa', capture_method: 'manual',
  } as const;
  const made = await stripe.paymentIntents.create({ ...params, allowed_payment_method_types: ['card'] }, { idempotencyKey: 'survives' });
  const gone = ended(first.child);
  first.child.kill('SIGKILL');
  await gone;

  const second = await start();
  try {
    const again = clientFor(second.url);
    const replayed = await again.paymentIntents.create({ ...params, allowed_payment_method_types: ['card'] }, { idempotencyKey: 'survives' });
    expect(replayed.id).toBe(made.id);
    expect((await again.paymentIntents.capture(made.id)).status).toBe('succeeded');
    const { now } = await controlFor(second.url)<{ now: number }>('GET', 'clock');
    expect(now - Date.now() / 1000).toBeGreaterThan(4990);
    expect(await controlFor(second.url)('GET', 'multicapture')).toEqual({ enabled: true });
    expect(receiver.received).toEqual([]);
    expect(await controlFor(second.url)('POST', 'webhooks/release')).toEqual({ released: 1 });
    expect(await receiver.types(1)).toEqual(['payment_intent.created']);
    await controlFor(second.url)('POST', 'reset');
    expect((await again.paymentIntents.list()).data).toEqual([]);
  } finally {
    const stopped = ended(second.child);
    second.child.kill('SIGTERM');
    await stopped;
    await receiver.close();
  }
  expect(second.child.exitCode).toBe(0);
}, 30_000);
