import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkflowCoverage } from '@temporalio/nyc-test-coverage';
import { bundleWorkflowCode, type BundleOptions, type WorkerOptions } from '@temporalio/worker';

/**
 * Counts the lines of workflow code, which runs in Temporal's sandbox where jest's own coverage does not reach. Only when
 * `PERDURA_WORKFLOW_COVERAGE` names a folder for the counts, as `npm test` does; the code is another one then.
 */
export class CountedWorkflows {
  readonly #folder = process.env.PERDURA_WORKFLOW_COVERAGE;
  readonly #coverage = new WorkflowCoverage();
  readonly #counts = globalThis as { __coverage__?: object };

  constructor() {
    // The library does nothing unless a tool has made this.
    if (this.#folder) this.#counts.__coverage__ = {};
  }

  async bundle(options: BundleOptions): Promise<{ code: string }> {
    return bundleWorkflowCode(this.#coverage.augmentBundleOptions({ ...options, webpackConfigHook: onlyWorkflows }));
  }

  /** What the worker that runs the bundle needs. */
  get forWorker(): Pick<WorkerOptions, 'sinks'> {
    return this.#folder ? { sinks: this.#coverage.sinks } : {};
  }

  /** Writes what was counted. */
  async write(): Promise<void> {
    if (!this.#folder) return;
    this.#coverage.mergeIntoGlobalCoverage();
    await writeFile(join(this.#folder, `${randomUUID()}.json`), JSON.stringify(this.#counts.__coverage__));
  }
}

type WebpackConfiguration = Parameters<NonNullable<BundleOptions['webpackConfigHook']>>[0];

/** Narrows the rule that the library has put last: every activation copies all counts, and other folders have unit tests. */
function onlyWorkflows(config: WebpackConfiguration): WebpackConfiguration {
  const rule = config.module?.rules?.at(-1);
  if (process.env.PERDURA_WORKFLOW_COVERAGE && rule && typeof rule === 'object') rule.include = /\/workflows\//;
  return config;
}
