/**
 * Every scope that a key can carry and a route can ask for, with what it allows. The one list: keys are
 * checked against it when they are made, routes name entries of it.
 */
export const scopeDescriptions = {
  'orders:read': 'Read orders, their timeline, payments, shipments and refunds.',
  'orders:write': 'Place, confirm, cancel, hold, capture, ship and deliver orders.',
  'orders:price': 'Place orders whose lines carry their own unit_price.',
  'refunds:write': 'Refund captured money.',
  'products:read': 'Read products, variants and prices.',
  'products:write': 'Create, change, archive and import products, variants and prices.',
  'customers:read': 'Read customers: personal data.',
  'customers:write': 'Create, change and delete customers: personal data.',
  'locations:read': 'Read stock locations.',
  'locations:write': 'Create, change and delete stock locations.',
  'stock:read': 'Read stock levels and adjustments.',
  'stock:write': 'Adjust and import stock.',
  'connections:read': 'Read payment connections, without their secrets.',
  'connections:write': 'Create, change and delete payment connections and their secrets.',
  'api_keys:read': 'List API keys, without their secrets.',
  'api_keys:write': 'Create, rotate and revoke API keys.',
  'ledger:read': 'Read ledger balances and transactions.',
  'mails:read': 'Read which mails were sent, without addresses or text.',
  'webhook_events:read': 'Read the events that payment providers sent.',
  'webhook_events:write': 'Have an event applied once more.',
  'codec:decode': 'Read what Temporal stores in plain: the codec endpoint.',
  'operations:write': 'Resolve what waits for an operator, and repair.',
} as const;

export type Scope = keyof typeof scopeDescriptions;

export const scopes = Object.keys(scopeDescriptions) as Scope[];

/** A publishable key ends up in a browser, where everybody can read it: only what everybody may see. */
export const publishableScopes: readonly Scope[] = ['products:read'];

export function isScope(value: string): value is Scope {
  return Object.hasOwn(scopeDescriptions, value);
}
