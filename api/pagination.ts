import { Type, type Static, type TSchema } from 'typebox';
import { Problem } from './problem.ts';

/** The query of every list: `limit` and the cursor. Spread it into a route's own filters. */
export const pageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'How many at most.' })),
  starting_after: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: 'The `next_cursor` of the page before: the list continues after it.' }),
  ),
};

export interface PageQuery {
  limit?: number;
  starting_after?: string;
}

/** The answer of every list. */
export function pageOf<T extends TSchema>(item: T) {
  return Type.Object({
    data: Type.Array(item),
    has_more: Type.Boolean({ description: 'There are more after these.' }),
    next_cursor: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'Give it as starting_after for the next page.' } as unknown as TSchema),
  });
}

export type Page<T> = { data: T[]; has_more: boolean; next_cursor: string | null };

/** Rows to read for one page: one more than asked for, which tells whether there are more. */
export const rowsToRead = (query: PageQuery) => (query.limit ?? 20) + 1;

/** Cuts the extra row off and names the cursor, by default the last item's id. */
export function toPage<T>(rows: T[], query: PageQuery, cursor: (item: T) => string = (item) => (item as { id: string }).id): Page<T> {
  const limit = query.limit ?? 20;
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { data, has_more: more, next_cursor: more ? cursor(last) : null };
}

/** @throws {Problem} validation_failed for a cursor that this API didn't give out */
export function checkCursor(query: PageQuery, isCursor: (value: string) => boolean): string | undefined {
  const { starting_after: cursor } = query;
  if (cursor !== undefined && !isCursor(cursor)) {
    throw new Problem('validation_failed', {
      detail: 'starting_after is not a cursor of this list.',
      errors: [{ pointer: '?starting_after', detail: 'must be the next_cursor of a page before' }],
    });
  }
  return cursor;
}

export type PageOf<T extends TSchema> = Page<Static<T>>;
