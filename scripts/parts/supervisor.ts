import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { lastLines, readFrom } from './log-file.ts';
import { until } from './part.ts';
import type { Part } from './part.ts';
import { PartFailure } from './part-failure.ts';
import { leash, send } from './processes.ts';

export type SupervisorEvent =
  | { type: 'started'; part: string; pid: number; restarts: number }
  | { type: 'died'; part: string; how: string; restartInMs: number; attempt: number }
  | { type: 'failed'; part: string; error: PartFailure };

export interface SupervisorOptions {
  /** Folder of `<part>.log`. */
  logs: string;
  /** Restarts of one part, without a stable run between them, before all is given up. Default 5. */
  maxRestarts?: number;
  /** A run at least this long makes the earlier deaths forgotten. Default 30 000 ms. */
  stableMs?: number;
  /** Wait before the first restart; doubles each time. Default 250 ms. */
  backoffMs?: number;
  onEvent?: (event: SupervisorEvent) => void;
}

interface Running {
  part: Part;
  child?: ChildProcess;
  ended?: Promise<string>;
  readyAt?: number;
  /** Deaths since the last stable run. */
  deaths: number;
  restarts: number;
}

/**
 * Starts parts one after the other, each in a process group of its own, restarts one that dies with doubling waits,
 * and stops all in reverse order. When a part can't be kept alive, the rest is stopped and `failed` tells which.
 */
export class Supervisor {
  /** Settles (with the failure) only if a part was given up after its start; the rest is stopped by then. */
  readonly failed: Promise<PartFailure>;
  readonly #options: Required<SupervisorOptions>;
  readonly #parts: Running[] = [];
  readonly #stopping = new AbortController();
  #fail!: (failure: PartFailure) => void;
  #stopped?: Promise<void>;

  constructor(options: SupervisorOptions) {
    this.#options = { maxRestarts: 5, stableMs: 30_000, backoffMs: 250, onEvent: () => undefined, ...options };
    const { promise, resolve } = Promise.withResolvers<PartFailure>();
    this.failed = promise;
    this.#fail = resolve;
    mkdirSync(options.logs, { recursive: true });
  }

  /**
   * Starts a part and waits until it is ready.
   * @throws PartFailure when it ends or is not ready in time at its first start: that is no accident to be tried again
   */
  async start(part: Part): Promise<void> {
    const running: Running = { part, deaths: 0, restarts: 0 };
    this.#parts.push(running);
    await rename(this.#logFile(part), `${this.#logFile(part)}.1`).catch(() => undefined);
    await this.#launch(running);
    if (this.#stopping.signal.aborted) throw new Error(`${part.name} was not started: everything is being stopped.`);
    void this.#watch(running);
  }

  /** Process ids by part name, of those that run now. */
  pids(): Record<string, number> {
    return Object.fromEntries(this.#parts.flatMap(({ part, child }) => (child?.pid ? [[part.name, child.pid]] : [])));
  }

  restartCount(name?: string): number {
    return this.#parts.reduce((sum, { part, restarts }) => sum + (!name || part.name === name ? restarts : 0), 0);
  }

  /** Kills a part's process, as a crash would; answers its id. The supervisor then restarts it. */
  kill(name: string, signal: NodeJS.Signals = 'SIGKILL'): number {
    const pid = this.pids()[name];
    if (pid === undefined) throw new Error(`No part ${name} is running.`);
    send(pid, signal);
    return pid;
  }

  /** Waits until a part is ready again after its process `oldPid` was killed. */
  async restarted(name: string, oldPid: number, timeoutMs = 60_000): Promise<void> {
    const running = this.#parts.find(({ part }) => part.name === name);
    const isNew = async () => running?.child?.pid !== oldPid && running?.readyAt !== undefined;
    if (!(await until(isNew, timeoutMs))) throw new Error(`${name} was not ready again after ${timeoutMs} ms.`);
  }

  /** Stops all parts, the last one first. Never fails; called again, it answers the same promise. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  /** Kills at once what still runs: the second Ctrl-C, or the process's own end. */
  killAll(): void {
    this.#stopping.abort();
    for (const { child } of this.#parts.toReversed()) if (child?.pid) send(-child.pid, 'SIGKILL');
  }

  async #stopAll(): Promise<void> {
    this.#stopping.abort();
    for (const running of this.#parts.toReversed()) await this.#end(running);
  }

  async #end({ part, child, ended }: Running): Promise<void> {
    if (!child?.pid || !ended) return;
    send(child.pid, part.stopSignal ?? 'SIGTERM');
    const timer = setTimeout(() => child.pid && send(-child.pid, 'SIGKILL'), part.graceMs ?? 10_000);
    await ended;
    clearTimeout(timer);
  }

  async #launch(running: Running): Promise<void> {
    const { part } = running;
    await part.prepare?.();
    if (this.#stopping.signal.aborted) return;
    // The log is the child's own file: no output is lost or held up, whatever happens to us.
    const log = openSync(this.#logFile(part), 'a');
    const writtenBefore = fstatSync(log).size;
    const { command, args, cwd, env, uid, gid } = part;
    const child = spawn(command, args, { cwd, env, uid, gid, detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    const release = leash(child, part.stopSignal ?? 'SIGTERM');
    const gone = new AbortController();
    const { promise, resolve } = Promise.withResolvers<string>();
    child.once('error', (error) => resolve(`could not be started (${error.message})`));
    child.once('exit', (code, signal) => resolve(signal ? `was ended by ${signal}` : `ended with code ${code}`));
    running.child = child;
    running.readyAt = undefined;
    running.ended = promise.then((how) => {
      // What the part itself started must not outlive it, or the restart meets it.
      if (child.pid) send(-child.pid, 'SIGKILL');
      release();
      running.child = undefined;
      running.readyAt = undefined;
      gone.abort();
      return how;
    });
    const timeoutMs = part.readyTimeoutMs ?? 60_000;
    const written = () => readFrom(this.#logFile(part), writtenBefore, 65_536);
    if (!(await until(() => part.ready(written), timeoutMs, AbortSignal.any([gone.signal, this.#stopping.signal])))) {
      if (this.#stopping.signal.aborted) return;
      const how = gone.signal.aborted ? await running.ended : `was not ready within ${timeoutMs / 1000} s`;
      await this.#end(running);
      throw await this.#failure(part, how);
    }
    try {
      await part.afterReady?.();
    } catch (error) {
      // The next attempt would start another beside it, and nobody would know of this one any more.
      await this.#end(running);
      throw error;
    }
    running.readyAt = performance.now();
    if (child.pid) this.#options.onEvent({ type: 'started', part: part.name, pid: child.pid, restarts: running.restarts });
  }

  async #watch(running: Running): Promise<void> {
    const { maxRestarts, stableMs, backoffMs, onEvent } = this.#options;
    const { name } = running.part;
    for (;;) {
      const readyAt = running.readyAt;
      let how = (await running.ended) ?? 'ended';
      if (this.#stopping.signal.aborted) return;
      if (readyAt !== undefined && performance.now() - readyAt >= stableMs) running.deaths = 0;
      for (;;) {
        running.deaths += 1;
        if (running.deaths > maxRestarts) return this.#giveUp(running, how);
        const restartInMs = backoffMs * 2 ** (running.deaths - 1);
        onEvent({ type: 'died', part: name, how, restartInMs, attempt: running.deaths });
        await pause(restartInMs, this.#stopping.signal);
        if (this.#stopping.signal.aborted) return;
        running.restarts += 1;
        const error = await this.#launch(running).then(() => undefined, (reason: Error) => reason);
        if (this.#stopping.signal.aborted) return;
        if (!error) break;
        how = error instanceof PartFailure ? 'failed to start again' : error.message;
      }
    }
  }

  async #giveUp({ part }: Running, how: string): Promise<void> {
    const error = await this.#failure(part, `${how} and was restarted ${this.#options.maxRestarts} times in vain`);
    this.#options.onEvent({ type: 'failed', part: part.name, error });
    await this.stop();
    this.#fail(error);
  }

  async #failure(part: Part, what: string): Promise<PartFailure> {
    return new PartFailure(part.name, what, this.#logFile(part), await lastLines(this.#logFile(part), 20));
  }

  #logFile(part: Part): string {
    return join(this.#options.logs, `${part.name}.log`);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
}
