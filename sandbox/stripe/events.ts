import type { Database } from '../database.ts';
import { newId } from './ids.ts';
import type { Store } from './store.ts';
import type { Base, Hash, StripeEvent, WebhookEndpoint } from './types.ts';
import type { Scope } from './world.ts';

/** The version that `stripe@23.1.0` pins; events and answers are of this version. */
export const API_VERSION = '2026-10-28.endive';

/** What a webhook fault switch does to one delivery. */
export interface DeliveryPlan {
  copies: number;
  state: 'pending' | 'held' | 'dropped';
  delayMs: number;
  /** Let a later event overtake this one. */
  reorder: boolean;
}
export type DeliveryPlanner = (account: string, eventType: string) => DeliveryPlan | undefined;

interface Subscriber {
  id: string;
  all: boolean;
  types: Set<string>;
}

/** Writes events, and with each, in the same transaction, what has to be delivered. */
export class EventLog {
  readonly #db: Database;
  readonly #store: Store;
  readonly #subscribers = new Map<string, Subscriber[]>();
  /** Set by the control part: the webhook fault switches. */
  plan: DeliveryPlanner = () => undefined;
  /** Deliveries that are to be overtaken, in memory only: after a restart they are merely late. */
  readonly reordered = new Map<number, string>();

  constructor(db: Database, store: Store) {
    this.#db = db;
    this.#store = store;
  }

  /** Told when endpoints change, so that others can forget what they know of them. */
  onEndpointsChanged: () => void = () => {};

  /** To be called when an account's endpoints change. */
  endpointsChanged(account?: string): void {
    this.onEndpointsChanged();
    if (account) this.#subscribers.delete(account);
    else this.#subscribers.clear();
  }

  /** Records that something happened to an object, and queues it for the endpoints that want its type. */
  emit(scope: Scope, type: string, object: Base, previous?: Hash): void {
    const endpoints = this.#subscribersOf(scope.account).filter((one) => one.all || one.types.has(type));
    const event: StripeEvent = {
      id: newId('evt'),
      object: 'event',
      api_version: API_VERSION,
      created: scope.now,
      data: previous ? { object, previous_attributes: previous } : { object },
      livemode: false,
      pending_webhooks: endpoints.length,
      request: scope.request,
      type,
    };
    this.#store.insert(scope.account, event);
    for (const endpoint of endpoints) this.#queue(scope.account, event, endpoint.id);
  }

  #queue(account: string, event: StripeEvent, endpoint: string): void {
    const plan = this.plan(account, event.type);
    for (let copy = 0; copy < (plan?.copies ?? 1); copy++) {
      const { lastId } = this.#db.run(
        'INSERT INTO deliveries (account, event, endpoint, state, next_attempt_ms) VALUES (?, ?, ?, ?, ?)',
        account, event.id, endpoint, plan?.state ?? 'pending', Date.now() + (plan?.delayMs ?? 0),
      );
      if (plan?.reorder) this.reordered.set(lastId, endpoint);
    }
  }

  #subscribersOf(account: string): Subscriber[] {
    let subscribers = this.#subscribers.get(account);
    if (!subscribers) {
      subscribers = this.#db
        .all(`SELECT body FROM objects WHERE account = ? AND type = 'webhook_endpoint' ORDER BY seq`, account)
        .map((row) => JSON.parse(row.body as string) as WebhookEndpoint)
        .filter((endpoint) => endpoint.status === 'enabled')
        .map((endpoint) => ({
          id: endpoint.id,
          all: endpoint.enabled_events.includes('*'),
          types: new Set(endpoint.enabled_events),
        }));
      this.#subscribers.set(account, subscribers);
    }
    return subscribers;
  }
}

/** Saves a changed object and tells of it, with what its changed top-level members were before. */
export function updateAndEmit<T extends Base>(scope: Scope, type: string, before: T, after: T): T {
  const previous: Hash = {};
  for (const key of Object.keys(after) as (keyof T & string)[]) {
    if (JSON.stringify(before[key]) !== JSON.stringify(after[key])) previous[key] = before[key];
  }
  scope.world.store.update(after);
  scope.world.events.emit(scope, type, after, previous);
  return after;
}
