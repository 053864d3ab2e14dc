import { connect } from 'node:net';

/** One process of the running system, as the supervisor starts it. */
export interface Part {
  name: string;
  command: string;
  args: string[];
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  uid?: number;
  gid?: number;
  /**
   * Answers whether the part does its work; asked again until it does. A throw means "not yet".
   * @param log what the process has written since it was started, its first 64 kB
   */
  ready: (log: () => Promise<string>) => Promise<boolean>;
  /** How long a start may take before it counts as failed. Default 60 000 ms. */
  readyTimeoutMs?: number;
  /** Default SIGTERM. */
  stopSignal?: NodeJS.Signals;
  /** How long it may take to stop before it is killed. Default 10 000 ms. */
  graceMs?: number;
  /** Runs before each start, the restarts included. */
  prepare?: () => Promise<void>;
  /** Runs after each successful start, the restarts included. */
  afterReady?: () => Promise<void>;
}

/** A probe: something listens on the port. */
export function listens(port: number, host = '127.0.0.1'): () => Promise<boolean> {
  return () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const socket = connect({ port, host, timeout: 1_000 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
    return promise;
  };
}

/** A probe: the address answers 2xx. */
export function answers(url: string): () => Promise<boolean> {
  return async () => {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.ok;
  };
}

/** Asks `probe` every 50 ms (then slower, up to 250 ms) until it says yes, the signal aborts, or the time is over. */
export async function until(probe: () => Promise<boolean>, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  let wait = 50;
  while (performance.now() < deadline && !signal?.aborted) {
    if (await probe().catch(() => false)) return true;
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(wait * 1.3, 250);
  }
  return false;
}
