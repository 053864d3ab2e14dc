import { openAuthorization, type OrderState } from './state.ts';

/** What an order will do by itself, and when. At most one at a time is next. */
export interface Deadline {
  kind: 'expire' | 'authorization_lapse' | 'complete';
  at: string;
}

/** The next thing that happens to this order if nobody does anything; undefined = it waits for people only. */
export function nextDeadline(state: OrderState): Deadline | undefined {
  switch (state.status) {
    case 'draft':
    case 'pending':
      return state.expiresAt ? { kind: 'expire', at: state.expiresAt } : undefined;
    case 'confirmed':
    case 'processing':
    case 'on_hold': {
      const payment = openAuthorization(state);
      if (!payment?.captureBefore || state.lapseHandledFor === payment.id) return undefined;
      // Never before half of its time, nor within an hour: a margin longer than the authorisation itself, or a clock
      // that is behind, would renew it without end.
      const [from, until] = [Date.parse(payment.requestedAt), Date.parse(payment.captureBefore)];
      const at = Math.max(until - state.settings.lapseMarginSeconds * 1000, (from + until) / 2, from + 3_600_000);
      return { kind: 'authorization_lapse', at: new Date(at).toISOString() };
    }
    case 'delivered':
      return { kind: 'complete', at: plusSeconds(state.deliveredAt!, state.settings.returnWindowSeconds) };
    default:
      return undefined;
  }
}

/** ISO 8601 instant plus seconds. */
export function plusSeconds(instant: string, seconds: number): string {
  return new Date(Date.parse(instant) + seconds * 1000).toISOString();
}
