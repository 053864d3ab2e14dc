import { describe, expect, it } from '@jest/globals';
import fastify from 'fastify';
import { registerProblems } from './problems.ts';
import { registerTextCheck, unstorableText } from './text.ts';

describe('text that Postgres does not hold', () => {
  it('is found wherever it is: in values, names of members and lists', () => {
    expect(unstorableText({ lines: [{ sku: 'a' }, { sku: 'b\0' }] }).map(({ pointer }) => pointer)).toEqual(['/lines/1/sku']);
    expect(unstorableText({ metadata: { 'a/b': '\uD800' } }).map(({ pointer }) => pointer)).toEqual(['/metadata/a~1b']);
    expect(unstorableText({ metadata: { 'a\0': 'x' } }).map(({ pointer }) => pointer)).toEqual(['/metadata']);
  });

  it('is not what people write: other scripts, emoji, line ends', () => {
    expect(unstorableText({ name: '👩‍👩‍👧 漢字 ñ \u202E\r\n', list: [null, 1, true] })).toEqual([]);
  });

  it('is looked for without recursion', () => {
    let deep: unknown = 'x\0';
    for (let depth = 0; depth < 200_000; depth += 1) deep = { a: deep };
    expect(unstorableText(deep)).toHaveLength(1);
  });

  it('is refused in body and query before a handler sees it', async () => {
    const app = fastify();
    registerProblems(app);
    registerTextCheck(app);
    app.post('/x', () => ({}));
    const body = await app.inject({ method: 'POST', url: '/x', payload: { reason: 'a\0b' } });
    expect([body.statusCode, body.json().code, body.json().errors[0].pointer]).toEqual([422, 'validation_failed', '/reason']);
    expect((await app.inject({ method: 'POST', url: '/x?sku=%00', payload: {} })).json().errors[0].pointer).toBe('?sku');
    expect((await app.inject({ method: 'POST', url: '/x', payload: { reason: 'fine' } })).statusCode).toBe(200);
    await app.close();
  });
});
