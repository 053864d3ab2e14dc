/** A JSON schema, loosely. */
export interface Schema {
  [key: string]: unknown;
}

const REF = '#/components/schemas/';

/**
 * Turns OpenAPI 3.0 into JSON schema: `nullable` becomes a type, documentation goes, and members that the
 * specification does not know are refused, so that a misspelt one is found.
 * @param shallow which referenced schemas are replaced by "an object with an id"; keeps the graph small
 */
export function toJsonSchema(schema: Schema, shallow: (name: string) => boolean): Schema {
  if (typeof schema.$ref === 'string') {
    return shallow(schema.$ref.slice(REF.length)) ? { type: 'object', required: ['id', 'object'] } : { $ref: schema.$ref };
  }
  const result: Schema = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties') {
      result.properties = mapValues(value as Record<string, Schema>, (one) => toJsonSchema(one, shallow));
    } else if (key === 'items' || (key === 'additionalProperties' && typeof value === 'object')) {
      result[key] = toJsonSchema(value as Schema, shallow);
    } else if (key === 'anyOf' || key === 'oneOf') {
      // Alternatives are told apart by their `object`; more than one may fit an empty one.
      result.anyOf = (value as Schema[]).map((one) => toJsonSchema(one, shallow));
    } else if (['type', 'enum', 'required', 'maxLength', 'pattern', 'additionalProperties'].includes(key)) {
      result[key] = value;
    }
  }
  if (result.properties && result.additionalProperties === undefined) result.additionalProperties = false;
  if (schema.nullable === true) return { anyOf: [result, { type: 'null' }] };
  return result;
}

const mapValues = (given: Record<string, Schema>, map: (one: Schema) => Schema): Record<string, Schema> =>
  Object.fromEntries(Object.entries(given).map(([key, value]) => [key, map(value)]));
