import { beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Worker, type ReplayWorkerOptions } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { createDataConverter } from '#platform/temporal.ts';
import { historyFromJson } from '#test/support/history-json.ts';
import { stories } from '#test/support/stories.ts';
import { quietRuntime } from '#test/environment/index.ts';
import { testKeyRing } from '#test/support/order-world.ts';
import { bundleWorkflows } from '#worker/bundle.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const folder = here('../histories');
const versions = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);

/** The recorded histories of a version, by file name. */
function histories(version: string) {
  return readdirSync(join(folder, version))
    .filter((file) => file.endsWith('.json'))
    .map((file) => {
      const { workflowId, history } = JSON.parse(readFileSync(join(folder, version, file), 'utf8')) as { workflowId: string; history: Record<string, unknown> };
      return { file, workflowId, history: historyFromJson(history) };
    });
}

describe('recorded histories', () => {
  const logger = new DefaultLogger('ERROR');
  const dataConverter = createDataConverter(testKeyRing);
  let today: ReplayWorkerOptions;
  beforeAll(async () => {
    quietRuntime();
    today = { workflowBundle: { code: (await bundleWorkflows(logger)).code }, dataConverter };
  });

  it('are there for every version that the changelog names', () => {
    const changelog = readFileSync(here('../../CHANGELOG.md'), 'utf8');
    const released = [...changelog.matchAll(/^## \[?v?(\d+\.\d+\.\d+)/gm)].map(([, version]) => version);
    expect(versions).toEqual(expect.arrayContaining(released));
    for (const version of versions) expect(histories(version).length).toBeGreaterThanOrEqual(version === '0.1.0' ? Object.keys(stories).length : 1);
  });

  it.each(versions)('of version %s replay with today’s workflows', async (version) => {
    const outcomes = [];
    for await (const { workflowId, error } of Worker.runReplayHistories(today, histories(version))) outcomes.push({ workflowId, error });
    expect(outcomes).toHaveLength(histories(version).length);
    expect(outcomes.filter(({ error }) => error)).toEqual([]);
  });

  it('do not replay with a workflow whose steps are swapped: the check can fail', async () => {
    const { code } = await bundleWorkflowCode({
      workflowsPath: here('../support/reordered/index.ts'), failureConverterPath: here('../../platform/failure-converter.ts'), logger,
    });
    const { history } = histories('0.1.0').find(({ file }) => file === 'delivered.json')!;
    await expect(Worker.runReplayHistory({ workflowBundle: { code }, dataConverter }, history)).rejects.toThrow(DeterminismViolationError);
  });
});
