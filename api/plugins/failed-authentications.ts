import type { FastifyRequest } from 'fastify';
import { Problem } from '../problem.ts';
import { WindowStore } from './limit-store.ts';

const windowMs = 60_000;
/** A minute, from one address: more than a misconfigured client's retries, fewer than a search for keys needs. */
const mostFailures = 100;

/**
 * Counts refused requests per address. The limits of routes come after authentication, since they count by key: they
 * never see a request without a valid one.
 */
export class FailedAuthentications {
  readonly #windows = new WindowStore();
  readonly #most: number;

  /** @param most requests a minute that a key may make: guessing is not allowed more */
  constructor(most: number) {
    this.#most = Math.min(most, mostFailures);
  }

  /**
   * Counts a failure, or an attempt that may become one (then see {@link takeBack}).
   * @returns headers that say how many are left
   * @throws {Problem} rate_limited
   */
  count({ ip }: FastifyRequest): Record<string, string> {
    const { current, ttl } = this.#increment(ip);
    const seconds = Math.max(1, Math.ceil(ttl / 1000));
    // Put into the form of the draft by the hook in limits.ts.
    const headers = {
      'ratelimit-limit': String(this.#most), 'ratelimit-remaining': String(Math.max(0, this.#most - current)), 'ratelimit-reset': String(seconds),
    };
    if (current <= this.#most) return headers;
    throw new Problem('rate_limited', {
      detail: `More than ${this.#most} requests a minute without a valid key. Wait ${seconds} s.`,
      headers: { ...headers, 'retry-after': String(seconds) },
    });
  }

  /** An attempt that was counted was none to refuse. */
  takeBack({ ip }: FastifyRequest): void {
    this.#windows.decr(ip);
  }

  #increment(ip: string): { current: number; ttl: number } {
    let counted = { current: 0, ttl: windowMs };
    this.#windows.incr(ip, (_error, result) => (counted = result ?? counted), windowMs);
    return counted;
  }
}
