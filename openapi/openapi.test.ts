import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  examples?: unknown[];
  example?: unknown;
}
interface Content {
  schema?: Schema;
  examples?: object;
}
interface Operation {
  operationId: string;
  summary?: string;
  description?: string;
  tags?: string[];
  security?: unknown[];
  parameters?: { name: string; in: string; required?: boolean }[];
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, { $ref?: string; content?: Record<string, Content> }>;
}

const document = JSON.parse(readFileSync(new URL('./openapi.json', import.meta.url), 'utf8')) as {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, method, operation })),
);

/** An example of its own, or made of parts that have one; plain values explain themselves. */
function hasExample(schema: Schema | undefined, depth = 0): boolean {
  if (!schema || depth > 6) return schema !== undefined;
  if (schema.$ref) return hasExample(document.components.schemas[schema.$ref.split('/').at(-1)!], depth + 1);
  if (schema.examples ?? schema.example) return true;
  if (schema.items) return hasExample(schema.items, depth + 1);
  if (schema.properties) return Object.values(schema.properties).every((property) => hasExample(property, depth + 1));
  return schema.type !== 'object';
}

describe('the published document', () => {
  it('is OpenAPI 3.1', () => expect(document.openapi).toBe('3.1.0'));

  it.each(operations)('$name says what it does, who may, and how it fails', ({ operation }) => {
    expect(operation).toMatchObject({ operationId: expect.stringMatching(/^[a-z][A-Za-z]+$/), summary: expect.any(String), tags: [expect.any(String)] });
    expect(operation.security).toBeDefined();
    expect(Object.keys(operation.responses).some((status) => status.startsWith('4'))).toBe(true);
  });

  it.each(operations)('$name has examples', ({ operation }) => {
    const contents = [operation.requestBody, ...Object.values(operation.responses)].flatMap((part) => Object.entries(part?.content ?? {}));
    const without = contents.filter(([type, { schema, examples }]) => type.includes('json') && !examples && !hasExample(schema));
    expect(without.map(([type]) => type)).toEqual([]);
  });

  it('marks the Idempotency-Key as required wherever a POST takes one', () => {
    const parameters = operations.filter(({ method }) => method === 'post').flatMap(({ operation }) => operation.parameters ?? []);
    const keys = parameters.filter(({ name }) => name === 'Idempotency-Key');
    expect(keys.length).toBeGreaterThan(15);
    expect(keys.every(({ required }) => required)).toBe(true);
  });
});
