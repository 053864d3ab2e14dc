import { fromUUID, typeid, TypeID } from 'typeid-js';

/** What each TypeID prefix names. One table, so that a prefix never means two things. */
export const idPrefixes = {
  tenant: 'ten',
  apiKey: 'key',
  connection: 'con',
  product: 'prd',
  variant: 'var',
  price: 'price',
  customer: 'cus',
  address: 'addr',
  paymentMethod: 'pm',
  location: 'loc',
  stockAdjustment: 'adj',
  order: 'ord',
  orderLine: 'oli',
  payment: 'pay',
  shipment: 'shp',
  refund: 'ref',
  event: 'evt',
  ledgerTransaction: 'ltx',
  webhookEvent: 'whe',
  mail: 'mail',
  request: 'req',
  command: 'cmd',
} as const;

export type IdKind = keyof typeof idPrefixes;

/** A new TypeID (`ord_01h…`): sortable by creation time, safe in a URL. Not for workflow code: see {@link idFromUuid}. */
export function newId(kind: IdKind): string {
  return typeid(idPrefixes[kind]).toString();
}

/**
 * The TypeID of a given UUID. Workflows take the UUID from `uuid4()` of `@temporalio/workflow`,
 * which replays to the same value; `newId` would not.
 */
export function idFromUuid(kind: IdKind, uuid: string): string {
  return fromUUID(uuid, idPrefixes[kind]).toString();
}

/** True when `value` is a well-formed TypeID of that kind. */
export function isId(kind: IdKind, value: string): boolean {
  try {
    return TypeID.fromString(value).getType() === idPrefixes[kind];
  } catch {
    return false;
  }
}

/** A JSON-schema pattern for ids of that kind: 26 characters of Crockford's base 32 after the prefix. */
export function idPattern(kind: IdKind): string {
  return `^${idPrefixes[kind]}_[0-7][0-9a-hjkmnp-tv-z]{25}$`;
}
