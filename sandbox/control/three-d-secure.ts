import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { StripeError } from '../stripe/errors.ts';
import { finishAuthentication } from '../stripe/payments/confirm.ts';
import { finishSetupAuthentication } from '../stripe/payments/setup.ts';
import type { PaymentIntent, SetupIntent } from '../stripe/types.ts';
import type { Scope, World } from '../stripe/world.ts';

type Intent = PaymentIntent | SetupIntent;

/** The bank's page of 3-D Secure: a person presses a button, a test posts to `complete` or `fail`. */
export function registerThreeDSecure(app: FastifyInstance, world: World, committed: () => void): void {
  const find = (id: string): { intent: Intent; scope: Scope } | undefined => {
    const account = world.store.accountOf(id);
    const intent = account && (world.store.findAny(account, id) as Intent);
    if (!intent || !['payment_intent', 'setup_intent'].includes(intent.object)) return undefined;
    return { intent, scope: { world, account, now: world.clock.now(), request: { id: null, idempotency_key: null } } };
  };

  app.get<{ Params: { id: string } }>('/3ds/:id', (request, reply) => {
    const found = find(request.params.id);
    reply.type('text/html; charset=utf-8');
    if (!found) return reply.code(404).send(page('Nothing to authenticate', ''));
    return reply.send(page(...contentOf(found.intent)));
  });

  const finish = (completed: boolean) => (request: FastifyRequest<{ Params: { id: string } }>, reply: FastifyReply) => {
    const found = find(request.params.id);
    if (!found) return reply.code(404).send({ error: 'no such intent' });
    if (found.intent.status !== 'requires_action') {
      return reply.code(409).send({ error: `the intent has a status of ${found.intent.status}` });
    }
    const done = world.db.transaction(() => run(found.scope, found.intent, completed));
    committed();
    const back = returnTo(found.intent, done.status !== 'requires_payment_method');
    if (back && (request.headers.accept ?? '').includes('text/html')) return reply.redirect(back, 303);
    return reply.send({ id: done.id, status: done.status, return_url: back });
  };
  app.post('/3ds/:id/complete', finish(true));
  app.post('/3ds/:id/fail', finish(false));
}

/** A decline after authentication is an outcome here, not an error: its effects are kept. */
function run(scope: Scope, intent: Intent, completed: boolean): Intent {
  if (intent.object === 'setup_intent') return finishSetupAuthentication(scope, intent, completed);
  try {
    return finishAuthentication(scope, intent, completed);
  } catch (error) {
    if (error instanceof StripeError && error.status === 402) return error.error.payment_intent as PaymentIntent;
    throw error;
  }
}

/** Where Stripe sends the customer afterwards, with the intent and how it went. */
function returnTo(intent: Intent, succeeded: boolean): string | null {
  const given = intent.next_action?.redirect_to_url?.return_url;
  if (!given || !URL.canParse(given)) return null;
  const url = new URL(given);
  url.searchParams.set(intent.object, intent.id);
  url.searchParams.set(`${intent.object}_client_secret`, intent.client_secret);
  url.searchParams.set('redirect_status', succeeded ? 'succeeded' : 'failed');
  return url.href;
}

function contentOf(intent: Intent): [title: string, body: string] {
  if (intent.status !== 'requires_action') return ['3-D Secure', `<p>This payment has a status of <b>${intent.status}</b>.</p>`];
  const sum = intent.object === 'payment_intent' ? `${intent.amount} ${intent.currency} (minor units)` : 'a card for later';
  return [
    '3-D Secure test page',
    `<p>The bank asks you to confirm ${sum}.</p>
<form method="post" action="/3ds/${intent.id}/complete"><button>Complete authentication</button></form>
<form method="post" action="/3ds/${intent.id}/fail"><button>Fail authentication</button></form>`,
  ];
}

const page = (title: string, body: string): string => `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>${title}</title>
<style>body{font:16px system-ui;max-width:28rem;margin:4rem auto;padding:0 1rem}button{font:inherit;padding:.6rem 1rem;margin:.3rem 0;width:100%}</style>
</head><body><h1>${title}</h1>${body}</body></html>`;
