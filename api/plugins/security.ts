import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/** Headers that a client in a browser may read. */
const exposedHeaders = [
  'ETag', 'Location', 'Idempotent-Replayed', 'RateLimit', 'RateLimit-Policy', 'Retry-After', 'Allow', 'X-Request-Id', 'Deprecation', 'Sunset',
];

/** Origins of the Temporal UI: the loopback address is spelt in two ways. */
export function temporalUiOrigins(url: string | undefined): string[] {
  if (!url) return [];
  const { origin, hostname } = new URL(url);
  if (hostname === '127.0.0.1') return [origin, origin.replace('127.0.0.1', 'localhost')];
  if (hostname === 'localhost') return [origin, origin.replace('localhost', '127.0.0.1')];
  return [origin];
}

/**
 * Security headers, and who may call from a browser: anyone with a key under /api (no cookies there), only the
 * Temporal UI on the codec endpoint, with its cookie.
 */
export async function registerSecurity(app: FastifyInstance): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        // Plain HTTP on one's own machine must stay plain HTTP.
        upgradeInsecureRequests: app.env.PUBLIC_URL.startsWith('https:') ? [] : null,
      },
    },
    hsts: app.env.PUBLIC_URL.startsWith('https:'),
    crossOriginResourcePolicy: { policy: 'cross-origin' },
  });
  const uiOrigins = temporalUiOrigins(app.env.TEMPORAL_UI_URL);
  await app.register(cors, {
    delegator: (request, callback) => {
      const path = request.url.split('?', 1)[0] ?? '';
      if (path.startsWith('/codec/')) {
        callback(null, {
          origin: uiOrigins,
          credentials: true,
          methods: ['POST'],
          allowedHeaders: ['Authorization', 'Content-Type', 'X-Namespace', 'X-CSRF-Token', 'Caller-Type'],
          maxAge: 600,
        });
      } else if (path.startsWith('/api/') || path === '/openapi.json') {
        callback(null, { origin: '*', strictPreflight: false, methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], exposedHeaders, maxAge: 600 });
      } else {
        callback(null, { origin: false });
      }
    },
  });
}
