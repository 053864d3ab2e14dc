import { describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { canonicalJson, fingerprint } from './fingerprint.ts';

const request = (body: unknown, key: string | undefined = 'k1', tenantId = 'ten_1', livemode = false) =>
  ({ headers: { 'idempotency-key': key }, params: {}, query: {}, body, scope: { tenantId, livemode } }) as unknown as FastifyRequest;

describe('what makes two requests the same', () => {
  it('is their content, not how it is spelt', () => {
    expect(canonicalJson({ b: [1, { d: 'x', c: null }], a: true, e: undefined })).toBe('{"a":true,"b":[1,{"c":null,"d":"x"}]}');
    expect(fingerprint(request({ a: 1, b: 2 }), 'op').bodyHash).toBe(fingerprint(request({ b: 2, a: 1 }), 'op').bodyHash);
    expect(fingerprint(request({ a: 1 }), 'op').bodyHash).not.toBe(fingerprint(request({ a: 2 }), 'op').bodyHash);
  });

  it('does not confuse the order of a list, a text and a number, or absent and null', () => {
    const hash = (body: unknown) => fingerprint(request(body), 'op').bodyHash;
    expect(new Set([[1, 2], [2, 1], ['1', 2], { a: null }, {}].map(hash)).size).toBe(5);
  });

  it('gives the same update id to the same key only, per tenant, mode and operation', () => {
    const ids = [
      fingerprint(request({}), 'order.place'), fingerprint(request({}, 'k2'), 'order.place'), fingerprint(request({}, 'k1', 'ten_2'), 'order.place'),
      fingerprint(request({}, 'k1', 'ten_1', true), 'order.place'), fingerprint(request({}), 'order.ship'),
    ].map(({ updateId }) => updateId);
    expect(new Set(ids).size).toBe(5);
    expect(ids[0]).toBe(fingerprint(request({ other: true }), 'order.place').updateId);
    expect(ids[0]).toMatch(/^order\.place:[0-9a-f]{32}$/);
  });

  it('asks for a key', () => {
    const none = { ...request({}), headers: {} } as FastifyRequest;
    expect(() => fingerprint(none, 'op')).toThrow(expect.objectContaining({ code: 'idempotency_key_required', status: 400 }));
    expect(fingerprint(none, 'op', 'stand-in').key).toBe('stand-in');
  });
});
