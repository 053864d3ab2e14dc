import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { scopeDescriptions } from '../scopes.ts';
import { finishDocument } from './openapi-finish.ts';
import { tags } from './tags.ts';

const description = `
The durable commerce backend: every order is a process that cannot lose its place, charge twice or oversell.

**Keys.** \`Authorization: Bearer sk_test_…\`. Each operation names the scopes that its key must carry.

**Money** is an integer in minor units with its ISO 4217 currency. **Times** are ISO 8601, UTC. **Ids** are TypeIDs (\`ord_…\`).

**Trying again.** POSTs that create something or move money need an \`Idempotency-Key\`. The same key with the same request
gives the first answer with \`Idempotent-Replayed: true\`; with another request 422; while the first is still running 409
with \`Retry-After\`. An outcome that is not known in time is answered 202 with \`Location\`. Keys are kept for at least 24 hours.

**Lists** have \`data\`, \`has_more\` and \`next_cursor\`; give the latter as \`starting_after\`.

**Changing.** PATCH needs \`If-Match\` with the ETag that the last GET answered: 428 without, 412 when it has changed since.

**Errors** are RFC 9457 problems with a stable \`code\`, words that say what to do, and \`errors\` that point at fields. What meets no
operation is one too: 404 \`not_found\`; 405 \`method_not_allowed\` with \`Allow\` where the path has other methods; 408 \`request_timeout\`
and 431 \`headers_too_large\` where the request did not come in whole.
`.trim();

/** The document is generated from the routes' own schemas; what a route checks is what it documents. */
export async function registerOpenApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Perdura', version: '0.1.0', description, license: { name: 'MIT', identifier: 'MIT' } },
      // Relative, so that the document is the same wherever it is served.
      servers: [{ url: '/', description: 'This server.' }],
      tags,
      components: {
        securitySchemes: {
          apiKey: {
            type: 'http',
            scheme: 'bearer',
            description: `A secret key. Scopes:\n\n${Object.entries(scopeDescriptions).map(([scope, text]) => `- \`${scope}\`: ${text}`).join('\n')}`,
          },
          adminSession: { type: 'apiKey', in: 'cookie', name: 'perdura_admin', description: 'The session cookie of an operator who has signed in at /admin.' },
        },
      },
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, index) => (typeof json.$id === 'string' ? json.$id : `def-${index}`) },
    transformObject: (input) => finishDocument(('openapiObject' in input ? input.openapiObject : {}) as never) as never,
    transform: ({ schema, url, route }) => {
      const scopes = route.config?.scopes;
      if (!scopes || schema.hide) return { schema, url };
      const note = `**Scopes:** ${scopes.map((scope) => `\`${scope}\``).join(', ')}`;
      return { url, schema: { ...schema, security: [{ apiKey: [] }], description: [schema.description, note].filter(Boolean).join('\n\n') } };
    },
  });
  app.get('/openapi.json', { schema: { hide: true }, config: { public: true } }, async () => app.swagger());
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { docExpansion: 'none', persistAuthorization: true, displayRequestDuration: true },
    staticCSP: true,
  });
  app.get('/api/docs', { schema: { hide: true }, config: { public: true } }, (_request, reply) => reply.redirect('/docs', 302));
}
