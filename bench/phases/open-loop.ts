import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { quantile } from '../measure/statistics.ts';
import { HttpClient, type HttpAnswer } from '../rig/http.ts';
import { OrderBodies } from '../rig/orders.ts';

/**
 * An open loop: requests leave when they are due, whether or not earlier ones were answered, and each one's latency
 * counts from when it was due. So a stall shows in all requests that fell into it (no coordinated omission).
 */
export type Stream = 'orders' | 'reads';

export interface OpenLoopJob {
  apiUrl: string;
  apiKey: string;
  skus: string[];
  /** Orders to read. */
  ids: string[];
  perSecond: Partial<Record<Stream, number>>;
  seconds: number;
}

export interface StreamReport {
  perSecond: number;
  count: number;
  /** Milliseconds. */
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

export interface OpenLoopReport {
  streams: Partial<Record<Stream, StreamReport>>;
  failures: string[];
  /** Milliseconds that a request left behind its time at most: more than a few, and this process did not get to run. */
  lateAtMost: number;
}

async function run(job: OpenLoopJob): Promise<OpenLoopReport> {
  const http = new HttpClient(job.apiUrl, job.apiKey);
  // Other orders than the closed loops placed.
  const bodies = new OrderBodies(job.skus, 2_026);
  let next = 0;
  const failures: string[] = [];
  let lateAtMost = 0;
  const send: Record<Stream, () => Promise<HttpAnswer>> = {
    orders: () => http.send('POST', '/api/orders', bodies.next(), { 'idempotency-key': randomUUID() }),
    reads: () => http.send('GET', `/api/orders/${job.ids[next++ % job.ids.length]}`),
  };
  const expected: Record<Stream, number> = { orders: 201, reads: 200 };
  const began = performance.now() + 200;
  const fail = (name: Stream, due: number, what: string) =>
    void failures.push(`${name}, due at ${new Date(performance.timeOrigin + due).toISOString()}: ${what}`);
  const streams = await Promise.all(
    (Object.entries(job.perSecond) as [Stream, number][]).map(async ([name, perSecond]) => {
      const latencies: number[] = [];
      const open: Promise<void>[] = [];
      const total = Math.floor(perSecond * job.seconds);
      for (let index = 0; index < total; index += 1) {
        const due = began + (index * 1000) / perSecond;
        const wait = due - performance.now();
        if (wait > 0) await pause(wait);
        lateAtMost = Math.max(lateAtMost, performance.now() - due);
        open.push(
          send[name]()
            .then(({ status, body }) => {
              latencies.push(performance.now() - due);
              if (status !== expected[name]) fail(name, due, `${status} ${body.slice(0, 300)}`);
            })
            .catch((error: unknown) => fail(name, due, String(error))),
        );
      }
      await Promise.all(open);
      const of = (share: number) => quantile(latencies, share);
      return [name, { perSecond, count: latencies.length, p50: of(0.5), p95: of(0.95), p99: of(0.99), max: of(1) }] as const;
    }),
  );
  http.close();
  return { streams: Object.fromEntries(streams), failures, lateAtMost };
}

if (import.meta.main) {
  process.once('message', (job: OpenLoopJob) => {
    void run(job).then((report) => process.send!(report, () => process.disconnect()));
  });
}
