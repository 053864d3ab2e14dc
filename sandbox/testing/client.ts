import Stripe from 'stripe';
import type { StripeSpec } from './stripe-spec.ts';

/** An official client that talks to a sandbox (or stripe-mock) and never retries by itself. */
export function clientFor(url: string, key = 'sk_test_sandbox'): Stripe {
  const { hostname, port } = new URL(url);
  return new Stripe(key, { host: hostname, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
}

export interface Checked {
  stripe: Stripe;
  /** `POST /v1/refunds 200` for each answer so far. */
  answers: Set<string>;
  /** What did not fit. Kept, not thrown: the client would make a connection error of it. */
  violations: string[];
}

/** The same, which checks each answer against Stripe's specification. */
export function checkedClientFor(url: string, spec: StripeSpec, key = 'sk_test_sandbox'): Checked {
  const { hostname, port } = new URL(url);
  const answers = new Set<string>();
  const violations: string[] = [];
  const checkingFetch: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init);
    const body: unknown = await answer.clone().json();
    const path = new URL(input instanceof Request ? input.url : input).pathname;
    const method = init?.method ?? 'GET';
    answers.add(`${method} ${path} ${answer.status}`);
    try {
      spec.assertAnswer(method, path, answer.status, body);
    } catch (error) {
      violations.push((error as Error).message);
    }
    return answer;
  };
  const httpClient = Stripe.createFetchHttpClient(checkingFetch);
  const stripe = new Stripe(key, { host: hostname, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false, httpClient });
  return { stripe, answers, violations };
}
