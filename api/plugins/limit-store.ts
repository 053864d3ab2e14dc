interface Window {
  count: number;
  endsAt: number;
}

type Done = (error: Error | null, result?: { current: number; ttl: number }) => void;

/** As many callers as are counted at once; beyond it the ended windows are dropped, then the oldest. */
const mostCallers = 20_000;

/**
 * Counts requests in fixed windows, in this process. The plugin's own store hands all requests of one tick the same
 * counter object, so that eleven at once of ten allowed would all be refused; this one tells each its own number.
 */
export class WindowStore {
  readonly #windows = new Map<string, Window>();

  incr(key: string, done: Done, timeWindow: number): void {
    const now = Date.now();
    let window = this.#windows.get(key);
    if (!window || window.endsAt <= now) {
      if (!window && this.#windows.size >= mostCallers) this.#makeRoom(now);
      window = { count: 0, endsAt: now + timeWindow };
      this.#windows.set(key, window);
    }
    window.count += 1;
    done(null, { current: window.count, ttl: window.endsAt - now });
  }

  /** Uncounts one, in the window that is open. */
  decr(key: string): void {
    const window = this.#windows.get(key);
    if (window && window.count > 0) window.count -= 1;
  }

  /** A route with a limit of its own counts on its own. */
  child(): WindowStore {
    return new WindowStore();
  }

  #makeRoom(now: number): void {
    for (const [key, { endsAt }] of this.#windows) if (endsAt <= now) this.#windows.delete(key);
    const [oldest] = this.#windows.keys();
    if (this.#windows.size >= mostCallers && oldest !== undefined) this.#windows.delete(oldest);
  }
}
