/** A variable as the documentation shows it. */
export interface Variable {
  name: string;
  text: string;
  default?: string;
  required?: boolean;
}

/** The variables of platform/env.ts in the order of the documentation. */
export const groups: readonly [string, string[]][] = [
  ['Postgres', ['DATABASE_URL', 'DATABASE_OWNER_URL', 'DATABASE_POOL_SIZE']],
  ['Temporal', ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'TEMPORAL_TLS', 'TEMPORAL_API_KEY', 'TEMPORAL_UI_URL']],
  ['Keys', ['PERDURA_KEYS']],
  ['Payments', ['STRIPE_API_URL', 'STRIPE_TIMEOUT_MS', 'STRIPE_MAX_PER_SECOND']],
  ['Mail', ['SMTP_URL', 'MAIL_FROM']],
  ['API', ['API_HOST', 'API_PORT', 'PUBLIC_URL', 'RATE_LIMIT_PER_MINUTE']],
  ['Operators', ['ADMIN_EMAIL', 'ADMIN_PASSWORD', 'WORKER_METRICS_HOST', 'WORKER_METRICS_PORT', 'LOG_LEVEL']],
];

/** Not part of platform/env.ts, because neither API nor worker reads them: credentials of tenants rest in rows. */
export const startVariables: readonly Variable[] = [
  { name: 'STRIPE_SECRET_KEY', text: 'A test-mode key: the demo tenant is connected to the real Stripe and no sandbox is started.' },
  { name: 'STRIPE_WEBHOOK_SECRET', text: 'Secret of a webhook endpoint that you registered yourself (`stripe listen`), where Stripe can\'t reach PUBLIC_URL.' },
  { name: 'SEED_SECRET_KEY', text: 'Secret API key of the demo tenant. `npm start` makes one.' },
  { name: 'SEED_PUBLISHABLE_KEY', text: 'Publishable API key of the demo tenant. `npm start` makes one.' },
];

export const composeVariables: readonly Variable[] = [
  { name: 'POSTGRES_PASSWORD', text: 'Superuser of the Postgres container; used once, to make the logins below.', required: true },
  { name: 'PERDURA_DATABASE_PASSWORD', text: 'Login of API and worker.', required: true },
  { name: 'PERDURA_MIGRATOR_PASSWORD', text: 'Login that migrates.', required: true },
  { name: 'TEMPORAL_DATABASE_PASSWORD', text: 'Login of the Temporal server.', required: true },
  { name: 'SEED_SECRET_KEY', text: 'Secret API key of the demo tenant, for the profile demo: sk_test_ and letters and digits.', required: true },
  { name: 'SEED_PUBLISHABLE_KEY', text: 'Publishable API key of the demo tenant, for the profile demo.', required: true },
  { name: 'STRIPE_SECRET_KEY', text: 'Test key of the demo tenant\'s account, for the profile demo; the sandbox takes any.', required: true },
  { name: 'SANDBOX_PUBLIC_URL', text: 'How browsers reach the sandbox of the profile demo.', default: 'http://localhost:12111' },
  { name: 'GRAFANA_PASSWORD', text: 'Password of Grafana\'s user admin, for the profile monitoring.', required: true },
];

/** Variables of the processes that docker-compose.yml sets itself, or has a value for. */
export const setByCompose: readonly string[] = [
  'DATABASE_URL', 'DATABASE_OWNER_URL', 'TEMPORAL_ADDRESS', 'TEMPORAL_UI_URL', 'SMTP_URL', 'API_HOST', 'PUBLIC_URL', 'WORKER_METRICS_HOST', 'WORKER_METRICS_PORT',
];
