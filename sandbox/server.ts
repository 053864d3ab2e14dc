import Fastify, { type FastifyInstance } from 'fastify';
import { Database } from './database.ts';
import { Faults } from './control/faults.ts';
import { registerControl } from './control/routes.ts';
import { registerThreeDSecure } from './control/three-d-secure.ts';
import { Clock } from './stripe/clock.ts';
import { EventLog } from './stripe/events.ts';
import { parseForm } from './stripe/form.ts';
import { Idempotency } from './stripe/idempotency.ts';
import { expireAuthorization } from './stripe/payments/cancel.ts';
import { AUTHORIZATION_EXPIRY } from './stripe/payments/confirm.ts';
import { failRefund, REFUND_FAILS, REFUND_SETTLES, settleRefund } from './stripe/payments/refund.ts';
import { registerStripe, unknownUrl } from './stripe/router.ts';
import { Store } from './stripe/store.ts';
import { Timers } from './stripe/timers.ts';
import { DEFAULT_DELIVERY, Deliveries, type DeliveryOptions } from './stripe/webhooks/delivery.ts';
import type { World } from './stripe/world.ts';

const TICK_MS = 500;
const PRUNE_MS = 600_000;

export interface SandboxOptions {
  host?: string;
  /** 0 takes a free one. */
  port?: number;
  /** How a customer's browser reaches it, in links that it hands out. Default: where it listens. */
  publicUrl?: string;
  /** A file, or `:memory:`. */
  databasePath: string;
  /** Told of unexpected failures; silent without it. */
  log?: (message: string, error: unknown) => void;
  /** For tests that do not want to wait a second for a retry. */
  webhooks?: Partial<DeliveryOptions>;
}

export interface Sandbox {
  /** e.g. `http://127.0.0.1:12111`. */
  url: string;
  close: () => Promise<void>;
}

/** Starts the sandbox on a port, with the state of a former start if the file has one. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { host = '127.0.0.1', port = 0, log = () => {} } = options;
  const db = new Database(options.databasePath);
  const { world, setUrl, reload } = createWorld(db);
  const faults = new Faults();
  world.events.plan = (account, type) => faults.forDelivery(account, type);
  const deliveries = new Deliveries(db, world.events, { ...DEFAULT_DELIVERY, ...options.webhooks });
  world.events.onEndpointsChanged = () => deliveries.endpointsChanged();
  const idempotency = new Idempotency(db);
  const committed = (): void => deliveries.wake();

  const app = createApp(log);
  registerStripe(app, {
    world, idempotency, faults, committed, failed: (error) => log('a request failed unexpectedly', error),
  });
  registerThreeDSecure(app, world, committed);
  registerControl(app, {
    world,
    faults,
    deliveries,
    setMulticapture: (enabled) => {
      db.run(`INSERT OR REPLACE INTO settings (name, value) VALUES ('multicapture', ?)`, String(enabled));
      reload();
    },
    reset: () => {
      db.clear();
      faults.remove();
      world.clock.reset();
      world.events.endpointsChanged();
      reload();
    },
  });

  await app.listen({ host, port });
  const address = app.server.address();
  const url = `http://${host}:${typeof address === 'object' && address ? address.port : port}`;
  setUrl(options.publicUrl?.replace(/\/+$/, '') ?? url);
  deliveries.wake();

  const tick = setInterval(() => {
    try {
      if (world.timers.runDue() > 0) committed();
    } catch (error) {
      log('a timer failed', error);
    }
  }, TICK_MS);
  const prune = setInterval(() => idempotency.prune(world.clock.now()), PRUNE_MS);
  tick.unref();
  prune.unref();

  return {
    url,
    close: async () => {
      clearInterval(tick);
      clearInterval(prune);
      app.server.closeAllConnections();
      await app.close();
      await deliveries.close();
      db.close();
    },
  };
}

function createWorld(db: Database): { world: World; setUrl: (url: string) => void; reload: () => void } {
  const readMulticapture = (): boolean => db.get(`SELECT value FROM settings WHERE name = 'multicapture'`)?.value === 'true';
  let multicapture = readMulticapture();
  let baseUrl = '';
  const store = new Store(db);
  const parts = {
    db,
    store,
    clock: new Clock(db),
    events: new EventLog(db, store),
    multicapture: () => multicapture,
    baseUrl: () => baseUrl,
  };
  const world = parts as World;
  world.timers = new Timers(world);
  world.timers.on(AUTHORIZATION_EXPIRY, expireAuthorization);
  world.timers.on(REFUND_SETTLES, settleRefund);
  world.timers.on(REFUND_FAILS, (scope, id) => void failRefund(scope, id));
  return {
    world,
    setUrl: (url) => (baseUrl = url),
    reload: () => (multicapture = readMulticapture()),
  };
}

function createApp(log: (message: string, error: unknown) => void): FastifyInstance {
  const app = Fastify({
    logger: false,
    forceCloseConnections: true,
    routerOptions: { querystringParser: (text) => parseForm(text), maxParamLength: 255 },
    // The official client keeps its connections; a shorter time here would race with its next request.
    keepAliveTimeout: 75_000,
  });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, parseForm(body as string));
  });
  // An empty body of whatever type, e.g. `curl -X POST`, and JSON for the controls.
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? null : JSON.parse(body as string));
    } catch {
      done(Object.assign(new Error('the body is no JSON'), { statusCode: 400 }));
    }
  });
  app.setNotFoundHandler(unknownUrl);
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) log('a request failed unexpectedly', error);
    const message = status >= 500 ? 'An unknown error occurred' : error.message;
    return reply.code(status).send({ error: { message, type: status >= 500 ? 'api_error' : 'invalid_request_error' } });
  });
  return app;
}
