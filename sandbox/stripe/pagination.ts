import type { SQLInputValue } from 'node:sqlite';
import { invalidParam } from './errors.ts';
import { integer, type ParamSpec } from './params.ts';
import type { Link } from './store.ts';
import type { Base, Hash } from './types.ts';
import type { Scope } from './world.ts';

/** The parameters that every list takes. */
export const LIST_PARAMS = {
  limit: 'integer',
  starting_after: 'string',
  ending_before: 'string',
  created: 'any',
} satisfies ParamSpec;

export interface ListParams {
  limit?: number | undefined;
  starting_after?: string | null | undefined;
  ending_before?: string | null | undefined;
  created?: unknown;
}

export interface Page<T> {
  object: 'list';
  data: T[];
  has_more: boolean;
  url: string;
}

export interface Filter {
  links?: Partial<Record<Link, string | null | undefined>>;
  /** A further SQL condition with its values. */
  where?: [sql: string, ...values: SQLInputValue[]];
}

const COMPARISONS: Record<string, string> = { gt: '>', gte: '>=', lt: '<', lte: '<=' };

/** A page of the account's objects of one type, newest first, with Stripe's cursors. */
export function list<T extends Base>(
  scope: Scope, type: T['object'], url: string, params: ListParams, filter: Filter = {},
): Page<T> {
  const limit = params.limit ?? 10;
  if (limit < 1 || limit > 100) {
    throw invalidParam(
      limit < 1 ? 'This value must be greater than or equal to 1.' : 'This value must be less than or equal to 100.',
      'limit', 'parameter_invalid_integer',
    );
  }
  const conditions = ['account = ?', 'type = ?'];
  const values: SQLInputValue[] = [scope.account, type];
  for (const [link, id] of Object.entries(filter.links ?? {})) {
    if (typeof id !== 'string') continue;
    conditions.push(`${link} = ?`);
    values.push(id);
  }
  if (filter.where) {
    conditions.push(filter.where[0]);
    values.push(...(filter.where.slice(1) as SQLInputValue[]));
  }
  for (const [comparison, at] of createdBounds(params.created)) {
    conditions.push(`created ${comparison} ?`);
    values.push(at);
  }
  const backwards = typeof params.ending_before === 'string';
  const cursor = params.ending_before ?? params.starting_after;
  if (cursor) {
    const row = scope.world.db.get(
      'SELECT created, seq FROM objects WHERE id = ? AND account = ? AND type = ?', cursor, scope.account, type,
    );
    if (!row) {
      throw invalidParam(
        `No such ${type}: '${cursor}'`, backwards ? 'ending_before' : 'starting_after', 'resource_missing',
      );
    }
    conditions.push(`(created, seq) ${backwards ? '>' : '<'} (?, ?)`);
    values.push(row.created as number, row.seq as number);
  }
  const order = backwards ? 'ASC' : 'DESC';
  const rows = scope.world.db.all(
    `SELECT body FROM objects WHERE ${conditions.join(' AND ')} ORDER BY created ${order}, seq ${order} LIMIT ?`,
    ...values, limit + 1,
  );
  const data = rows.slice(0, limit).map((row) => JSON.parse(row.body as string) as T);
  if (backwards) data.reverse();
  return { object: 'list', data, has_more: rows.length > limit, url };
}

function createdBounds(created: unknown): [string, number][] {
  if (created === undefined) return [];
  if (typeof created === 'string') return [['=', integer('created', created)]];
  return Object.entries(created as Hash).map(([name, at]) => {
    const comparison = COMPARISONS[name];
    if (!comparison) throw invalidParam(`Received unknown parameter: created[${name}]`, 'created', 'parameter_unknown');
    return [comparison, integer(`created[${name}]`, at)];
  });
}
