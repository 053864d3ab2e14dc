import { connect, Socket, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { answerClientError } from './client-errors.ts';

let app: FastifyInstance;
beforeAll(async () => {
  app = fastify({ clientErrorHandler: answerClientError });
  app.get('/', () => ({}));
  await app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => app.close());

/** Sends bytes as they are; answers all that comes until the server closes. */
function send(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    socket.on('data', (part) => (answer += part.toString())).on('end', () => resolve(answer)).on('error', reject);
  });
}

function parsed(answer: string) {
  const [head, body] = answer.split('\r\n\r\n') as [string, string];
  const [line, ...fields] = head.split('\r\n');
  const headers = Object.fromEntries(fields.map((field) => field.split(': ') as [string, string]));
  return { line, headers, body, problem: JSON.parse(body) as Record<string, unknown> };
}

describe('what never became a request', () => {
  it.each([
    ['too long headers', `GET / HTTP/1.1\r\nhost: x\r\nx-long: ${'a'.repeat(20_000)}\r\n\r\n`, '431 Request Header Fields Too Large', 'headers_too_large'],
    ['a too long address', `GET /?${'a'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, '431 Request Header Fields Too Large', 'headers_too_large'],
    ['no HTTP', 'this is not HTTP\r\n\r\n', '400 Bad Request', 'malformed_request'],
    ['two lengths', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab', '400 Bad Request', 'malformed_request'],
  ])('with %s is answered with a problem', async (_name, bytes, line, code) => {
    const answer = parsed(await send(bytes));
    expect(answer.line).toBe(`HTTP/1.1 ${line}`);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json', connection: 'close', 'x-request-id': answer.problem.request_id });
    expect(Number(answer.headers['content-length'])).toBe(Buffer.byteLength(answer.body));
    expect(answer.problem).toMatchObject({ code, status: Number(line.slice(0, 3)), type: `https://perdura.dev/problems/${code}`, detail: expect.any(String) });
  });

  it('is told apart when it took too long, and not answered when nobody is left', async () => {
    const answered = async (code: string, destroyed = false) => {
      const socket = new Socket();
      let written = '';
      Object.defineProperties(socket, { writable: { value: true }, destroyed: { value: destroyed } });
      socket.end = ((text: string) => ((written = text), socket)) as Socket['end'];
      answerClientError.call(app, Object.assign(new Error('x'), { code }), socket);
      return written.slice(0, 12);
    };
    expect(await answered('ERR_HTTP_REQUEST_TIMEOUT')).toBe('HTTP/1.1 408');
    expect(await answered('HPE_CHUNK_EXTENSIONS_OVERFLOW')).toBe('HTTP/1.1 413');
    expect(await answered('ECONNRESET')).toBe('');
    expect(await answered('HPE_INVALID_METHOD', true)).toBe('');
  });

  it('is not answered in the midst of another answer: that one is cut off', () => {
    const socket = new Socket();
    let written = '';
    Object.defineProperties(socket, { writable: { value: true }, _httpMessage: { value: { headersSent: true } } });
    socket.end = ((text: string) => ((written = text), socket)) as Socket['end'];
    answerClientError.call(app, Object.assign(new Error('x'), { code: 'HPE_INVALID_METHOD' }), socket);
    expect([written, socket.destroyed]).toEqual(['', true]);
  });
});
