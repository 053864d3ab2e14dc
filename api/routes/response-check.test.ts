import { describe, expect, it } from '@jest/globals';
import fastify from 'fastify';
import { checkResponses } from './response-check.ts';

async function answering(body: object, status = 200) {
  const app = fastify();
  app.setErrorHandler((error, _request, reply) => reply.code(500).serializer(JSON.stringify).send({ error: (error as Error).message }));
  checkResponses(app);
  const documented = { type: 'object', required: ['kind'], properties: { kind: { type: 'string', enum: ['a', 'b'] } } };
  app.get('/', { schema: { response: { 200: documented, 500: { type: 'object' } } } }, (_request, reply) => reply.code(status as 200).send(body));
  return app.inject('/');
}

describe('checkResponses', () => {
  it('lets an answer through that is as documented', async () => {
    expect((await answering({ kind: 'a' })).statusCode).toBe(200);
  });

  it('fails one that is not, and one whose status is not documented', async () => {
    expect((await answering({ kind: 'c' })).json().error).toMatch(/GET \/ 200 is not as documented/);
    expect((await answering({ kind: 'a' }, 202)).json().error).toMatch(/GET \/ 202 is not documented/);
  });
});
