import { sql as raw } from 'kysely';
import type { Sql } from '#entities/unit-of-work.ts';
import type { MailBody } from './schemas.ts';

export interface MailFilters {
  status?: MailBody['status'];
  subject_id?: string;
  template?: string;
}

/** Newest first; up to `limit` mails after the one numbered `after`. Neither addresses nor text are kept in these rows. */
export async function listMails(db: Sql, filters: MailFilters, after: number | undefined, limit: number): Promise<MailBody[]> {
  const { status, subject_id, template } = filters;
  const rows = await db
    .selectFrom('outbox')
    .select([
      'id', 'template', 'subject_id', 'status', 'attempts', 'possible_duplicate', 'message_id', 'last_error', 'next_attempt_at', 'created_at', 'sent_at',
    ])
    .where('kind', '=', 'mail')
    // Literal, so that the plan kept for a prepared statement may use the index of failed mails.
    .$if(status !== undefined, (query) => query.where('status', '=', raw.lit(status!)))
    .$if(subject_id !== undefined, (query) => query.where('subject_id', '=', subject_id!))
    .$if(template !== undefined, (query) => query.where('template', '=', template!))
    .$if(after !== undefined, (query) => query.where('id', '<', after!))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    ...row,
    id: String(row.id),
    status: row.status as MailBody['status'],
    next_attempt_at: row.next_attempt_at.toISOString(),
    created_at: row.created_at.toISOString(),
    sent_at: row.sent_at?.toISOString() ?? null,
  }));
}
