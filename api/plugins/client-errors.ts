import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { newId } from '#domain/ids.ts';
import { Problem, problemBody, type ProblemCode } from '../problem.ts';

/** What Node refuses before there is a request; everything else that it can't parse is malformed. */
const codes: Record<string, ProblemCode> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'payload_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** How long the rest of what comes is let in: a connection that is reset at once takes the answer with it. */
const lingerMs = 1_000;

/** Answers with a problem what never became a request, and closes the connection: what follows in it can't be read. */
export function answerClientError(this: FastifyInstance, error: Error & { code?: string }, socket: Socket): void {
  // Nobody is left to be answered (https://nodejs.org/api/http.html#event-clienterror).
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  // Answered before, and more has come.
  if (!socket.writable) return;
  // An answer is on its way: a second one in its midst would read as a part of it (Node's own handler looks the same way).
  const { _httpMessage: answering } = socket as Socket & { _httpMessage?: { headersSent: boolean } | null };
  if (answering?.headersSent) return void socket.destroy();
  const requestId = newId('request');
  const problem = new Problem(codes[error.code ?? ''] ?? 'malformed_request');
  this.log.debug({ err: error, code: problem.code, request_id: requestId }, 'what came was no request');
  socket.end(responseOf(problem, requestId));
  setTimeout(() => socket.destroy(), lingerMs).unref();
}

function responseOf(problem: Problem, requestId: string): string {
  const body = JSON.stringify({ ...problemBody(problem), request_id: requestId });
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    'connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
