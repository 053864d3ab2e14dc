import type { FastifyInstance } from 'fastify';
import { accountOf } from '../stripe/ids.ts';
import type { World } from '../stripe/world.ts';
import type { Deliveries } from '../stripe/webhooks/delivery.ts';
import { readBooks } from './books.ts';
import type { FaultSwitch, Faults } from './faults.ts';

export interface ControlOptions {
  world: World;
  faults: Faults;
  deliveries: Deliveries;
  setMulticapture: (enabled: boolean) => void;
  /** Forgets all state. */
  reset: () => void;
}

interface ClockRequest {
  now?: number;
  advance_seconds?: number;
  reset?: boolean;
}

/** The sandbox's own controls, which Stripe does not have. */
export function registerControl(app: FastifyInstance, options: ControlOptions): void {
  const { world, faults, deliveries } = options;

  app.get('/_sandbox/health', () => ({ status: 'ok', now: world.clock.now() }));

  app.get('/_sandbox/faults', () => ({ data: faults.list() }));
  app.post('/_sandbox/faults', (request, reply) => {
    try {
      return reply.code(201).send({ id: faults.add((request.body ?? {}) as FaultSwitch) });
    } catch (error) {
      if (error instanceof RangeError) return reply.code(400).send({ error: error.message });
      throw error;
    }
  });
  app.delete('/_sandbox/faults', () => ({ removed: faults.remove() }));
  app.delete<{ Params: { id: string } }>('/_sandbox/faults/:id', (request) => ({ removed: faults.remove(request.params.id) }));

  app.get('/_sandbox/clock', () => ({ now: world.clock.now() }));
  app.post<{ Body: ClockRequest | null }>('/_sandbox/clock', (request, reply) => {
    const { now, advance_seconds: seconds, reset } = request.body ?? {};
    if (reset) world.clock.reset();
    else if (Number.isFinite(now)) world.clock.set(now as number);
    else if (Number.isFinite(seconds)) world.clock.advance(seconds as number);
    else return reply.code(400).send({ error: 'give now (unix seconds), advance_seconds, or reset: true' });
    const timers = world.timers.runDue();
    deliveries.wake();
    return { now: world.clock.now(), timers_run: timers };
  });

  app.get('/_sandbox/multicapture', () => ({ enabled: world.multicapture() }));
  app.post<{ Body: { enabled?: boolean } | null }>('/_sandbox/multicapture', (request, reply) => {
    const enabled = request.body?.enabled;
    if (typeof enabled !== 'boolean') return reply.code(400).send({ error: 'give enabled: true or false' });
    options.setMulticapture(enabled);
    return { enabled };
  });

  app.get('/_sandbox/webhooks', () => deliveries.counts());
  app.post('/_sandbox/webhooks/release', () => ({ released: deliveries.release() }));

  app.get<{ Querystring: { api_key?: string; account?: string } }>('/_sandbox/books', (request) => {
    const { api_key: key, account } = request.query;
    return { data: readBooks(world.db, key === undefined ? account : accountOf(key)) };
  });

  app.post('/_sandbox/reset', () => {
    options.reset();
    return { status: 'ok' };
  });
}
