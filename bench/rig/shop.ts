import { randomUUID } from 'node:crypto';
import type { Contender } from '../phases/contender.ts';
import type { HttpClient } from './http.ts';
import type { OrderBodies } from './orders.ts';

/** A shop through its HTTP API, as a merchant's client uses it. */
export interface Shop extends Contender {
  place(lines?: number): Promise<string>;
  /** Ships the units of one line, or all. */
  ship(id: string, sku?: string): Promise<void>;
  read(id: string): Promise<{ status: string; lines: { sku: string; quantity: number }[] }>;
}

export function perduraShop(http: HttpClient, bodies: OrderBodies): Shop {
  const post = async (path: string, body: string, expected: number): Promise<string> => {
    const answer = await http.send('POST', path, body, { 'idempotency-key': randomUUID() });
    if (answer.status !== expected) throw new Error(`POST ${path} answered ${answer.status}: ${answer.body.slice(0, 500)}`);
    return answer.body;
  };
  const read: Shop['read'] = async (id) => {
    const answer = await http.send('GET', `/api/orders/${id}`);
    if (answer.status !== 200) throw new Error(`GET /api/orders/${id} answered ${answer.status}: ${answer.body.slice(0, 500)}`);
    return JSON.parse(answer.body) as Awaited<ReturnType<Shop['read']>>;
  };
  return {
    name: 'perdura',
    read,
    async place(lines) {
      const order = JSON.parse(await post('/api/orders', bodies.next(lines), 201)) as { id: string; status: string };
      if (order.status !== 'confirmed') throw new Error(`Order ${order.id} is ${order.status}, not confirmed`);
      return order.id;
    },
    async ship(id, sku) {
      const lines = sku ? { lines: (await read(id)).lines.filter((line) => line.sku === sku).map(({ quantity }) => ({ sku, quantity })) } : {};
      await post(`/api/orders/${id}/ship`, JSON.stringify({ ...lines, carrier: 'UPS', tracking_number: '1Z999AA10123456784' }), 200);
    },
    async deliver(id) {
      await post(`/api/orders/${id}/deliver`, '{}', 200);
    },
  };
}
