import { setTimeout as sleep } from 'node:timers/promises';

/** An answer that repeating would not change. */
export class Refused extends Error {
  override name = 'Refused';
  readonly status: number;
  readonly code: string;
  /** True for the kept answer of an earlier request with the same key: what it says was so then. */
  readonly replayed: boolean;

  constructor(what: string, status: number, problem: { code?: string; detail?: string; errors?: unknown }, replayed = false) {
    super(`${what}: ${status} ${problem.code ?? ''} ${problem.detail ?? ''}${problem.errors ? ` ${JSON.stringify(problem.errors)}` : ''}`.trim());
    this.status = status;
    this.code = problem.code ?? '';
    this.replayed = replayed;
  }
}

/** Nothing but failures for longer than patience lasts. What was asked for may or may not have been done. */
export class GaveUp extends Error {
  override name = 'GaveUp';
}

export interface ClientOptions {
  apiUrl: string;
  apiKey: string;
  /** How long one request is repeated, milliseconds. Default 5 minutes: restarts of every part fit in. */
  patienceMs?: number;
  /** First pause after a failure, milliseconds; doubled up to 5 s. Default 200. */
  pauseMs?: number;
  /** Ends waiting at once. */
  signal?: AbortSignal;
}

export interface PostOptions {
  /** The Idempotency-Key: the same for every repetition, in this run and in later ones. */
  key: string;
  body: unknown;
  /** Default application/json. */
  type?: 'text/csv';
}

/** Refusals that time may turn, while the API keeps them as the answer to their key. Nothing was done for either. */
const passing = ['out_of_stock', 'order_busy'];
const attemptTimeoutMs = 45_000;
const longestPauseMs = 5_000;

/**
 * Asks until the outcome is known: network errors, 5xx, 429, "still running" and 202 are met with the same request
 * under the same key, which the API promises to carry out at most once. Connections are kept alive by fetch itself.
 */
export class Client {
  /** Requests that were repeated. */
  repeated = 0;
  readonly #options: Required<Omit<ClientOptions, 'signal'>> & Pick<ClientOptions, 'signal'>;

  constructor(options: ClientOptions) {
    this.#options = { patienceMs: 5 * 60_000, pauseMs: 200, ...options };
  }

  /** @throws {Refused} {GaveUp} */
  get<T>(path: string): Promise<T> {
    return this.#ask(path, { method: 'GET' });
  }

  /** @throws {Refused} {GaveUp} */
  post<T>(path: string, { key, body, type }: PostOptions): Promise<T> {
    return this.#ask(path, {
      method: 'POST',
      headers: { 'idempotency-key': key, 'content-type': type ?? 'application/json' },
      body: type ? (body as string) : JSON.stringify(body),
    });
  }

  /**
   * As `post`, but a passing refusal of an earlier run does not stand for ever: it is asked for again under the key with
   * `-2`, `-3` and so on, up to the first answer that is of now. The keys are the same in every run, so that two runs at
   * once are still one.
   * @param done what the request was for, where that is there all the same: asked before each new key
   * @throws {Refused} {GaveUp}
   */
  async postAgain<T>(path: string, { key, ...rest }: PostOptions, done?: () => Promise<T | undefined>): Promise<T> {
    for (let round = 1; ; round += 1) {
      try {
        return await this.post<T>(path, { ...rest, key: round === 1 ? key : `${key}-${round}` });
      } catch (error) {
        if (!(error instanceof Refused && error.replayed && error.status === 409 && passing.includes(error.code))) throw error;
        const found = await done?.();
        if (found !== undefined) return found;
      }
    }
  }

  /** All items of a list, page by page. */
  async *list<T>(path: string): AsyncGenerator<T> {
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query: string = `${path.includes('?') ? '&' : '?'}limit=100${cursor ? `&starting_after=${encodeURIComponent(cursor)}` : ''}`;
      const page: { data: T[]; next_cursor: string | null } = await this.get(`${path}${query}`);
      yield* page.data;
      cursor = page.next_cursor;
    }
  }

  async #ask<T>(path: string, request: { method: string; headers?: Record<string, string>; body?: string }): Promise<T> {
    const { apiUrl, apiKey, patienceMs, pauseMs, signal } = this.#options;
    const what = `${request.method} ${path.split('?', 1)[0]}`;
    const began = performance.now();
    for (let attempt = 0; ; attempt += 1) {
      signal?.throwIfAborted();
      const result = await once(`${apiUrl}${path}`, { ...request, headers: { ...request.headers, authorization: `Bearer ${apiKey}` } });
      if (result.done) return result.body as T;
      if (result.refusal) throw new Refused(what, result.refusal.status, result.refusal.problem, result.refusal.replayed);
      if (performance.now() - began > patienceMs) {
        throw new GaveUp(`${what}: ${result.failure}, for ${Math.round(patienceMs / 1000)} s. Run the import again when it is back: it continues.`);
      }
      this.repeated += 1;
      const backoff = Math.min(pauseMs * 2 ** attempt, longestPauseMs) * (0.5 + Math.random() / 2);
      await sleep(result.retryAfterMs ?? backoff, undefined, signal ? { signal } : {});
    }
  }
}

type Result =
  | { done: true; body: unknown }
  | { done: false; refusal: { status: number; problem: object; replayed: boolean } }
  | { done: false; refusal?: undefined; failure: string; retryAfterMs?: number };

async function once(url: string, request: RequestInit): Promise<Result> {
  try {
    const response = await fetch(url, { ...request, signal: AbortSignal.timeout(attemptTimeoutMs) });
    const { status } = response;
    const body = parse(await response.text());
    if (response.ok && status !== 202) return { done: true, body };
    const { code } = body;
    const waits = status === 202 || status === 429 || status >= 500 || (status === 409 && code === 'request_in_progress');
    if (!waits) return { done: false, refusal: { status, problem: body, replayed: response.headers.get('idempotent-replayed') === 'true' } };
    const seconds = Number(response.headers.get('retry-after'));
    return { done: false, failure: `answered ${status} ${code ?? ''}`.trim(), ...(seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}) };
  } catch (error) {
    const cause = (error as Error).cause;
    return { done: false, failure: `no answer (${cause instanceof Error ? cause.message : (error as Error).message})` };
  }
}

/** A proxy's error page is no reason to stop. */
function parse(text: string): Record<string, unknown> & { code?: string } {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
