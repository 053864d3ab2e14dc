import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Faults, RequestFault } from '../control/faults.ts';
import { StripeError } from './errors.ts';
import { API_VERSION } from './events.ts';
import { expand } from './expand.ts';
import { fingerprintOf, type Idempotency, type StoredAnswer } from './idempotency.ts';
import { accountOf, newId } from './ids.ts';
import { list, readParams } from './params.ts';
import { resources } from './resources/index.ts';
import type { AnyRoute } from './route.ts';
import type { Hash } from './types.ts';
import type { Scope, World } from './world.ts';

export interface RouterOptions {
  world: World;
  idempotency: Idempotency;
  faults: Faults;
  /** Told when a transaction may have queued deliveries. */
  committed: () => void;
  /** Told of what should not happen. */
  failed: (error: unknown) => void;
}

interface Keyed {
  key: string;
  fingerprint: string;
}

/** Registers all of Stripe's routes under `/v1`. */
export function registerStripe(app: FastifyInstance, options: RouterOptions): void {
  for (const one of resources) {
    app.route({ method: one.method, url: `/v1${one.path}`, handler: (request, reply) => answer(one, request, reply, options) });
  }
}

async function answer(one: AnyRoute, request: FastifyRequest, reply: FastifyReply, options: RouterOptions): Promise<unknown> {
  const { world, idempotency, faults } = options;
  const requestId = newId('req');
  reply.header('request-id', requestId).header('stripe-version', API_VERSION);
  reply.header('content-type', 'application/json');
  let finish: (() => void) | undefined;
  try {
    const account = authenticate(request);
    const raw = ((one.method === 'POST' ? request.body : request.query) ?? {}) as Hash;
    const key = one.method === 'POST' ? header(request, 'idempotency-key') : undefined;
    const path = request.url.split('?', 1)[0] as string;
    const keyed = key === undefined ? undefined : { key, fingerprint: fingerprintOf(one.method, path, raw) };
    if (key !== undefined) reply.header('idempotency-key', key);
    if (keyed) {
      const stored = idempotency.find(account, keyed.key, keyed.fingerprint, world.clock.now());
      if (stored) return replay(reply, stored);
      finish = idempotency.start(account, keyed.key);
    }
    const fault = faults.forRequest({ method: one.method, path, body: raw, account });
    if (fault?.delayMs) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    const before = fault && faultBefore(fault);
    if (before === 'reset') return destroy(request, reply);
    const scope: Scope = {
      world,
      account,
      now: world.clock.now(),
      request: { id: requestId, idempotency_key: key ?? null },
      ...(fault?.decline && { forcedDecline: fault.decline }),
    };
    const done = before ? refuse(before, keyed, scope, options, fault.stored) : execute(one, raw, request, keyed, scope, options, fault);
    options.committed();
    if (fault?.after === 'reset') return destroy(request, reply);
    if (fault?.after === 'silence') return silence(request, reply, fault.closeAfterMs);
    return send(reply, done);
  } catch (error) {
    if (!(error instanceof StripeError)) options.failed(error);
    return send(reply, render(error, requestId));
  } finally {
    finish?.();
  }
}

/** Runs the handler and stores its answer with its effects, in one transaction. */
function execute(
  one: AnyRoute, raw: Hash, request: FastifyRequest, keyed: Keyed | undefined, scope: Scope,
  options: RouterOptions, fault: RequestFault | undefined,
): StoredAnswer {
  const requestId = scope.request.id ?? '';
  const keep = (done: StoredAnswer): StoredAnswer => {
    const shown = fault?.after === 'error' ? render(serverError(fault.status), requestId) : done;
    if (keyed) options.idempotency.store(scope.account, keyed.key, keyed.fingerprint, scope.now, shown);
    return shown;
  };
  const work = (): StoredAnswer => {
    try {
      const params = readParams(one.params, raw);
      const result = one.handle({ ...scope, params, path: request.params as Record<string, string> });
      if (raw.expand !== undefined) expand(scope, result, list('expand', raw.expand));
      return keep({ status: 200, body: JSON.stringify(result), requestId });
    } catch (error) {
      if (!(error instanceof StripeError) || error.stage !== 'effect') throw error;
      return keep(render(error, requestId));
    }
  };
  try {
    return one.method === 'GET' ? work() : scope.world.db.transaction(work);
  } catch (error) {
    if (!(error instanceof StripeError) || error.stage !== 'execution') throw error;
    return keep(render(error, requestId));
  }
}

function refuse(error: StripeError, keyed: Keyed | undefined, scope: Scope, options: RouterOptions, stored: boolean): StoredAnswer {
  const done = render(error, scope.request.id ?? '');
  if (stored && keyed) options.idempotency.store(scope.account, keyed.key, keyed.fingerprint, scope.now, done);
  return done;
}

function faultBefore(fault: RequestFault): StripeError | 'reset' | undefined {
  if (fault.before === 'error') return serverError(fault.status);
  if (fault.before !== 'rate_limit') return fault.before;
  return new StripeError(429, {
    code: 'rate_limit',
    message: 'Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits.',
    type: 'invalid_request_error',
  }, 'validation');
}

const serverError = (status: number): StripeError =>
  new StripeError(status, {
    message: 'Sorry! There was an error while talking to one of our backends. Support has been notified.',
    type: 'api_error',
  });

function render(error: unknown, requestId: string): StoredAnswer {
  if (error instanceof StripeError) {
    const shown = { ...error.error, request_log_url: `https://dashboard.stripe.com/test/logs/${requestId}` };
    return { status: error.status, body: JSON.stringify({ error: shown }), requestId };
  }
  const shown = { message: 'An unknown error occurred', type: 'api_error' };
  return { status: 500, body: JSON.stringify({ error: shown }), requestId };
}

function send(reply: FastifyReply, done: StoredAnswer): FastifyReply {
  // What the official client goes by when it decides on a retry of its own.
  if (done.status === 409 || done.status === 429 || done.status >= 500) reply.header('stripe-should-retry', 'true');
  else if (done.status >= 400) reply.header('stripe-should-retry', 'false');
  return reply.code(done.status).send(done.body);
}

function replay(reply: FastifyReply, stored: StoredAnswer): FastifyReply {
  reply.header('idempotent-replayed', 'true').header('original-request', stored.requestId);
  return reply.code(stored.status).send(stored.body);
}

function destroy(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.hijack();
  request.raw.socket.destroy();
  return reply;
}

function silence(request: FastifyRequest, reply: FastifyReply, closeAfterMs: number | undefined): FastifyReply {
  reply.hijack();
  if (closeAfterMs !== undefined) setTimeout(() => request.raw.socket.destroy(), closeAfterMs).unref();
  return reply;
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The account of a `Bearer` or `Basic` test key. `Stripe-Account` acts for another. */
function authenticate(request: FastifyRequest): string {
  const [scheme = '', given = ''] = (request.headers.authorization ?? '').split(' ');
  const key = scheme.toLowerCase() === 'basic' ? (Buffer.from(given, 'base64').toString().split(':', 1)[0] ?? '') : given;
  if (key === '') {
    throw unauthorized(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details.",
    );
  }
  if (!/^(sk|rk)_test_\w+$/.test(key)) throw unauthorized(`Invalid API Key provided: ${key.slice(0, 8)}****`);
  return header(request, 'stripe-account') ?? accountOf(key);
}

const unauthorized = (message: string): StripeError =>
  new StripeError(401, { message, type: 'invalid_request_error' }, 'validation');

/** Stripe's answer to a path that it does not have. */
export function unknownUrl(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const message = `Unrecognized request URL (${request.method}: ${request.url.split('?', 1)[0]}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`;
  return reply.code(404).send({ error: { message, type: 'invalid_request_error' } });
}
