import { Type, type Static, type TObject } from 'typebox';
import Value from 'typebox/value';

const httpUrl = '^https?://';

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
    Type.String({ pattern: httpUrl, description: 'Origin of the Temporal Web UI, allowed to call the codec endpoint.' }),
  ),
  PERDURA_KEYS: Type.String({
    pattern: '^[A-Za-z0-9_-]+:[A-Za-z0-9+/]{43}=(,[A-Za-z0-9_-]+:[A-Za-z0-9+/]{43}=)*$',
    description: 'Key ring: comma-separated id:base64 of 32-byte keys. The first seals; all can open.',
  }),
  STRIPE_API_URL: Type.Optional(
    Type.String({ pattern: httpUrl, description: 'A Stripe-compatible server instead of api.stripe.com (the sandbox).' }),
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
  PUBLIC_URL: Type.String({ default: 'http://127.0.0.1:3000', pattern: httpUrl, description: 'How clients reach the API.' }),
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

/** What a connection to Temporal needs. */
const temporalSchema = Type.Pick(environmentSchema, ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'TEMPORAL_TLS', 'TEMPORAL_API_KEY']);

export type TemporalEnv = Static<typeof temporalSchema>;

/** Raised when the environment can't be used; its message names each variable, never its value. */
export class EnvironmentError extends Error {
  override name = 'EnvironmentError';
}

/**
 * Reads and checks the environment.
 * @throws {EnvironmentError} naming every missing or malformed variable
 */
export function loadEnv(source: Record<string, string | undefined>): Env {
  return load(environmentSchema, source);
}

/**
 * Reads and checks what a connection to Temporal needs, for what connects to nothing else.
 * @throws {EnvironmentError} naming every missing or malformed variable
 */
export function loadTemporalEnv(source: Record<string, string | undefined>): TemporalEnv {
  return load(temporalSchema, source);
}

interface VariableSchema {
  type?: string;
  pattern?: string;
  description?: string;
}

function load<Schema extends TObject>(schema: Schema, source: Record<string, string | undefined>): Static<Schema> {
  const properties = schema.properties as Record<string, VariableSchema>;
  const given = Object.fromEntries(Object.keys(properties).filter((name) => source[name]).map((name) => [name, source[name]]));
  const converted = Value.Convert(schema, Value.Default(schema, { ...given })) as Record<string, unknown>;
  for (const [name, text] of Object.entries(given)) {
    // The conversion cuts fractions off: as text, it is refused.
    if (properties[name]?.type === 'integer' && !Number.isInteger(Number(text))) converted[name] = text;
  }
  const misread = Object.keys(given).filter((name) => properties[name]?.pattern === httpUrl && isHalfUrl(given[name] ?? ''));
  const problems = [
    ...[...Value.Errors(schema, converted)].flatMap((error) => {
      const missing = error.keyword === 'required' ? (error.params as { requiredProperties: string[] }).requiredProperties : undefined;
      return (missing ?? [error.instancePath.slice(1)]).map((name) => [name, missing ? 'is missing' : error.message] as const);
    }),
    ...misread.map((name) => [name, 'is not a whole URL, such as http://127.0.0.1:3000'] as const),
  ];
  if (problems.length === 0) return converted as Static<Schema>;
  const told = problems.map(([name, what]) => `${name} ${what}. ${properties[name]?.description ?? ''}`);
  throw new EnvironmentError(`The environment can't be used:\n${told.join('\n')}`);
}

/** What begins as the pattern asks for and yet has no host, or no port that is one. */
function isHalfUrl(text: string): boolean {
  return new RegExp(httpUrl).test(text) && !URL.canParse(text);
}
