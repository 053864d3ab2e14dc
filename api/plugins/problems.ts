import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem, problemBody, type ProblemCode } from '../problem.ts';
import type { AllowedMethods } from './allowed-methods.ts';
import { fieldErrors } from './validation.ts';

/** Fastify's own refusals, as ours. */
const fastifyCodes: Record<string, ProblemCode> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_request',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_request',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_request',
  FST_ERR_CTP_INVALID_TYPE: 'malformed_request',
  FST_ERR_BAD_URL: 'malformed_request',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
};

/** Postgres is away, starting, shutting down, or has no connection left: SQLSTATE classes 08 and 57P, 53300. */
const unavailableCodes = /^(08...|57P0[1-5]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|ETIMEDOUT)$/;
// The last one: a migration has just changed what a prepared statement answers; the next request prepares it anew.
const unavailableWords = /cached plan must not change result type|Connection terminated|timeout exceeded when trying to connect|Knex: Timeout|Client has encountered a connection error/i;

/** True when the database could not be reached, at any depth of the causes. */
export function isDatabaseUnavailable(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause ?? (at as { previous?: unknown }).previous, depth += 1) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && unavailableCodes.test(code)) return true;
    if (unavailableWords.test(at.message)) return true;
    if (at instanceof AggregateError && at.errors.some(isDatabaseUnavailable)) return true;
  }
  return false;
}

/** Every error as a problem. Unexpected ones say nothing about their cause: that is for the log. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { validation, validationContext, code, statusCode } = error as FastifyError;
  if (validation) {
    return new Problem('validation_failed', { detail: 'Some fields are not valid; see errors.', errors: fieldErrors(validation, validationContext) });
  }
  const known = fastifyCodes[code];
  if (known) return new Problem(known, { cause: error });
  if (isDatabaseUnavailable(error)) {
    return new Problem('unavailable', { detail: 'The database can\'t be reached right now. Try again shortly.', headers: { 'retry-after': '2' }, cause: error });
  }
  if (statusCode === 400) return new Problem('malformed_request', { cause: error });
  return new Problem('internal_error', { detail: 'Something went wrong on our side. It has been recorded under the request id.', cause: error });
}

/** Writes a problem as the answer. */
export function sendProblem(request: Pick<FastifyRequest, 'url' | 'id'>, reply: FastifyReply, problem: Problem): FastifyReply {
  const instance = request.url.split('?', 1)[0];
  const body = { ...problemBody(problem), instance, request_id: request.id };
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(body);
}

/** The types of bodies that some route takes. */
const bodyTypes = ['application/json', 'text/csv', 'application/x-www-form-urlencoded'];

/** Names what this route takes, in Accept too (RFC 9110 §15.5.16). */
function unsupportedBody({ server }: FastifyRequest): Problem {
  const taken = bodyTypes.filter((type) => server.hasContentTypeParser(type));
  return new Problem('unsupported_media_type', { detail: `Send the body as ${taken.join(' or ')}.`, headers: { accept: taken.join(', ') } });
}

function answerTo(error: unknown, request: FastifyRequest): Problem {
  const problem = toProblem(error);
  return problem.code === 'unsupported_media_type' ? unsupportedBody(request) : problem;
}

/** One error handler for all routes. */
export function registerProblems(app: FastifyInstance): void {
  // Fastify's own parser would hand text on as a body, to be told that it is no object.
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler((error, request, reply) => {
    const problem = answerTo(error, request);
    if (problem.status >= 500) {
      const { cause } = problem;
      request.log.error({ err: error, code: problem.code, ...(cause ? { cause } : {}) }, 'the request failed');
    }
    return sendProblem(request, reply, problem);
  });
}

/**
 * The answer where there is no route. Rate limited, because who searches for valid URLs meets this handler most. Call
 * after the rate limit is registered.
 */
export function registerNotFound(app: FastifyInstance, allowed: AllowedMethods): void {
  app.setNotFoundHandler({ preHandler: app.rateLimit({ max: 300, timeWindow: 60_000 }) }, (request, reply) =>
    sendProblem(request, reply, noRoute(request, allowed)),
  );
}

/** 405 with Allow where the path takes other methods (RFC 9110 §15.5.6), else 404. OPTIONS asks what a path takes: it is never refused so. */
function noRoute({ method, url }: FastifyRequest, allowed: AllowedMethods): Problem {
  const path = url.split('?', 1)[0]!;
  const methods = method === 'OPTIONS' ? [] : allowed(path);
  if (methods.length === 0) return new Problem('not_found', { detail: `There is no ${method} ${path}.` });
  return new Problem('method_not_allowed', { detail: `There is no ${method} ${path}, but ${methods.join(', ')}.`, headers: { allow: methods.join(', ') } });
}
