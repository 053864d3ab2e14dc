import type { Database } from '../database.ts';
import type { Clock } from './clock.ts';
import type { EventLog } from './events.ts';
import type { CardDecline } from './payments/cards.ts';
import type { Store } from './store.ts';
import type { Timers } from './timers.ts';

/** What the sandbox consists of; one per server. */
export interface World {
  db: Database;
  store: Store;
  clock: Clock;
  events: EventLog;
  timers: Timers;
  /** Whether accounts may capture one authorisation several times. Off by default, as with Stripe. */
  multicapture: () => boolean;
  /** Where the sandbox listens, for links in answers. */
  baseUrl: () => string;
}

/** On whose behalf, and when (sandbox seconds), something happens. */
export interface Scope {
  world: World;
  account: string;
  now: number;
  /** What caused it; null for what time or a person caused. */
  request: { id: string | null; idempotency_key: string | null };
  /** A fault switch: the next charge is declined so, whatever the card. */
  forcedDecline?: CardDecline;
}
