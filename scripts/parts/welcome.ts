import type { DevFile } from './dev-file.ts';

/** The links of a running system, as a table for people. */
export function table(dev: DevFile): string {
  const rows: [string, string | null][] = [
    ['API documentation', `${dev.api_url}/docs`],
    ['API', dev.api_url],
    ['Temporal UI', dev.temporal_ui_url && `${dev.temporal_ui_url}/namespaces/perdura/workflows`],
    ['Mailbox', dev.mailbox_url],
    ['Payment sandbox', dev.stripe_url],
    ['Operators', `${dev.api_url}/admin`],
    ['  sign in as', `${dev.admin_email} / ${dev.admin_password}`],
    ['Secret API key', dev.api_key],
  ];
  const shown = rows.filter((row): row is [string, string] => row[1] !== null);
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
}

interface ProductList {
  data?: { variants: { sku: string; prices: { currency: string }[] }[] }[];
}

/** One line for a shell that places an order for the first thing that the shop sells. */
export async function orderCommand(dev: DevFile): Promise<string> {
  const headers = { authorization: `Bearer ${dev.api_key}` };
  const response = await fetch(`${dev.api_url}/api/products?limit=1`, { headers }).catch(() => undefined);
  const list = response?.ok ? ((await response.json()) as ProductList) : undefined;
  const variant = list?.data?.[0]?.variants[0];
  if (!variant) return `The shop sells nothing yet: add a product, see ${dev.api_url}/docs`;
  const order = {
    currency: variant.prices[0]?.currency ?? 'USD',
    customer: { email: 'ada@example.com', name: 'Ada Lovelace' },
    lines: [{ sku: variant.sku, quantity: 1 }],
    shipping_address: {
      name: 'Ada Lovelace', line1: '12 St James Square', city: 'London', region: 'LND', postal_code: 'SW1Y 4JH', country: 'GB',
    },
    payment: { provider: 'stripe', payment_method: 'pm_card_visa' },
  };
  return [
    'Place an order:',
    `curl -sS ${dev.api_url}/api/orders -H 'Authorization: Bearer ${dev.api_key}' -H 'Content-Type: application/json' ` +
      `-H "Idempotency-Key: first-$(date +%s)" -d '${JSON.stringify(order)}'`,
  ].join('\n');
}
