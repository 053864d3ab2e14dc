import { describe, expect, it } from '@jest/globals';
import { runWorkers, type RunningWorker } from './run.ts';

/** A worker that needs a moment to end what it has begun. */
class SlowWorker implements RunningWorker {
  state: ReturnType<RunningWorker['getState']> = 'INITIALIZED';
  #end: (error?: Error) => void = () => undefined;

  run(): Promise<void> {
    this.state = 'RUNNING';
    return new Promise((resolve, reject) => {
      this.#end = (error) => {
        this.state = error ? 'FAILED' : 'STOPPED';
        if (error) reject(error);
        else resolve();
      };
    });
  }

  shutdown(): void {
    this.state = 'DRAINING';
    setTimeout(() => this.#end(), 20);
  }

  fail(error: Error): void {
    this.#end(error);
  }

  getState(): ReturnType<RunningWorker['getState']> {
    return this.state;
  }
}

describe('the workers of a process', () => {
  const states = (workers: SlowWorker[]) => workers.map(({ state }) => state);

  it('are at rest when what follows their start has failed', async () => {
    const workers = [new SlowWorker(), new SlowWorker()];
    const refused = () => Promise.reject(new Error('not accepted as current version'));
    await expect(runWorkers(workers, refused)).rejects.toThrow('not accepted as current version');
    expect(states(workers)).toEqual(['STOPPED', 'STOPPED']);
  });

  it('stop together when one of them fails', async () => {
    const workers = [new SlowWorker(), new SlowWorker()];
    const ended = runWorkers(workers, () => new Promise(() => undefined));
    workers[0]!.fail(new Error('the server is gone'));
    await expect(ended).rejects.toThrow('the server is gone');
    expect(states(workers)).toEqual(['FAILED', 'STOPPED']);
  });

  it('run until a signal stops them', async () => {
    const workers = [new SlowWorker()];
    let began = false;
    const ended = runWorkers(workers, async () => {
      began = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([began, ...states(workers)]).toEqual([true, 'RUNNING']);
    process.emit('SIGTERM');
    await ended;
    expect(states(workers)).toEqual(['STOPPED']);
  });
});
