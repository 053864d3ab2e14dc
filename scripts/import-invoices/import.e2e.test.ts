import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../parts/run.ts';
import { startSystem } from '../system.ts';
import type { RunningSystem } from '../system.ts';
import { Client } from './api/client.ts';
import type { OrderSummary } from './api/types.ts';

const script = fileURLToPath(new URL('main.ts', import.meta.url));
/** Of the extract; the first 70 sales have two cancellations that match. */
const sales = 70;

describe('an import', () => {
  let directory: string;
  let system: RunningSystem;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'perdura-import-'));
    // Postgres' own user must be able to enter when the tests run as root.
    await run('chmod', ['711', directory]);
    system = await startSystem({ directory, env: {} });
  }, 180_000);
  afterAll(async () => {
    await system?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('that is killed, with its API and its worker, and started again, agrees with every book to the penny', async () => {
    const first = start();
    await orders(15);
    first.child.kill('SIGKILL');
    await first.ended;
    const second = start();
    await orders(25);
    for (const part of ['api', 'worker'] as const) {
      const pid = system.kill(part);
      await system.restarted(part, pid, 90_000);
    }
    const { code, output } = await second.ended;
    expect(output).toMatch(/✓ Reconciled: 70 of 70 invoices agree to the penny in every book \(100 %\)/);
    expect(code).toBe(0);
    const report = await readFile(join(directory, 'import', (/import\/(\w+)\/report/.exec(output) ?? [])[1]!, 'report.csv'), 'utf8');
    expect(report.split('\n')[0]).toBe('line,invoice,sku,verdict,reason,detail');
  }, 300_000);

  it('that is done already has nothing left to do', async () => {
    const { code, output } = await start().ended;
    expect(output).toContain('Continuing: 70 of 70 invoices are done already');
    expect(output).toContain('✓ Reconciled: 70 of 70');
    expect(code).toBe(0);
  }, 60_000);

  function start(): { child: ChildProcess; ended: Promise<{ code: number | null; output: string }> } {
    const { NODE_OPTIONS: _, ...env } = process.env;
    const child = spawn(process.execPath, [script, '--limit', String(sales), '--seeded-refunds', '10', '--directory', directory], { env });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
    return { child, ended: new Promise((resolve) => child.once('exit', (code) => resolve({ code, output }))) };
  }

  /** Resolves when there are that many. */
  async function orders(wanted: number): Promise<void> {
    const client = new Client({ apiUrl: system.dev.api_url, apiKey: system.dev.api_key });
    for (;;) {
      let found = 0;
      for await (const order of client.list<OrderSummary>('/api/orders')) found += order.metadata.import ? 1 : 0;
      if (found >= wanted) return;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
});
