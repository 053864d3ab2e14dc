import { DECLINE_REASONS } from '../stripe/payments/declines.ts';
import type { CardDecline } from '../stripe/payments/cards.ts';
import type { DeliveryPlan } from '../stripe/events.ts';

export const REQUEST_FAULTS = [
  'delay', 'error', 'rate_limit', 'reset', 'decline', 'error_after_effect', 'time_out_after_effect', 'reset_after_effect',
] as const;
export const WEBHOOK_FAULTS = ['webhook_delay', 'webhook_duplicate', 'webhook_reorder', 'webhook_drop', 'webhook_hold'] as const;

/** A switch, as it is given to `POST /_sandbox/faults`. */
export interface FaultSwitch {
  kind: (typeof REQUEST_FAULTS)[number] | (typeof WEBHOOK_FAULTS)[number];
  /** Regular expressions, all of which must fit; `type` is a webhook's event type. */
  match?: { method?: string; path?: string; body?: string; type?: string; account?: string };
  /** How many times it strikes; without it, until it is taken away. */
  count?: number;
  /** 0 to 1; with `seed`, the same sequence each time. */
  probability?: number;
  seed?: number;
  /** delay, webhook_delay, and the longest wait of webhook_reorder. */
  delay_ms?: number;
  /** error and error_after_effect. */
  status?: number;
  /** error: whether the 5xx is stored for the Idempotency-Key though nothing was done. */
  stored?: boolean;
  /** time_out_after_effect: closes the connection after this time; without it, never. */
  close_after_ms?: number;
  /** decline: the decline code. */
  decline_code?: string;
  /** webhook_duplicate: how often it is sent in all. */
  copies?: number;
}

/** What the switches do to one request. */
export interface RequestFault {
  delayMs: number;
  before?: 'error' | 'rate_limit' | 'reset';
  after?: 'error' | 'silence' | 'reset';
  status: number;
  stored: boolean;
  closeAfterMs?: number | undefined;
  decline?: CardDecline;
}

interface Armed {
  id: string;
  given: FaultSwitch;
  hits: number;
  left: number;
  random: () => number;
  patterns: Record<string, RegExp>;
}

/** A small seeded generator (mulberry32), so that a failing run can be repeated. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The fault switches. In memory: a restarted sandbox has none. */
export class Faults {
  #armed: Armed[] = [];
  #next = 1;

  /** Arms a switch. Throws RangeError for what makes no sense. */
  add(given: FaultSwitch): string {
    if (![...REQUEST_FAULTS, ...WEBHOOK_FAULTS].includes(given.kind)) {
      throw new RangeError(`kind must be one of ${[...REQUEST_FAULTS, ...WEBHOOK_FAULTS].join(', ')}`);
    }
    if (given.kind === 'decline' && !DECLINE_REASONS.includes(given.decline_code ?? 'generic_decline')) {
      throw new RangeError(`decline_code must be one of ${DECLINE_REASONS.join(', ')}`);
    }
    if (given.kind === 'delay' && !given.delay_ms) throw new RangeError('delay needs delay_ms');
    const patterns: Record<string, RegExp> = {};
    for (const [name, pattern] of Object.entries(given.match ?? {})) {
      try {
        patterns[name] = new RegExp(pattern, name === 'method' ? 'i' : '');
      } catch {
        throw new RangeError(`match.${name} is no regular expression`);
      }
    }
    const id = `flt_${this.#next++}`;
    this.#armed.push({
      id, given, hits: 0, left: given.count ?? Infinity, patterns,
      random: given.seed === undefined ? Math.random : seeded(given.seed),
    });
    return id;
  }

  /** Takes away one switch, or all. Answers how many. */
  remove(id?: string): number {
    const before = this.#armed.length;
    this.#armed = id === undefined ? [] : this.#armed.filter((one) => one.id !== id);
    return before - this.#armed.length;
  }

  /** The switches, with how often each has struck. */
  list(): unknown[] {
    return this.#armed.map(({ id, given, hits }) => ({ id, ...given, hits }));
  }

  /** What happens to this request; undefined nearly always. */
  forRequest(request: { method: string; path: string; body: unknown; account: string }): RequestFault | undefined {
    if (this.#armed.length === 0) return undefined;
    let body: string | undefined;
    const subject = {
      method: request.method,
      path: request.path,
      account: request.account,
      get body(): string {
        return (body ??= JSON.stringify(request.body));
      },
    };
    const struck = this.#strike(REQUEST_FAULTS, subject);
    if (struck.length === 0) return undefined;
    const fault: RequestFault = { delayMs: 0, status: 500, stored: false };
    for (const given of struck) combine(fault, given);
    return fault;
  }

  /** What happens to this delivery; undefined nearly always. */
  forDelivery(account: string, type: string): DeliveryPlan | undefined {
    if (this.#armed.length === 0) return undefined;
    const struck = this.#strike(WEBHOOK_FAULTS, { type, account });
    if (struck.length === 0) return undefined;
    const plan: DeliveryPlan = { copies: 1, state: 'pending', delayMs: 0, reorder: false };
    for (const given of struck) {
      if (given.kind === 'webhook_duplicate') plan.copies = given.copies ?? 2;
      else if (given.kind === 'webhook_drop') plan.state = 'dropped';
      else if (given.kind === 'webhook_hold') plan.state = 'held';
      else plan.delayMs += given.delay_ms ?? (given.kind === 'webhook_reorder' ? 2000 : 1000);
      if (given.kind === 'webhook_reorder') plan.reorder = true;
    }
    return plan;
  }

  #strike(kinds: readonly FaultSwitch['kind'][], subject: Record<string, string>): FaultSwitch[] {
    const struck: FaultSwitch[] = [];
    for (const one of this.#armed) {
      if (one.left <= 0 || !kinds.includes(one.given.kind)) continue;
      if (!Object.entries(one.patterns).every(([name, pattern]) => pattern.test(subject[name] ?? ''))) continue;
      if (one.given.probability !== undefined && one.random() >= one.given.probability) continue;
      one.left--;
      one.hits++;
      struck.push(one.given);
    }
    return struck;
  }
}

function combine(fault: RequestFault, given: FaultSwitch): void {
  switch (given.kind) {
    case 'delay':
      fault.delayMs += given.delay_ms ?? 0;
      break;
    case 'decline':
      fault.decline = { reason: given.decline_code ?? 'generic_decline' };
      break;
    case 'error':
    case 'rate_limit':
    case 'reset':
      fault.before = given.kind;
      fault.status = given.status ?? 500;
      fault.stored = given.stored ?? false;
      break;
    case 'error_after_effect':
      fault.after = 'error';
      fault.status = given.status ?? 500;
      break;
    case 'time_out_after_effect':
      fault.after = 'silence';
      fault.closeAfterMs = given.close_after_ms;
      break;
    case 'reset_after_effect':
      fault.after = 'reset';
      break;
    default:
  }
}
