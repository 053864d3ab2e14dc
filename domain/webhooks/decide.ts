import type { PaymentAttemptStatus } from '../order/status.ts';
import { disputeMoves, type DisputeState } from '../order/disputes.ts';
import type { Claim } from './stripe-claim.ts';

/** What our rows say about the payment that an event is about. */
export interface Recorded {
  status: PaymentAttemptStatus;
  providerRef: string | null;
  capturedAmount: number;
  /** What the order knows of disputes. */
  disputes: readonly DisputeState[];
  /** The status of the refund that the event is about, if there is a row for it. */
  refundStatus?: string;
}

/** What the owner of the payment has to look at. */
export type News = 'payment' | 'refund' | 'dispute_opened' | 'dispute_closed';

/**
 * Whether an event says anything that our rows don't: undefined = nothing new. Events come late, twice and out of
 * order, so only what goes forward is news, and the owner then asks the provider for the truth.
 */
export function newsIn(claim: Claim, recorded: Recorded): News | undefined {
  switch (claim.meaning) {
    case 'payment':
      return paymentMoved(claim, recorded) ? 'payment' : undefined;
    case 'refund':
      return refundMoved(claim, recorded) ? 'refund' : undefined;
    case 'dispute': {
      const open = !['won', 'lost', 'warning_closed', 'prevented'].includes(claim.status);
      if (!disputeMoves(recorded.disputes, { ...claim.dispute!, open })) return undefined;
      return open ? 'dispute_opened' : 'dispute_closed';
    }
  }
}

const waiting: readonly PaymentAttemptStatus[] = ['pending', 'requires_action', 'processing', 'unknown'];

function paymentMoved({ status, amountReceived }: Claim, recorded: Recorded): boolean {
  if (amountReceived > recorded.capturedAmount) return true;
  switch (status) {
    case 'requires_capture':
      // Declined, and the customer tried the same payment again with another card. Voided without ever having been seen:
      // given up as lost, and here it is.
      return waiting.includes(recorded.status) || recorded.status === 'declined' || (recorded.status === 'voided' && recorded.providerRef === null);
    case 'succeeded':
    case 'requires_payment_method':
      return waiting.includes(recorded.status);
    case 'canceled':
      return waiting.includes(recorded.status) || recorded.status === 'authorized';
    case 'requires_action':
    case 'processing':
      return waiting.includes(recorded.status) && recorded.status !== status;
    default:
      return false;
  }
}

function refundMoved({ status, refundId }: Claim, { refundStatus }: Recorded): boolean {
  const now = status === 'requires_action' ? 'pending' : status;
  if (refundStatus !== undefined) return refundStatus !== now && !(refundStatus !== 'pending' && now === 'pending');
  // What undoing a payment gave back is booked with the payment and has no row; only its failure is news.
  if (refundId?.startsWith('undo/')) return now === 'failed' || now === 'canceled';
  return now !== 'failed' && now !== 'canceled';
}
