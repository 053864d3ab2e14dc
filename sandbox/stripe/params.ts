import { invalidParam, missingParam } from './errors.ts';
import type { Address, BillingDetails, Hash, Metadata } from './types.ts';

/**
 * What a route takes: a kind for each parameter, with `!` when it must be there. A list of words is an
 * enumeration. Unknown parameters are refused, as by Stripe, so that a misspelt one is noticed here.
 */
export type Kind =
  | 'string' | 'string!' | 'integer' | 'integer!' | 'boolean' | 'hash' | 'list' | 'list!' | 'metadata' | 'any'
  | readonly string[];
export type ParamSpec = Record<string, Kind>;

type ValueOf<K> =
  K extends 'string!' ? string : K extends 'integer!' ? number : K extends 'list!' ? string[]
  : K extends 'string' ? string | null | undefined : K extends 'integer' ? number | undefined
  : K extends 'boolean' ? boolean | undefined : K extends 'hash' ? Hash | null | undefined
  : K extends 'list' ? string[] | undefined : K extends 'metadata' ? Hash | '' | undefined
  : K extends readonly string[] ? K[number] | undefined : unknown;

export type ParamsOf<S extends ParamSpec> = { [K in keyof S]: ValueOf<S[K]> };

/** Coerces and checks a request's parameters. Throws `invalid_request_error` as Stripe words it. */
export function readParams<S extends ParamSpec>(spec: S, raw: Hash): ParamsOf<S> {
  const read: Hash = {};
  for (const name in raw) {
    if (name === 'expand') continue;
    const kind = spec[name];
    if (kind === undefined) {
      throw invalidParam(`Received unknown parameter: ${name}`, name, 'parameter_unknown');
    }
    read[name] = coerce(name, kind, raw[name]);
  }
  for (const name in spec) {
    const kind = spec[name];
    if (typeof kind === 'string' && kind.endsWith('!') && (read[name] === undefined || read[name] === null)) {
      throw missingParam(name);
    }
  }
  return read as ParamsOf<S>;
}

function coerce(name: string, kind: Kind, value: unknown): unknown {
  if (typeof kind !== 'string') {
    if (value === '') return undefined;
    if (!kind.includes(String(value))) {
      throw invalidParam(`Invalid ${name}: must be one of ${kind.join(', ')}`, name);
    }
    return value;
  }
  switch (kind) {
    case 'integer':
    case 'integer!':
      return integer(name, value);
    case 'string':
    case 'string!':
      return string(name, value, kind === 'string!');
    case 'boolean':
      return boolean(name, value);
    case 'list':
    case 'list!':
      return list(name, value);
    case 'hash':
      if (value === '') return null;
      if (typeof value !== 'object') throw invalidParam(`Invalid object`, name);
      return value;
    case 'metadata':
      if (value !== '' && typeof value !== 'object') throw invalidParam('Invalid hash', name);
      return value;
    default:
      return value;
  }
}

/** A whole number, or `parameter_invalid_integer`. */
export function integer(name: string, value: unknown): number {
  if (typeof value !== 'string' || !/^-?\d{1,15}$/.test(value)) {
    throw invalidParam(`Invalid integer: ${String(value)}`, name, 'parameter_invalid_integer');
  }
  return Number(value);
}

function string(name: string, value: unknown, required: boolean): string | null {
  if (typeof value !== 'string') throw invalidParam('Invalid string', name);
  if (value !== '') return value;
  if (required) {
    throw invalidParam(
      `You passed an empty string for '${name}'. We assume empty values are an attempt to unset a parameter; however '${name}' cannot be unset. You should remove '${name}' from your request or supply a non-empty value.`,
      name,
      'parameter_invalid_empty',
    );
  }
  return null;
}

/** `true` or `false`. */
export function boolean(name: string, value: unknown): boolean {
  if (value !== 'true' && value !== 'false') throw invalidParam(`Invalid boolean: ${String(value)}`, name);
  return value === 'true';
}

/** An array of strings; brackets without numbers, with numbers, and more than the parser takes for an array. */
export function list(name: string, value: unknown): string[] {
  const items = Array.isArray(value) ? value : typeof value === 'object' && value ? Object.values(value) : value === '' ? [] : null;
  if (!items?.every((item) => typeof item === 'string')) throw invalidParam('Invalid array', name);
  return items as string[];
}

/**
 * Merges metadata as Stripe does: keys are added or replaced, an empty value deletes one, an empty
 * string in place of the hash deletes all. At most 50 keys, of 40 characters, with values of 500.
 */
export function mergeMetadata(current: Metadata, given: Hash | '' | undefined): Metadata {
  if (given === undefined) return current;
  if (given === '') return {};
  const merged = { ...current };
  for (const [key, value] of Object.entries(given)) {
    if (value === '' || value === null) {
      delete merged[key];
      continue;
    }
    if (typeof value !== 'string') throw invalidParam('Metadata values must be strings.', `metadata[${key}]`);
    if (key.length > 40) {
      throw invalidParam(`Metadata keys can be at most 40 characters; you passed ${key.length}.`, 'metadata');
    }
    if (value.length > 500) {
      throw invalidParam(
        `Metadata values can have up to 500 characters, but you passed in a value that is ${value.length} characters. Invalid value: ${value.slice(0, 40)}…`,
        `metadata[${key}]`,
      );
    }
    merged[key] = value;
  }
  if (Object.keys(merged).length > 50) throw invalidParam('You can have at most 50 metadata keys.', 'metadata');
  return merged;
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** An address with every member there, null when not given. */
export function toAddress(given: unknown): Address {
  const hash = (typeof given === 'object' && given ? given : {}) as Hash;
  return {
    city: text(hash.city),
    country: text(hash.country),
    line1: text(hash.line1),
    line2: text(hash.line2),
    postal_code: text(hash.postal_code),
    state: text(hash.state),
  };
}

/** Billing details with every member there; what is not given stays as it was. */
export function toBillingDetails(given: unknown, current?: BillingDetails): BillingDetails {
  const hash = (typeof given === 'object' && given ? given : {}) as Hash;
  const pick = (name: 'email' | 'name' | 'phone' | 'tax_id'): string | null =>
    hash[name] === undefined ? (current?.[name] ?? null) : text(hash[name]);
  return {
    address: hash.address === undefined && current ? current.address : toAddress(hash.address),
    email: pick('email'),
    name: pick('name'),
    phone: pick('phone'),
    tax_id: pick('tax_id'),
  };
}

/** A shipping hash, as kept on customers, intents and charges. */
export function toShipping(given: Hash | null | undefined): Hash | null {
  if (!given) return null;
  return {
    address: toAddress(given.address),
    carrier: text(given.carrier),
    name: text(given.name),
    phone: text(given.phone),
    tracking_number: text(given.tracking_number),
  };
}
