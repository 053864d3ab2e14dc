import type { FastifyReply, FastifyRequest } from 'fastify';
import type { KeyRing } from '#platform/keyring.ts';
import { Problem, problemBody } from '../problem.ts';

/** What a command answers. `body` goes through the route's response schema for that status. */
export interface Answer {
  status: number;
  body: Record<string, unknown>;
  headers?: { location?: string; etag?: string; 'retry-after'?: string };
}

/** An answer as it is kept: rendered once, so that a replay is the same to the byte. */
interface Rendered {
  status: number;
  type: string;
  headers: Record<string, string>;
  body: string;
}

const json = 'application/json; charset=utf-8';
const problemJson = 'application/problem+json';

/** Serialises an answer, or a problem that is an outcome, without what belongs to this one request. */
export function render(reply: FastifyReply, answer: Answer | Problem): Rendered {
  if (answer instanceof Problem) {
    return { status: answer.status, type: problemJson, headers: answer.headers, body: JSON.stringify(problemBody(answer)) };
  }
  const serialised = reply.serializeInput(answer.body, String(answer.status)) as string;
  return { status: answer.status, type: json, headers: { ...answer.headers }, body: serialised };
}

/** Neither what is not known yet, nor errors of ours, nor refusals that a changed request or a moment's patience would turn. */
export function isKept({ status }: Pick<Rendered, 'status'>): boolean {
  return status < 500 && ![202, 400, 422, 429].includes(status);
}

export function sealAnswer(keyRing: KeyRing, rendered: Rendered, resourceId: string): string {
  return keyRing.seal(rendered, `answer:${resourceId}`);
}

export function openAnswer(keyRing: KeyRing, sealed: string, resourceId: string): Rendered {
  return keyRing.open<Rendered>(sealed, `answer:${resourceId}`);
}

/** Sends a rendered answer; a problem gets this request's id and path. */
export function sendRendered(request: FastifyRequest, reply: FastifyReply, rendered: Rendered, replayed: boolean): FastifyReply {
  if (replayed) reply.header('idempotent-replayed', 'true');
  const body =
    rendered.type === problemJson
      ? JSON.stringify({ ...(JSON.parse(rendered.body) as object), instance: request.url.split('?', 1)[0], request_id: request.id })
      : rendered.body;
  return reply
    .code(rendered.status)
    .headers(rendered.headers)
    .type(rendered.type)
    .serializer((payload: unknown) => payload as string)
    .send(body);
}
