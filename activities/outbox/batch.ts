import { backoffMs, isGivenUp } from '#domain/mail/backoff.ts';
import { messageIdOf } from '#domain/mail/message-id.ts';
import type { SendOutcome } from '#activities/email/mailer.ts';
import type { ClaimedRow } from './claim.ts';
import type { OutboxDependencies } from './create.ts';
import { Lease } from './lease.ts';
import { prepareMails, type Prepared } from './load.ts';
import { OutcomeRecorder, type RowOutcome } from './record.ts';

/** What became of a batch. */
export interface BatchResult {
  claimed: number;
  sent: number;
  deferred: number;
  failed: number;
  /** Sent mails that may have reached their reader before. */
  duplicates: number;
  /** The mail server itself could not take mail; the rows after that were given back untouched. */
  serverAway: boolean;
  /** The mail server took a mail, or said something about one. */
  serverAnswered: boolean;
}

/**
 * Takes due rows, sends them and records what became of each. An exception means that something outside SMTP
 * broke; rows without a recorded outcome are taken again after their lease, and then flagged.
 * @param stop once aborted, no further mail is begun; those under way are finished and recorded
 */
export async function dispatchBatch(deps: OutboxDependencies, atMost: number, stop: AbortSignal): Promise<BatchResult> {
  const lease = await Lease.take(deps, atMost);
  if (!lease) return nothing;
  try {
    return await dispatchRows(deps, lease, stop);
  } finally {
    await lease.end();
  }
}

const nothing: BatchResult = { claimed: 0, sent: 0, deferred: 0, failed: 0, duplicates: 0, serverAway: false, serverAnswered: false };

async function dispatchRows(deps: OutboxDependencies, lease: Lease, stop: AbortSignal): Promise<BatchResult> {
  const clock = deps.clock ?? (() => new Date());
  const { rows } = lease;
  const result = { ...nothing, claimed: rows.length };
  const recorder = new OutcomeRecorder(deps.database, (ids) =>
    deps.logger.warn({ outbox_ids: ids }, 'Mails whose lease had ended before their outcome was recorded'),
  );
  const prepared = await prepareMails(deps.database, deps.keyRing, rows).catch(async (error: unknown) => {
    // Nothing was sent yet: given back now, these rows need not be flagged as possible duplicates later.
    for (const row of rows) recorder.add(row, givenBack(row, clock()));
    await recorder.settle();
    throw error;
  });
  const failures: unknown[] = [];
  const queue = rows.values();

  async function lane(): Promise<void> {
    for (const row of queue) {
      if (stop.aborted || !lease.holds(row) || result.serverAway) {
        recorder.add(row, givenBack(row, clock()));
        continue;
      }
      try {
        const ready = prepared.get(row.id)!;
        const outcome = await deliver(deps, row, ready);
        if ('mail' in ready) {
          const away = outcome.outcome === 'deferred' && outcome.kind === 'server';
          result.serverAway ||= away;
          result.serverAnswered ||= !away;
        }
        const record = toRecord(deps, row, outcome, clock());
        recorder.add(row, record);
        count(result, record);
        if (record.status !== 'sent') report(deps, row, record);
      } catch (error) {
        failures.push(error);
      }
    }
  }

  await Promise.all(Array.from({ length: Math.min(deps.mailer.concurrency, rows.length) }, lane));
  await recorder.settle();
  if (failures.length > 0) throw failures[0];
  return result;
}

async function deliver(deps: OutboxDependencies, row: ClaimedRow, prepared: Prepared): Promise<SendOutcome> {
  if ('fault' in prepared) return { outcome: 'deferred', reason: prepared.fault, kind: 'fault', mayHaveArrived: false };
  if ('noRecipient' in prepared) return { outcome: 'rejected', reason: 'no_recipient' };
  const { mail, to, senderName, replyTo } = prepared;
  return deps.mailer.send({
    ...mail,
    to,
    senderName,
    replyTo,
    messageId: messageIdFor(deps, row),
    outboxId: row.id,
    possibleDuplicate: row.possible_duplicate,
  });
}

/** The first attempt's Message-ID stays, even if the sender's domain is configured anew in between. */
function messageIdFor(deps: OutboxDependencies, row: ClaimedRow): string {
  return row.message_id ?? messageIdOf(row.dedupe_key, deps.mailer.senderDomain);
}

function toRecord(deps: OutboxDependencies, row: ClaimedRow, outcome: SendOutcome, now: Date): RowOutcome {
  const base = {
    attempts: row.attempts,
    nextAttemptAt: null,
    messageId: messageIdFor(deps, row),
    possibleDuplicate: row.possible_duplicate,
    sentAt: null,
  };
  if (outcome.outcome === 'accepted') return { ...base, status: 'sent', reason: null, sentAt: now };
  if (outcome.outcome === 'rejected') return { ...base, status: 'failed', reason: outcome.reason };
  const possibleDuplicate = row.possible_duplicate || outcome.mayHaveArrived;
  if (isGivenUp(outcome.kind, row.created_at, now)) {
    return { ...base, status: 'failed', reason: `given_up_${outcome.reason}`, possibleDuplicate };
  }
  const wait = backoffMs(row.attempts, outcome.kind, Math.random());
  return { ...base, status: 'pending', reason: outcome.reason, possibleDuplicate, nextAttemptAt: new Date(now.getTime() + wait) };
}

/** As if it had not been taken. */
function givenBack(row: ClaimedRow, now: Date): RowOutcome {
  return {
    status: 'pending',
    attempts: row.attempts - 1,
    nextAttemptAt: now,
    messageId: null,
    possibleDuplicate: row.possible_duplicate,
    reason: null,
    sentAt: null,
  };
}

function count(result: BatchResult, record: RowOutcome): void {
  if (record.status === 'sent') {
    result.sent += 1;
    if (record.possibleDuplicate) result.duplicates += 1;
  } else if (record.status === 'pending') result.deferred += 1;
  else result.failed += 1;
}

/** Ids and codes only: neither an address nor a server's words. */
function report(deps: OutboxDependencies, row: ClaimedRow, record: RowOutcome): void {
  const facts = { outbox_id: row.id, template: row.template, subject_id: row.subject_id, attempts: row.attempts, reason: record.reason };
  if (record.status === 'failed') deps.logger.error(facts, 'A mail was refused for good');
  else deps.logger.warn(facts, 'A mail is put off');
}
