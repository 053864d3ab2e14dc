import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { root } from './services.ts';

const jest = join(dirname(createRequire(import.meta.url).resolve('jest/package.json')), 'bin', 'jest.js');

/** Runs jest in the checkout, its output shown; answers its exit code. */
export async function runJest(args: string[]): Promise<number> {
  // Jest needs the VM modules for ES modules; it says on each start that they are experimental, which we know.
  const env = { ...process.env, NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' };
  const child = spawn(process.execPath, [jest, ...args], { cwd: root, env, stdio: 'inherit' });
  const { promise, resolve } = Promise.withResolvers<number>();
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  process.on('SIGINT', pass).on('SIGTERM', pass);
  child.once('error', (error) => {
    console.error(`jest could not be started: ${error.message}`);
    resolve(127);
  });
  child.once('exit', (code) => resolve(code ?? 1));
  const code = await promise;
  process.off('SIGINT', pass).off('SIGTERM', pass);
  return code;
}
