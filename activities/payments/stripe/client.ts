import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import Stripe from 'stripe';

/** What all connections to Stripe share. */
export interface StripeSettings {
  /** A Stripe-compatible server instead of api.stripe.com, e.g. `http://127.0.0.1:12111`. */
  apiUrl?: string;
  /** How long one call may take, milliseconds. */
  timeoutMs: number;
  /** Where customers come back to after 3-D Secure; none = the page itself finishes it with the client secret. */
  returnUrl?: string;
}

/** The version that the official client's types describe; pinned, so that an account's default can't change answers. */
export const stripeApiVersion = '2026-10-28.endive';

// Connections are kept: a TLS handshake costs more than most answers.
const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };

/** The official client, without retries of its own: Temporal retries, with our key. */
export function createStripeClient(secretKey: string, settings: StripeSettings): Stripe {
  const url = settings.apiUrl ? new URL(settings.apiUrl) : undefined;
  const protocol = url?.protocol === 'http:' ? 'http' : 'https';
  return new Stripe(secretKey, {
    apiVersion: stripeApiVersion,
    maxNetworkRetries: 0,
    timeout: settings.timeoutMs,
    telemetry: false,
    httpAgent: agents[protocol],
    ...(url ? { protocol, host: url.hostname, port: url.port || (protocol === 'http' ? 80 : 443) } : {}),
  });
}
