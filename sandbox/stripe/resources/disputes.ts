import { invalidParam, invalidState } from '../errors.ts';
import { updateAndEmit } from '../events.ts';
import { list, LIST_PARAMS } from '../pagination.ts';
import { mergeMetadata } from '../params.ts';
import { closeDispute } from '../payments/dispute.ts';
import { route } from '../route.ts';
import type { Dispute } from '../types.ts';
import type { Scope } from '../world.ts';

/** What `uncategorized_text` makes of a test dispute once it is submitted (docs.stripe.com/testing). */
const VERDICTS: Record<string, 'won' | 'lost'> = { winning_evidence: 'won', losing_evidence: 'lost' };

function getOpen(scope: Scope, id: string): Dispute {
  const dispute = scope.world.store.get<Dispute>(scope.account, 'dispute', id, 'id');
  if (!dispute.status.endsWith('needs_response')) {
    throw invalidState(undefined, `This dispute is already ${dispute.status} and can no longer be changed.`);
  }
  return dispute;
}

export const disputes = [
  route({
    method: 'GET',
    path: '/disputes',
    params: { ...LIST_PARAMS, charge: 'string', payment_intent: 'string' },
    handle: (call) =>
      list<Dispute>(call, 'dispute', '/v1/disputes', call.params, {
        links: { charge: call.params.charge, payment_intent: call.params.payment_intent },
      }),
  }),
  route({
    method: 'GET',
    path: '/disputes/:id',
    params: {},
    handle: (call) => call.world.store.get<Dispute>(call.account, 'dispute', call.path.id as string, 'id'),
  }),
  route({
    method: 'POST',
    path: '/disputes/:id',
    params: { evidence: 'hash', metadata: 'metadata', submit: 'boolean' },
    handle: (call) => {
      const before = getOpen(call, call.path.id as string);
      const { evidence, metadata } = call.params;
      for (const name of Object.keys(evidence ?? {})) {
        if (!(name in before.evidence)) {
          throw invalidParam(`Received unknown parameter: evidence[${name}]`, `evidence[${name}]`, 'parameter_unknown');
        }
      }
      const submitted = call.params.submit ?? evidence !== undefined;
      const inquiry = before.status === 'warning_needs_response';
      const after: Dispute = {
        ...before,
        evidence: { ...before.evidence, ...evidence },
        evidence_details: {
          ...before.evidence_details,
          has_evidence: before.evidence_details.has_evidence || evidence !== undefined,
          submission_count: before.evidence_details.submission_count + (submitted ? 1 : 0),
        },
        metadata: mergeMetadata(before.metadata, metadata),
        ...(submitted && { status: inquiry ? 'warning_under_review' : 'under_review' }),
      };
      updateAndEmit(call, 'charge.dispute.updated', before, after);
      const verdict = submitted ? VERDICTS[String(after.evidence.uncategorized_text)] : undefined;
      if (!verdict) return after;
      return closeDispute(call, after, inquiry ? 'warning_closed' : verdict);
    },
  }),
  route({
    method: 'POST',
    path: '/disputes/:id/close',
    params: {},
    handle: (call) => closeDispute(call, getOpen(call, call.path.id as string), 'lost'),
  }),
];
