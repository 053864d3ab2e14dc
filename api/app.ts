import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { Logger } from '#platform/logger.ts';
import type { ApiDependencies } from './context.ts';
import { noteMethods } from './plugins/allowed-methods.ts';
import { registerAuthentication } from './plugins/authentication.ts';
import { answerClientError } from './plugins/client-errors.ts';
import { registerCookies } from './plugins/cookies.ts';
import { registerLimits } from './plugins/limits.ts';
import { registerMetrics } from './plugins/metrics.ts';
import { registerOpenApi } from './plugins/openapi.ts';
import { registerNotFound, registerProblems, sendProblem, toProblem } from './plugins/problems.ts';
import { registerRequestId, requestId } from './plugins/request-id.ts';
import { registerRequestLog } from './plugins/request-log.ts';
import { requireDeclarations } from './plugins/route-declarations.ts';
import { registerSecurity } from './plugins/security.ts';
import { buildSerializer } from './plugins/serialization.ts';
import { registerTextCheck } from './plugins/text.ts';
import { buildValidator, requireStrictBodies } from './plugins/validation.ts';
import { adminRoutes } from './routes/admin/index.ts';
import { codecRoutes } from './routes/codec/index.ts';
import { healthRoutes } from './routes/health/index.ts';
import { apiRoutes } from './routes/index.ts';
import { sharedSchemas } from './schemas/common.ts';
import { stripeWebhooks } from './webhooks/stripe/index.ts';

export interface AppOptions extends ApiDependencies {
  logger: Logger;
  /** For tests: registered before the routes, so that its hooks see all of them. */
  extend?: (app: FastifyInstance) => Promise<void> | void;
}

export type App = Awaited<ReturnType<typeof buildApp>>;

/**
 * The API, ready to listen or to be injected into. It opens nothing itself: connections are handed in, and
 * whoever opened them closes them.
 */
export async function buildApp({ env, database, keyRing, temporal, logger, extend }: AppOptions) {
  const app = fastify({
    loggerInstance: logger as FastifyBaseLogger,
    // One line a request, by the path's pattern: see plugins/request-log.ts.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: requestId,
    // 1 MiB holds a thousand lines; imports have a limit of their own.
    bodyLimit: 1_048_576,
    // A command waits 10 s for Temporal; nothing here takes longer than 30 s.
    requestTimeout: 30_000,
    connectionTimeout: 35_000,
    keepAliveTimeout: 72_000,
    clientErrorHandler: answerClientError,
    trustProxy: 'loopback',
    return503OnClosing: true,
    routerOptions: { maxParamLength: 200 },
    // What the router itself refuses (a path that can't be decoded, an endless id) comes before hooks and error handler.
    frameworkErrors: (error, request, reply) => {
      reply.header('x-request-id', request.id);
      sendProblem(request, reply, toProblem(error));
    },
    schemaController: { compilersFactory: { buildValidator: buildValidator as never, buildSerializer: buildSerializer as never } },
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.decorate('env', env).decorate('database', database).decorate('keyRing', keyRing).decorate('temporal', temporal);
  for (const schema of sharedSchemas) app.addSchema(schema);
  const plain = app as unknown as FastifyInstance;
  requireDeclarations(plain);
  requireStrictBodies(plain);
  const allowed = noteMethods(plain);
  registerProblems(plain);
  registerRequestId(plain);
  registerRequestLog(plain);
  await registerSecurity(plain);
  registerMetrics(plain);
  await registerCookies(plain);
  registerAuthentication(plain);
  await registerLimits(plain);
  registerTextCheck(plain);
  registerNotFound(plain, allowed);
  await registerOpenApi(plain);
  await extend?.(plain);
  await app.register(apiRoutes, { prefix: '/api' });
  await app.register(stripeWebhooks);
  await app.register(codecRoutes);
  await app.register(adminRoutes);
  await app.register(healthRoutes);
  await app.ready();
  return app;
}
