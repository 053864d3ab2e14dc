import { spawn } from 'node:child_process';
import { root } from './services.ts';

/** One check of `npm test`; says whether it passed. */
export interface Stage {
  name: string;
  run: () => Promise<boolean>;
}

export interface StageResult {
  name: string;
  passed: boolean;
  seconds: number;
}

/** Runs the stages in order, all of them even if one fails, and prints each with its time. */
export async function runStages(stages: Stage[]): Promise<StageResult[]> {
  const results: StageResult[] = [];
  for (const { name, run } of stages) {
    console.log(`\n── ${name}`);
    const began = performance.now();
    const passed = await run().catch((error: unknown) => {
      console.error((error as Error).message);
      return false;
    });
    const seconds = (performance.now() - began) / 1000;
    console.log(`${passed ? '✓' : '✗'} ${name} (${seconds.toFixed(1)} s)`);
    results.push({ name, passed, seconds });
  }
  return results;
}

/** A stage that runs a command with its output shown, and passes when it ends with code 0. */
export function command(name: string, executable: string, ...args: string[]): Stage {
  return {
    name,
    run: async () => {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const child = spawn(executable, args, { cwd: root, stdio: 'inherit' });
      child.once('error', (error) => {
        console.error(`${executable}: ${error.message}`);
        resolve(false);
      });
      child.once('exit', (code) => resolve(code === 0));
      return promise;
    },
  };
}
