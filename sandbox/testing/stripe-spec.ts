import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { go, STRIPE_MOCK } from './go.ts';
import { toJsonSchema, type Schema } from './to-json-schema.ts';

interface Operation {
  responses: Record<string, { content: { 'application/json': { schema: Schema } } }>;
}

interface Specification {
  info: { version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** Schemas that are checked in full where an object is put in place of its id; others need an id and a name. */
const ANSWERED = new Set([
  'account', 'balance_transaction', 'charge', 'customer', 'deleted_customer', 'deleted_webhook_endpoint', 'dispute',
  'event', 'payment_intent', 'payment_method', 'refund', 'setup_intent', 'webhook_endpoint',
]);

export interface StripeSpec {
  version: string;
  /** Throws when an answer does not fit what Stripe publishes for this request. */
  assertAnswer: (method: string, path: string, status: number, body: unknown) => void;
  /** Throws when an object (e.g. an event's `data.object`) does not fit the schema of its `object` name. */
  assertObject: (object: { object: string }) => void;
}

let loaded: Promise<StripeSpec> | undefined;

/** Stripe's published OpenAPI description, from the module cache of Go. Loaded once per process. */
export function loadStripeSpec(): Promise<StripeSpec> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<StripeSpec> {
  const { Dir: folder } = JSON.parse(await go(['mod', 'download', '-json', STRIPE_MOCK])) as { Dir: string };
  const spec = JSON.parse(await readFile(join(folder, 'embedded', 'openapi', 'spec3.json'), 'utf8')) as Specification;
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const schemas = spec.components.schemas;
  const shallow = (name: string): boolean => 'x-resourceId' in (schemas[name] ?? {}) && !ANSWERED.has(name);
  const converted: Record<string, Schema> = {};
  for (const name in schemas) converted[name] = toJsonSchema(schemas[name] as Schema, shallow);
  ajv.addSchema({ $id: 'stripe', components: { schemas: converted } });

  const compiled = new Map<string, ValidateFunction>();
  const validator = (key: string, schema: () => Schema): ValidateFunction => {
    let validate = compiled.get(key);
    if (!validate) compiled.set(key, (validate = ajv.compile(absolute(schema()))));
    return validate;
  };
  const check = (validate: ValidateFunction, body: unknown, what: string): void => {
    if (validate(body)) return;
    const lines = (validate.errors ?? []).map((error) => `  ${error.instancePath || '/'} ${error.message} ${JSON.stringify(error.params)}`);
    throw new Error(`${what} does not fit Stripe's specification ${spec.info.version}:\n${lines.slice(0, 20).join('\n')}`);
  };

  return {
    version: spec.info.version,
    assertAnswer(method, path, status, body) {
      const template = Object.keys(spec.paths).filter((one) => fits(one, path)).sort(byLiterals)[0];
      const operation = template && spec.paths[template]?.[method.toLowerCase()];
      if (!operation) throw new Error(`Stripe has no ${method} ${path}`);
      const response = operation.responses[String(status)] ?? operation.responses.default;
      if (!response) throw new Error(`${method} ${template} has no answer ${status}`);
      const schema = response.content['application/json'].schema;
      const validate = validator(`${method} ${template} ${status === 200}`, () => toJsonSchema(schema, shallow));
      check(validate, body, `${method} ${path} → ${status}`);
    },
    assertObject(object) {
      if (!(object.object in schemas)) throw new Error(`Stripe has no object ${object.object}`);
      const validate = validator(object.object, () => ({ $ref: `#/components/schemas/${object.object}` }));
      check(validate, object, `the ${object.object}`);
    },
  };
}

/** References of a schema that stands alone have to name the document. */
const absolute = (schema: Schema): Schema =>
  JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"stripe#/')) as Schema;

function fits(template: string, path: string): boolean {
  const wanted = template.split('/');
  const given = path.split('/');
  return wanted.length === given.length && wanted.every((part, i) => part.startsWith('{') || part === given[i]);
}

/** `/v1/accounts/x` before `/v1/{a}/x`: the fewest placeholders first. */
const byLiterals = (a: string, b: string): number => a.split('{').length - b.split('{').length;
