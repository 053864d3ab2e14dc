import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type BundleOptions, type Logger } from '@temporalio/worker';

/** The workflows as one script, and the build id under which workers announce it: the same code, the same id. */
export interface WorkflowBundle {
  code: string;
  buildId: string;
}

/** What goes into the bundle. */
export const workflowSources = {
  workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)),
  failureConverterPath: fileURLToPath(new URL('../platform/failure-converter.ts', import.meta.url)),
} satisfies BundleOptions;

export async function bundleWorkflows(logger?: Logger): Promise<WorkflowBundle> {
  const { code } = await bundleWorkflowCode({ ...workflowSources, ...(logger ? { logger } : {}) });
  return { code, buildId: createHash('sha256').update(code).digest('hex').slice(0, 16) };
}
