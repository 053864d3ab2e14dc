import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import type { FastifyInstance, FastifySchemaCompiler } from 'fastify';
import type { FastifySchemaValidationError } from 'fastify/types/schema.js';
import type { FieldError } from '../problem.ts';

// A CommonJS module: its default export is the module itself under Node's ESM.
const addFormats = addFormatsModule as unknown as typeof addFormatsModule.default;

/** So that one request can't make us list thousands of mistakes. */
const mostErrors = 20;

/**
 * Ajv in strict mode. Bodies are taken as they are: `"3"` is not 3. Query, path and headers are text by nature,
 * so only there text is turned into what the schema says.
 */
export function buildValidator(externalSchemas: unknown): FastifySchemaCompiler<unknown> {
  const build = (coerceTypes: boolean) => {
    const ajv = new Ajv2020({
      strict: true, strictTypes: false, strictRequired: false, strictTuples: false,
      allErrors: true, useDefaults: true, coerceTypes, validateFormats: true,
      // Strict mode checks the schemas; compiling the meta-schema for each resource once more would take seconds.
      validateSchema: false,
    });
    addFormats(ajv);
    ajv.addVocabulary(['example', 'x-examples']);
    for (const schema of Object.values(externalSchemas as Record<string, object>)) ajv.addSchema(schema);
    return ajv;
  };
  const [exact, lenient] = [build(false), build(true)];
  return ({ schema, httpPart }) => (httpPart === 'body' ? exact : lenient).compile(schema as object) as ReturnType<FastifySchemaCompiler<unknown>>;
}

/** Ajv's findings as pointers and words: what is wrong where, never the value that was sent. */
export function fieldErrors(errors: FastifySchemaValidationError[], part = 'body'): FieldError[] {
  const found = errors.map((error) => fieldError(error as unknown as ErrorObject, part));
  const unique = new Map(found.map((error) => [`${error.pointer}\0${error.detail}`, error]));
  return [...unique.values()].slice(0, mostErrors);
}

function fieldError(error: ErrorObject, part: string): FieldError {
  const { keyword, params, instancePath } = error;
  const child = (name: string) => `${instancePath}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const at = (pointer: string) => (part === 'body' ? pointer : `${part === 'querystring' ? '?' : ''}${pointer.slice(1)}`);
  switch (keyword) {
    case 'required':
      return { pointer: at(child(String(params.missingProperty))), detail: 'is required' };
    case 'additionalProperties':
      return { pointer: at(child(String(params.additionalProperty))), detail: 'is not a field of this request' };
    case 'enum':
      return { pointer: at(instancePath), detail: `must be one of ${(params.allowedValues as unknown[]).join(', ')}` };
    case 'const':
      return { pointer: at(instancePath), detail: `must be ${JSON.stringify(params.allowedValue)}` };
    default:
      return { pointer: at(instancePath), detail: error.message ?? 'is not valid' };
  }
}

/**
 * Holds every route's body to naming whether it takes unknown fields: the start fails for an object that leaves
 * it open, because such a route would swallow a misspelt field.
 */
export function requireStrictBodies(app: FastifyInstance): void {
  app.addHook('onRoute', function (this: FastifyInstance, { schema, method, url }) {
    const open = schema?.body ? openObject(schema.body, '', (id) => this.getSchema(id)) : undefined;
    if (open !== undefined) throw new Error(`${String(method)} ${url}: the object at body${open} doesn't say additionalProperties`);
  });
}

function openObject(schema: unknown, path: string, find: (id: string) => unknown): string | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined;
  const { properties, additionalProperties, items, anyOf, $ref } = schema as Record<string, unknown>;
  if (typeof $ref === 'string') return openObject(find($ref.replace(/#$/, '')), path, find);
  if (properties && additionalProperties === undefined) return path || '/';
  const children = Object.entries((properties ?? {}) as Record<string, unknown>)
    .concat(items ? [['items', items]] : [])
    .concat(((anyOf ?? []) as unknown[]).map((option, index) => [String(index), option]));
  return children.map(([name, child]) => openObject(child, `${path}/${name}`, find)).find((found) => found !== undefined);
}
