import { createHmac } from 'node:crypto';

/**
 * A `Stripe-Signature` header: HMAC-SHA256 in hex over `<t>.<body>`.
 * @param at unix seconds of real time, since the receiver compares them with its own clock
 */
export function signatureHeader(body: string, secret: string, at: number): string {
  const signature = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
  return `t=${at},v1=${signature}`;
}
