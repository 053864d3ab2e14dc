import type { KeyRing } from './keyring.ts';

/** Who a customer is. Rests sealed in `customers.profile_sealed`, bound to the customer's id. */
export interface CustomerProfile {
  email: string;
  name: string | null;
  phone: string | null;
  company: string | null;
  locale: string | null;
}

/** A postal address, as it rests sealed in `customer_addresses.address_sealed`, bound to the address's id. */
export interface PostalAddress {
  name: string;
  company: string | null;
  line1: string;
  line2: string | null;
  city: string;
  region: string | null;
  postal_code: string | null;
  country: string;
  phone: string | null;
}

/** One spelling per mailbox: trimmed, Unicode-composed, lower case. Dots and tags stay, since they may matter. */
export function normaliseEmail(email: string): string {
  return email.trim().normalize('NFC').toLowerCase();
}

/** The blind index by which a tenant's customer is found by e-mail; other tenants get another index. */
export function emailIndex(keyRing: KeyRing, tenantId: string, email: string): string {
  return keyRing.blindIndex(normaliseEmail(email), tenantId);
}

export function sealProfile(keyRing: KeyRing, customerId: string, profile: CustomerProfile): string {
  return keyRing.seal(profile, customerId);
}

/** @throws {SealError} when the sealed text belongs to another customer or was changed */
export function openProfile(keyRing: KeyRing, customerId: string, sealed: string): CustomerProfile {
  return keyRing.open<CustomerProfile>(sealed, customerId);
}

/** Notes have a context of their own, so that they can't be put in a profile's place. */
export function sealNotes(keyRing: KeyRing, customerId: string, notes: string): string {
  return keyRing.seal(notes, `${customerId}/notes`);
}

/** @throws {SealError} when the sealed text belongs to another customer or was changed */
export function openNotes(keyRing: KeyRing, customerId: string, sealed: string): string {
  return keyRing.open<string>(sealed, `${customerId}/notes`);
}

export function sealAddress(keyRing: KeyRing, addressId: string, address: PostalAddress): string {
  return keyRing.seal(address, addressId);
}

/** @throws {SealError} when the sealed text belongs to another address or was changed */
export function openAddress(keyRing: KeyRing, addressId: string, sealed: string): PostalAddress {
  return keyRing.open<PostalAddress>(sealed, addressId);
}
