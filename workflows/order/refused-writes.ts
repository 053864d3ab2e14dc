import type { FailureType } from '#domain/names/failures.ts';
import type { Attention } from '#domain/order/state.ts';
import { CancellationScope, condition, log } from '@temporalio/workflow';
import { failureIn } from './failure-type.ts';

/** One more try may find what another attempt has written meanwhile; then a person is told, and it is tried more patiently. */
const pauses = ['1s', '30s', '5m', '1h'] as const;

/**
 * What to do about row work that can't succeed: a defect of ours, or rows that somebody changed by hand. The step keeps
 * its turn, so nothing overtakes it; the order shows that it needs a person; and the same write is tried again after
 * growing pauses or when an operator resolves it. A mended worker or row lets the order go on from where it stands.
 */
export class RefusedWrites {
  readonly #show: (attention: Attention) => Promise<void>;
  readonly #lasting: ReadonlySet<string>;
  #attention: Attention | undefined;
  #tryNow = false;
  #tries = 0;
  #writing = false;
  #aside = false;

  /**
   * @param show tells whoever looks after the order
   * @param onlyWriter whoever is finds another version only where rows were set back (a restore), and waits for them
   */
  constructor(show: (attention: Attention) => Promise<void>, onlyWriter: boolean) {
    this.#show = show;
    this.#lasting = new Set<FailureType>(onlyWriter ? ['WriteRefused', 'VersionConflict'] : ['WriteRefused']);
  }

  /** Why the step in its turn can't be written; undefined when all is well. */
  get attention(): Attention | undefined {
    return this.#attention;
  }

  /** Runs row work until it is written. Never cancelled: what was done must be recorded. */
  async untilWritten<T>(write: () => Promise<T>): Promise<T> {
    return CancellationScope.nonCancellable(async () => {
      for (let times = 0; ; times += 1) {
        try {
          this.#writing = true;
          const written = await write();
          this.#writing = false;
          this.#attention = undefined;
          return written;
        } catch (error) {
          this.#writing = false;
          const detail = this.#refusalIn(error);
          if (detail === undefined) {
            this.#attention = undefined;
            throw error;
          }
          await this.#wait(detail, times);
        }
      }
    });
  }

  /** Tries at once, for an operator. True when it was written. */
  async tryNow(): Promise<boolean> {
    const tries = this.#tries;
    this.#tryNow = true;
    await condition(() => this.#attention === undefined || this.#tries > tries);
    return this.#attention === undefined;
  }

  /** Runs other row work, which may be what the refused step waits for, while that one does not try; then it tries at once. */
  async aside<T>(work: () => Promise<T>): Promise<T> {
    this.#aside = true;
    await condition(() => !this.#writing);
    try {
      return await work();
    } finally {
      this.#aside = false;
      const written = await this.tryNow();
      // The other work may have written over what shows it.
      if (!written && this.#attention) await this.#show(this.#attention);
    }
  }

  async #wait(detail: string, times: number): Promise<void> {
    this.#tries += 1;
    this.#tryNow = false;
    if (times > 0 && !this.#attention) {
      this.#attention = { code: 'write_refused', since: new Date().toISOString(), detail };
      log.error('A step of an order is refused by its rows', { detail });
      await this.#show(this.#attention);
    }
    await condition(() => this.#tryNow, pauses[Math.min(times, pauses.length - 1)]!, { summary: 'write again' });
    if (this.#aside) await condition(() => !this.#aside);
  }

  #refusalIn(error: unknown): string | undefined {
    const failure = failureIn(error);
    return failure?.type && this.#lasting.has(failure.type) ? failure.message : undefined;
  }
}
