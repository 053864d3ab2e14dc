import { SerializerSelector } from '@fastify/fast-json-stringify-compiler';
import { ProblemSchema } from '../schemas/common.ts';

const standard = SerializerSelector();
const problemReference = `${(ProblemSchema as { $id?: string }).$id}#`;

/**
 * Compiles serialisers as Fastify does, but none for problems: they are written by JSON.stringify anyway, and
 * every route documents eight or so of them, which made up most of the time that the API took to start.
 */
export function buildSerializer(...[externalSchemas, options]: Parameters<typeof standard>): ReturnType<typeof standard> {
  const compile = standard(externalSchemas, options);
  return (route) => {
    const { $ref } = (route.schema ?? {}) as { $ref?: string };
    return $ref === problemReference ? JSON.stringify : compile(route);
  };
}
