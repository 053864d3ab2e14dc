import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  uid?: number;
  gid?: number;
  /** Called with each line of stdout and stderr, for progress. */
  onLine?: (line: string) => void;
  signal?: AbortSignal;
}

const live = new Set<ChildProcess>();
process.on('exit', () => live.forEach((child) => child.kill()));

/**
 * Runs a command to its end and returns its stdout.
 * @throws Error with the command and the last lines of its output when it can't start or ends with a code other than 0
 */
export async function run(command: string, args: string[], options: RunOptions = {}): Promise<string> {
  const { onLine, ...spawnOptions } = options;
  const child = spawn(command, args, { ...spawnOptions, stdio: ['ignore', 'pipe', 'pipe'] });
  live.add(child);
  let stdout = '';
  const tail: string[] = [];
  const read = (chunk: string) => {
    for (const line of chunk.split('\n').filter((text) => text.trim())) {
      tail.push(line);
      if (tail.length > 20) tail.shift();
      onLine?.(line);
    }
  };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    read(chunk);
  });
  child.stderr.setEncoding('utf8').on('data', read);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.on('error', reject);
  child.on('close', (code, signal) => {
    live.delete(child);
    if (code === 0) return resolve();
    reject(new Error(`${[command, ...args].join(' ')} ended with ${signal ?? code}:\n${tail.join('\n')}`));
  });
  await promise;
  return stdout;
}

/** Whether a command exists and answers with code 0. */
export async function works(command: string, args: string[]): Promise<boolean> {
  return run(command, args).then(() => true, () => false);
}
