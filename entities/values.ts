import { sql, type RawBuilder } from 'kysely';

/** A value for a jsonb column: handed over as it is, pg would make a Postgres array of an array. */
export function jsonb(value: unknown): RawBuilder<Record<string, unknown>> {
  return sql`${JSON.stringify(value)}::jsonb`;
}

/** ISO 8601 text, as workflows carry instants, for a timestamptz column. */
export function timestamp(instant: string): Date;
export function timestamp(instant: string | undefined | null): Date | null;
export function timestamp(instant: string | undefined | null): Date | null {
  return instant ? new Date(instant) : null;
}
