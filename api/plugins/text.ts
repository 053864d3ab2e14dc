import type { FastifyInstance } from 'fastify';
import { Problem, type FieldError } from '../problem.ts';

/** So that one request can't make us list thousands of mistakes. */
const mostErrors = 20;

/**
 * Postgres holds neither U+0000 nor half a surrogate pair, and a workflow would try for ever to write one. So text
 * with either is refused before anything is taken in.
 */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Pointers to all text in a value, names of members included, that could not be stored. */
export function unstorableText(value: unknown, pointer = ''): FieldError[] {
  const errors: FieldError[] = [];
  // A list of what is left instead of recursion: a body may be nested deeper than the stack.
  const left: [pointer: string, value: unknown][] = [[pointer, value]];
  while (left.length > 0 && errors.length < mostErrors) {
    const [at, found] = left.pop()!;
    if (typeof found === 'string') {
      if (!isStorableText(found)) errors.push({ pointer: at, detail: 'must not contain U+0000 or an unpaired surrogate' });
    } else if (typeof found === 'object' && found !== null && !Buffer.isBuffer(found)) {
      for (const [name, member] of Object.entries(found)) {
        if (isStorableText(name)) left.push([`${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, member]);
        else errors.push({ pointer: at, detail: 'has a member whose name contains U+0000 or an unpaired surrogate' });
      }
    }
  }
  return errors;
}

/** Refuses requests whose body, path or query has text that can't be stored. */
export function registerTextCheck(app: FastifyInstance): void {
  app.addHook('preHandler', async ({ body, params, query }) => {
    const inUrl = [...unstorableText(params), ...unstorableText(query)].map(({ pointer, detail }) => ({ pointer: `?${pointer.slice(1)}`, detail }));
    const errors = [...unstorableText(body), ...inUrl];
    if (errors.length > 0) throw new Problem('validation_failed', { detail: 'Some text can\'t be stored; see errors.', errors });
  });
}
