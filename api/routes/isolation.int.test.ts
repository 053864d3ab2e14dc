import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { idPrefixes, newId } from '#domain/ids.ts';
import type { IdKind } from '#domain/ids.ts';
import { startTestApp } from './test-app.ts';
import type { Ask, TestApp } from './test-app.ts';

/** A document as the API serves it; only what this test walks over. */
interface Document {
  paths: Record<string, Record<string, { parameters?: { name: string; in: string; schema?: { pattern?: string } }[]; security?: unknown[] }>>;
}

let api: TestApp;
let foreign: Ask;
const operations: { method: 'GET' | 'DELETE'; path: string; url: string }[] = [];

beforeAll(async () => {
  api = await startTestApp();
  foreign = api.as((await api.createTenant()).key);
  const document = api.app.swagger() as unknown as Document;
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, { parameters = [], security }] of Object.entries(methods)) {
      const inPath = parameters.filter((parameter) => parameter.in === 'path');
      if (!security || inPath.length === 0 || !['get', 'delete'].includes(method)) continue;
      operations.push({ method: method.toUpperCase() as 'GET' | 'DELETE', path, url: inPath.reduce(fill, path) });
    }
  }
});
afterAll(() => api.stop());

/** An id that is well-formed and belongs to nobody that the caller may see. */
function fill(url: string, { name, schema }: { name: string; schema?: { pattern?: string } }): string {
  const kinds = Object.entries(idPrefixes) as [IdKind, string][];
  const kind = kinds.find(([, prefix]) => schema?.pattern?.startsWith(`^${prefix}_`))?.[0];
  return url.replace(`{${name}}`, kind ? newId(kind) : 'USD');
}

describe('every route that names something', () => {
  it('answers 404 for what the caller does not own, as for what there is not', async () => {
    expect(operations.length).toBeGreaterThan(12);
    const answers: string[] = [];
    for (const { method, path, url } of operations) answers.push(`${method} ${path}: ${(await foreign(method, url)).status}`);
    expect(answers).toEqual(operations.map(({ method, path }) => `${method} ${path}: 404`));
  });

  it('answers 401 without a key and 403 with one that lacks the scope', async () => {
    const { tenantId } = await api.createTenant();
    const powerless = api.as(await api.createKey(tenantId, false, []));
    for (const { method, url } of operations) {
      expect((await api.app.inject({ method, url })).statusCode).toBe(401);
      expect((await powerless(method, url)).status).toBe(403);
    }
  });
});
