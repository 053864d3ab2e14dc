import { Type, type Static } from 'typebox';
import Value from 'typebox/value';

/**
 * Everything that Perdura reads from the environment. A missing or malformed variable stops the start
 * with a message that names it: a process that half works is worse than one that says why it doesn't.
 */
export const environmentSchema = Type.Object({
  DATABASE_URL: Type.String({ pattern: '^postgres(ql)?://', description: 'Postgres, as the application login (a member of the role perdura_app).' }),
  DATABASE_OWNER_URL: Type.Optional(
    Type.String({ pattern: '^postgres(ql)?://', description: 'Postgres, as the login that migrates. Default: DATABASE_URL.' }),
  ),
  DATABASE_POOL_SIZE: Type.Integer({ default: 20, minimum: 1, maximum: 500, description: 'Connections each process keeps at most.' }),
  TEMPORAL_ADDRESS: Type.String({ minLength: 3, description: 'host:port of the Temporal frontend.' }),
  TEMPORAL_NAMESPACE: Type.String({ default: 'perdura', minLength: 1, description: 'Temporal namespace.' }),
  TEMPORAL_TLS: Type.Boolean({ default: false, description: 'Use TLS towards Temporal (Temporal Cloud: true).' }),
  TEMPORAL_API_KEY: Type.Optional(Type.String({ minLength: 1, description: 'API key for Temporal Cloud.' })),
  TEMPORAL_UI_URL: Type.Optional(
    Type.String({ pattern: '^https?://', description: 'Origin of the Temporal Web UI, allowed to call the codec endpoint.' }),
  ),
  PERDURA_KEYS: Type.String({
    pattern: '^[A-Za-z0-9_-]+:[A-Za-z0-9+/=]{44}(,[A-Za-z0-9_-]+:[A-Za-z0-9+/=]{44})*$',
    description: 'Key ring: comma-separated id:base64 of 32-byte keys. The first seals; all can open.',
  }),
  STRIPE_API_URL: Type.Optional(
    Type.String({ pattern: '^https?://', description: 'A Stripe-compatible server instead of api.stripe.com (the sandbox).' }),
  ),
  STRIPE_TIMEOUT_MS: Type.Integer({ default: 10_000, minimum: 500, maximum: 80_000, description: 'How long one call to Stripe may take.' }),
  STRIPE_MAX_PER_SECOND: Type.Number({
    default: 25,
    minimum: 1,
    description: "Provider calls per second over all workers; Stripe's published limit is 25 in test mode, 100 live.",
  }),
  SMTP_URL: Type.String({ pattern: '^smtps?://', description: 'Mail server: smtp://user:password@host:port.' }),
  MAIL_FROM: Type.String({ default: 'Perdura <orders@perdura.test>', minLength: 3, description: 'Default sender.' }),
  API_HOST: Type.String({ default: '127.0.0.1', description: 'Address that the API listens on.' }),
  API_PORT: Type.Integer({ default: 3000, minimum: 0, maximum: 65_535, description: 'Port that the API listens on.' }),
  PUBLIC_URL: Type.String({ default: 'http://127.0.0.1:3000', pattern: '^https?://', description: 'How clients reach the API.' }),
  RATE_LIMIT_PER_MINUTE: Type.Integer({ default: 60_000, minimum: 1, description: 'Requests a minute per API key.' }),
  ADMIN_EMAIL: Type.Optional(Type.String({ minLength: 3, description: 'Operator who may sign in to the codec endpoint.' })),
  ADMIN_PASSWORD: Type.Optional(Type.String({ minLength: 12, description: 'Password of that operator, 12 characters or more.' })),
  WORKER_METRICS_HOST: Type.String({ default: '127.0.0.1', description: 'Address that the worker shows its metrics on.' }),
  WORKER_METRICS_PORT: Type.Integer({ default: 0, minimum: 0, maximum: 65_535, description: "Prometheus port of the worker; 0 = none." }),
  LOG_LEVEL: Type.Union(
    [Type.Literal('trace'), Type.Literal('debug'), Type.Literal('info'), Type.Literal('warn'), Type.Literal('error'), Type.Literal('silent')],
    { default: 'info', description: 'Least severe level that is logged.' },
  ),
});

export type Env = Static<typeof environmentSchema>;

/** Raised when the environment can't be used; its message names each variable, never its value. */
export class EnvironmentError extends Error {
  override name = 'EnvironmentError';
}

/**
 * Reads and checks the environment.
 * @throws {EnvironmentError} naming every missing or malformed variable
 */
export function loadEnv(source: Record<string, string | undefined>): Env {
  const known = Object.keys(environmentSchema.properties);
  const given = Object.fromEntries(known.filter((name) => source[name]).map((name) => [name, source[name]]));
  const converted = Value.Convert(environmentSchema, Value.Default(environmentSchema, given));
  if (Value.Check(environmentSchema, converted)) return converted;
  const problems = [...Value.Errors(environmentSchema, converted)].map((error) => {
    const missing = error.keyword === 'required' ? (error.params as { requiredProperties: string[] }).requiredProperties : undefined;
    const names = missing ?? [error.instancePath.slice(1)];
    return names
      .map((name) => {
        const description = (environmentSchema.properties as Record<string, { description?: string }>)[name]?.description ?? '';
        return `${name} ${missing ? 'is missing' : error.message}. ${description}`;
      })
      .join('\n');
  });
  throw new EnvironmentError(`The environment can't be used:\n${problems.join('\n')}`);
}
