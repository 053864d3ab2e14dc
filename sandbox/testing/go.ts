import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The module that carries Stripe's specification and its mock server. */
export const STRIPE_MOCK = 'github.com/stripe/stripe-mock@v0.203.0';

/** Runs the go tool. Throws with words that say what to install when it is missing. */
export async function go(args: string[], env: Record<string, string> = {}): Promise<string> {
  try {
    const { stdout } = await run('go', args, { env: { ...process.env, ...env }, maxBuffer: 1 << 24 });
    return stdout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new Error('These tests check against Stripe\'s own specification, which comes as a Go module: install Go 1.22 or newer (https://go.dev/dl) and have `go` on the PATH.', { cause: error });
    }
    throw error;
  }
}
