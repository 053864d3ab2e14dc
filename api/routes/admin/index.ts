import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { Problem } from '../../problem.ts';
import { problemResponses, strictObject } from '../../schemas/common.ts';
import { adminPage, adminStyle } from './page.ts';
import { closeSession, hasSession, isAdmin, openSession } from './session.ts';

/** Ten tries a minute and address: a person mistypes, a machine guesses. */
const signInLimit = { max: 10, timeWindow: 60_000 };

/**
 * Sign-in of the bootstrap administrator, whose cookie opens the codec endpoint. Accounts of people come later
 * and replace it.
 */
export const adminRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { env } = app;
  const configured = env.ADMIN_EMAIL !== undefined && env.ADMIN_PASSWORD !== undefined;

  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: 4096 }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(body as string)));
  });

  app.get('/admin', {
    schema: { hide: true, querystring: Type.Object({ failed: Type.Optional(Type.String()) }) },
    config: { public: true },
  }, async (request, reply) => {
    const signedIn = hasSession(request, env);
    const links = env.TEMPORAL_UI_URL ? { temporalUi: env.TEMPORAL_UI_URL } : {};
    const failed = request.query.failed !== undefined && !signedIn;
    return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(adminPage({ signedIn, configured, failed }, links));
  });

  app.get('/admin/style.css', { schema: { hide: true }, config: { public: true } }, (_request, reply) =>
    reply.type('text/css; charset=utf-8').header('cache-control', 'public, max-age=3600').send(adminStyle),
  );

  app.post('/admin/session', {
    config: { public: true, rateLimit: signInLimit },
    schema: {
      operationId: 'signIn',
      summary: 'Sign in as operator',
      description: 'Sets a signed session cookie for 12 hours. Ten tries a minute. A form of the /admin page is answered with a redirect.',
      tags: ['Operators'],
      security: [],
      consumes: ['application/json', 'application/x-www-form-urlencoded'],
      body: strictObject(
        { email: Type.String({ minLength: 1, maxLength: 254 }), password: Type.String({ minLength: 1, maxLength: 200 }) },
        { examples: [{ email: 'admin@perdura.test', password: '••••••••••••' }] },
      ),
      response: {
        200: Type.Object({ signed_in: Type.Boolean() }, { examples: [{ signed_in: true }] }),
        303: Type.Null({ description: 'Back to /admin, for the form.' }),
        ...problemResponses('unauthenticated', 'validation_failed', 'rate_limited', 'internal_error'),
      },
    },
  }, async (request, reply) => {
    const fromForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
    const { email, password } = request.body;
    if (!isAdmin(env, email, password)) {
      request.log.warn({ ip: request.ip }, 'a sign-in failed');
      if (fromForm) return reply.redirect('/admin?failed=1', 303);
      throw new Problem('unauthenticated', { detail: 'The e-mail address or the password is not right.' });
    }
    openSession(reply, env);
    return fromForm ? reply.redirect('/admin', 303) : { signed_in: true };
  });

  app.post('/admin/session/end', { schema: { hide: true }, config: { public: true } }, (_request, reply) => closeSession(reply).redirect('/admin', 303));
};

