import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, GaveUp, Refused } from './client.ts';

let server: Server | undefined;
const seen: { method: string | undefined; url: string | undefined; key: string | undefined }[] = [];

/** Answers one after the other as told; the last one for ever. */
async function answering(...answers: ((request: IncomingMessage, response: ServerResponse) => void)[]): Promise<string> {
  seen.length = 0;
  server = createServer((request, response) => {
    seen.push({ method: request.method, url: request.url, key: request.headers['idempotency-key'] as string | undefined });
    request.resume();
    answers[Math.min(seen.length, answers.length) - 1]!(request, response);
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answer = (status: number, body: object, headers: Record<string, string> = {}) => (_: IncomingMessage, response: ServerResponse) =>
  void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
const hangUp = (request: IncomingMessage) => void request.socket.destroy();
const client = (apiUrl: string, patienceMs = 5_000) => new Client({ apiUrl, apiKey: 'sk_test_x', pauseMs: 2, patienceMs });
const order = { key: 'import-x-1-place', body: { currency: 'GBP' } };

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
});

describe('a request', () => {
  it('is repeated under its key until its outcome is known', async () => {
    const url = await answering(
      hangUp, answer(503, { code: 'unavailable' }), answer(202, { id: 'ord_1' }), answer(409, { code: 'request_in_progress' }),
      answer(429, { code: 'rate_limited' }), (_, response) => void response.writeHead(502).end('<html>'), answer(201, { id: 'ord_1' }),
    );
    const ours = client(url);
    await expect(ours.post('/api/orders', order)).resolves.toEqual({ id: 'ord_1' });
    expect(seen).toEqual(Array.from({ length: 7 }, () => ({ method: 'POST', url: '/api/orders', key: order.key })));
    expect(ours.repeated).toBe(6);
  });

  it('is repeated when the connection ends in the middle of the answer', async () => {
    const half = (request: IncomingMessage, response: ServerResponse) => {
      response.writeHead(201, { 'content-length': '100' }).write('{"id"', () => request.socket.destroy());
    };
    await expect(client(await answering(half, answer(201, { id: 'ord_1' }))).post('/api/orders', order)).resolves.toEqual({ id: 'ord_1' });
  });

  it('waits as long as it is told to', async () => {
    const url = await answering(answer(409, { code: 'request_in_progress' }, { 'retry-after': '1' }), answer(201, {}));
    const began = performance.now();
    await client(url).post('/api/orders', order);
    expect(performance.now() - began).toBeGreaterThan(950);
  });

  it.each([[402, 'card_declined'], [409, 'out_of_stock'], [422, 'validation_failed']])('that is refused with %d %s is not repeated', async (status, code) => {
    const refused = client(await answering(answer(status, { code, detail: 'why' }))).post('/api/orders', order);
    await expect(refused).rejects.toThrow(Refused);
    await expect(refused).rejects.toMatchObject({ status, code, message: `POST /api/orders: ${status} ${code} why` });
    expect(seen).toHaveLength(1);
  });

  it('is given up when nothing comes for too long, saying that it can be continued', async () => {
    const gaveUp = client(await answering(answer(500, { code: 'internal_error' })), 30).post('/api/orders', order);
    await expect(gaveUp).rejects.toThrow(GaveUp);
    await expect(gaveUp).rejects.toThrow(/500 internal_error.*continues/);
  });

  it('ends at once when it is told to', async () => {
    const stop = new AbortController();
    const url = await answering(answer(503, {}, { 'retry-after': '30' }));
    const asked = new Client({ apiUrl: url, apiKey: 'sk_test_x', signal: stop.signal }).get('/api/orders');
    setTimeout(() => stop.abort(), 20);
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a refusal that an earlier run received', () => {
  const replayed = { 'idempotent-replayed': 'true' };
  const keys = () => seen.map(({ key }) => key);

  it('is asked about anew under further keys, up to an answer of now', async () => {
    const url = await answering(
      answer(409, { code: 'out_of_stock' }, replayed), answer(409, { code: 'order_busy' }, replayed), hangUp, answer(201, { id: 'ord_1' }),
    );
    let asked = 0;
    const done = async () => void (asked += 1);
    await expect(client(url).postAgain('/api/orders', order, done)).resolves.toEqual({ id: 'ord_1' });
    expect(keys()).toEqual([order.key, `${order.key}-2`, `${order.key}-3`, `${order.key}-3`]);
    expect(asked).toBe(2);
  });

  it('leads to what is there all the same, and to nothing new', async () => {
    const url = await answering(answer(409, { code: 'out_of_stock' }, replayed));
    await expect(client(url).postAgain('/api/orders', order, async () => ({ id: 'ord_0' }))).resolves.toEqual({ id: 'ord_0' });
    expect(seen).toHaveLength(1);
  });

  it('is not sent again when what is there can not be read', async () => {
    const url = await answering(answer(409, { code: 'out_of_stock' }, replayed));
    await expect(client(url).postAgain('/api/orders', order, () => Promise.reject(new GaveUp('no answer')))).rejects.toThrow(GaveUp);
    expect(seen).toHaveLength(1);
  });

  it.each<[string, number, string, Record<string, string>]>([
    ['of now', 409, 'out_of_stock', {}],
    ['that time does not turn', 402, 'card_declined', replayed],
    ['of the order\'s state', 409, 'illegal_transition', replayed],
  ])('and one %s stands', async (_, status, code, headers) => {
    const url = await answering(answer(status, { code }, headers), answer(201, {}));
    await expect(client(url).postAgain('/api/orders', order)).rejects.toMatchObject({ status, code, replayed: headers === replayed });
    expect(keys()).toEqual([order.key]);
  });
});

describe('a list', () => {
  it('is read to its end', async () => {
    const url = await answering(answer(200, { data: [1, 2], next_cursor: 'b' }), hangUp, answer(200, { data: [3], next_cursor: null }));
    const items: number[] = [];
    for await (const item of client(url).list<number>('/api/stock/adjustments?sku=A')) items.push(item);
    expect(items).toEqual([1, 2, 3]);
    expect(seen.map(({ url: path }) => path)).toEqual([
      '/api/stock/adjustments?sku=A&limit=100', ...Array.from({ length: 2 }, () => '/api/stock/adjustments?sku=A&limit=100&starting_after=b'),
    ]);
  });
});
