import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import type { FastifyInstance } from 'fastify';

// A CommonJS module: its default export is the module itself under Node's ESM.
const addFormats = addFormatsModule as unknown as typeof addFormatsModule.default;

type Responses = Record<string, { content?: Record<string, { schema: object }> } | undefined>;

/** For tests: an answer that is not as its route documents it, or whose status is not documented, becomes a 500. */
export function checkResponses(app: FastifyInstance): void {
  const compiled = new Map<string, ValidateFunction>();
  app.addHook('onSend', async function check(this: FastifyInstance, request, reply, payload) {
    const { schema, url } = request.routeOptions;
    if (!schema?.response || schema.hide || typeof payload !== 'string') return payload;
    const documented = (schema.response as Responses)[reply.statusCode];
    const name = `${request.method} ${url} ${reply.statusCode}`;
    if (!documented) throw new Error(`${name} is not documented: ${payload}`);
    const [content] = Object.values(documented.content ?? {});
    let validate = compiled.get(name);
    if (!validate) {
      const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false, schemas: Object.values(this.getSchemas()) as object[] });
      addFormats(ajv);
      validate = ajv.compile(content?.schema ?? documented);
      compiled.set(name, validate);
    }
    if (!validate(payload === '' ? null : JSON.parse(payload))) throw new Error(`${name} is not as documented: ${JSON.stringify(validate.errors)}`);
    return payload;
  });
}
