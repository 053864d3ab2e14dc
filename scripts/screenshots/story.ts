import { randomUUID } from 'node:crypto';
import type { DevFile } from '../parts/dev-file.ts';

export interface StoryOrder {
  id: string;
  number: number;
}

/**
 * An order with something to look at: two products, shipped whole, one unit refunded.
 * @throws {Error} with the problem that the API answers
 */
export async function tellStory({ api_url: apiUrl, api_key: key }: DevFile): Promise<StoryOrder> {
  const run = randomUUID().slice(0, 8);
  const products = await call<ProductList>('GET', '/api/products?limit=2');
  const lines = products.data.map(({ variants }, index) => ({ sku: variants[0]!.sku, quantity: index + 2 }));
  const { id, number } = await call<StoryOrder>('POST', '/api/orders', {
    currency: 'GBP',
    customer: { email: `ada.${run}@example.com`, name: 'Ada Lovelace' },
    lines,
    shipping_address: { name: 'Ada Lovelace', line1: '12 St James Square', city: 'London', region: 'LND', postal_code: 'SW1Y 4JH', country: 'GB' },
    payment: { provider: 'stripe', payment_method: 'pm_card_visa' },
    metadata: { channel_ref: 'documentation' },
  });
  await call('POST', `/api/orders/${id}/ship`, { carrier: 'ups', tracking_number: '1Z999AA10123456784' });
  await call('POST', `/api/orders/${id}/refund`, { lines: [{ sku: lines[0]!.sku, quantity: 1 }], reason: 'damaged' });
  return { id, number };

  async function call<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body ? { 'content-type': 'application/json', 'idempotency-key': `pictures-${run}-${path}` } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const answer = (await response.json()) as T & { detail?: string };
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${answer.detail}`);
    return answer;
  }
}

interface ProductList {
  data: { variants: { sku: string }[] }[];
}

/** Waits until the mailbox has a mail whose subject says so. Answers maildev's id of it. */
export async function waitForMail(mailboxUrl: string, subject: RegExp): Promise<string> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const mails = (await (await fetch(`${mailboxUrl}/email`)).json()) as { id: string; subject: string }[];
    const found = mails.findLast((mail) => subject.test(mail.subject));
    if (found) return found.id;
    if (performance.now() > deadline) throw new Error(`No mail with the subject ${subject} arrived within 20 s`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
