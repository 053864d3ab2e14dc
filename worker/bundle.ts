import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type Logger } from '@temporalio/worker';

/** The workflows as one script, and the build id under which workers announce it: the same code, the same id. */
export interface WorkflowBundle {
  code: string;
  buildId: string;
}

export async function bundleWorkflows(logger?: Logger): Promise<WorkflowBundle> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)),
    failureConverterPath: fileURLToPath(new URL('../platform/failure-converter.ts', import.meta.url)),
    ...(logger ? { logger } : {}),
  });
  return { code, buildId: createHash('sha256').update(code).digest('hex').slice(0, 16) };
}
