import type { KeyRing } from './keyring.ts';

/** What signs a tenant in at Stripe. Rests in `payment_gateway_connections.credentials_sealed`. */
export interface StripeCredentials {
  secret_key: string;
}

/** Bound to the connection's id, as the webhook secrets are: neither opens in another connection's row. */
export function sealCredentials(keyRing: KeyRing, connectionId: string, credentials: StripeCredentials): string {
  return keyRing.seal(credentials, `${connectionId}/credentials`);
}

/** @throws {SealError} when the sealed text belongs to another connection or was changed */
export function openCredentials(keyRing: KeyRing, connectionId: string, sealed: string): StripeCredentials {
  return keyRing.open<StripeCredentials>(sealed, `${connectionId}/credentials`);
}

/** Several secrets while one is being rotated: a signature by any of them is good. The newest comes first. */
export function sealWebhookSecrets(keyRing: KeyRing, connectionId: string, secrets: readonly string[]): string {
  return keyRing.seal(secrets, `${connectionId}/webhook-secrets`);
}

/** @throws {SealError} when the sealed text belongs to another connection or was changed */
export function openWebhookSecrets(keyRing: KeyRing, connectionId: string, sealed: string | null): string[] {
  return sealed === null ? [] : keyRing.open<string[]>(sealed, `${connectionId}/webhook-secrets`);
}
