import { createServer, type Server } from 'node:http';
import type Stripe from 'stripe';
import { clientFor } from './client.ts';

export interface Receiver {
  url: string;
  /** All deliveries, in the order in which they came. */
  received: { body: string; signature: string }[];
  /** Status of the next answers; 200 when there are none left. */
  answers: number[];
  /** The types received; waits until there are `count` (at most five seconds). */
  types: (count: number) => Promise<string[]>;
  /** Verifies a delivery as a merchant does. */
  verify: (index: number, secret: string) => Stripe.Event;
  close: () => Promise<void>;
}

/** A merchant's webhook endpoint on a free port. */
export async function startReceiver(): Promise<Receiver> {
  const received: Receiver['received'] = [];
  const answers: number[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push({ body, signature: String(request.headers['stripe-signature']) });
      response.statusCode = answers.shift() ?? 200;
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const webhooks = clientFor('http://127.0.0.1:1').webhooks;
  return {
    url: `http://127.0.0.1:${port}/webhooks`,
    received,
    answers,
    types: async (count) => {
      for (let i = 0; i < 500 && received.length < count; i++) await new Promise((resolve) => setTimeout(resolve, 10));
      return received.map((one) => (JSON.parse(one.body) as Stripe.Event).type);
    },
    verify: (index, secret) => {
      const one = received[index];
      if (!one) throw new Error(`no delivery ${index}`);
      return webhooks.constructEvent(one.body, one.signature, secret);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
