import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TSchema } from 'typebox';
import { problems } from '#api/problem.ts';
import { environmentSchema } from '#platform/env.ts';
import { root } from './parts/services.ts';
import { composeVariables, groups, setByCompose, startVariables } from './configuration/variables.ts';
import type { Variable } from './configuration/variables.ts';

/**
 * `npm run docs`: writes docs/configuration.md and .env.example from the schema that the processes check their
 * environment against, and the table of problems into docs/api.md. With `--check` it writes nothing and fails where a
 * file is not current.
 */
export async function generatedFiles(): Promise<Record<string, string>> {
  const api = await readFile(join(root, 'docs/api.md'), 'utf8');
  return {
    'docs/configuration.md': page(),
    '.env.example': example(),
    'docs/api.md': api.replace(/(<!-- problems: .* -->\n)[\s\S]*(<!-- \/problems -->)/, (_all, start: string, end: string) => `${start}${problemTable()}\n${end}`),
  };
}

function problemTable(): string {
  const rows = Object.entries(problems).map(([code, { status, title, help }]) => `| \`${code}\` | ${status} | ${title} | ${help} |`);
  return ['| Code | Status | Title | What to do |', '|---|---|---|---|', ...rows].join('\n');
}

const properties = environmentSchema.properties as unknown as Record<string, TSchema>;
const required = new Set<string>(environmentSchema.required);

function fromSchema(name: string): Variable {
  const schema = properties[name] as { description?: string; default?: unknown; anyOf?: { const: string }[] };
  const choices = schema.anyOf ? ` One of ${schema.anyOf.map((choice) => choice.const).join(', ')}.` : '';
  return {
    name,
    text: `${schema.description ?? ''}${choices}`,
    required: required.has(name) && schema.default === undefined,
    ...(schema.default === undefined ? {} : { default: String(schema.default as string | number | boolean) }),
  };
}

/** Every variable of the schema is in exactly one group: a new one that nobody has placed stops here. */
function placed(): [string, Variable[]][] {
  const named = groups.flatMap(([, names]) => names);
  const missing = Object.keys(properties).filter((name) => !named.includes(name));
  const unknown = named.filter((name) => !(name in properties));
  if (missing.length + unknown.length > 0) {
    throw new Error(`scripts/configuration/variables.ts: not placed: ${missing.join(', ') || 'none'}; not in the schema: ${unknown.join(', ') || 'none'}`);
  }
  return groups.map(([title, names]) => [title, names.map(fromSchema)]);
}

function table(variables: readonly Variable[]): string {
  const rows = variables.map(({ name, text, default: value, required: needed }) => {
    const given = needed ? '**required**' : value === undefined ? '–' : `\`${value}\``;
    return `| \`${name}\` | ${given} | ${text.replaceAll('|', '\\|')} |`;
  });
  return ['| Variable | Default | Meaning |', '|---|---|---|', ...rows].join('\n');
}

function page(): string {
  const sections = placed().map(([title, variables]) => `## ${title}\n\n${table(variables)}`);
  return [
    '<!-- Written by `npm run docs` from platform/env.ts. Edit that, not this. -->',
    '# Configuration',
    '',
    'API and worker read the same environment. Each checks all of it before it does anything else and ends with a message that',
    'names every missing or malformed variable. No secret has a default. An empty variable counts as absent.',
    '',
    '`npm start` chooses all of it for its own machine (secrets are made once and kept in `.perdura/secrets.json`); whatever you',
    'set yourself wins. `npm run reset` keeps that file: its keys may have sealed rows at your own DATABASE_URL or payloads at your',
    'own TEMPORAL_ADDRESS. A file is not read by itself: `node --env-file=.env api/server.ts`, or `docker compose`, which reads `.env`.',
    '',
    sections.join('\n\n'),
    '',
    '## Only read by `npm start`, the seed and the migrations',
    '',
    table(startVariables),
    '',
    '## Only read by docker-compose.yml',
    '',
    table(composeVariables),
    '',
    '## Keys',
    '',
    '`PERDURA_KEYS` seals personal data, provider secrets and stored answers in Postgres, and payloads in Temporal. To rotate, put',
    'a new key in front and restart API and worker: new values are sealed with it, old ones stay readable as long as their key is',
    'in the ring. The **last** key also makes the blind index by which customers are found by e-mail address: keep it last.',
    'A key that is lost is lost with everything that it sealed. Make one with:',
    '',
    '    echo "k1:$(openssl rand -base64 32)"',
    '',
  ].join('\n');
}

function example(): string {
  const line = ({ name, text, default: value, required: needed }: Variable): string =>
    `# ${text}\n${needed ? `${name}=` : `#${name}=${value ?? ''}`}\n`;
  const ours = placed().map(([title, variables]): [string, Variable[]] => [
    title,
    variables.map((variable) =>
      setByCompose.includes(variable.name) ? { ...variable, required: false, text: `${variable.text} docker-compose.yml has a value for it.` } : variable,
    ),
  ]);
  return [
    '# Copy to .env, or have the secrets made: sh docker/make-env.sh > .env',
    '# Written by `npm run docs`; explained in docs/configuration.md. Values without # in front are required by docker compose.',
    '',
    '# ── docker-compose.yml ──────────────────────────────────────────────────────────',
    ...composeVariables.map(line),
    ...ours.flatMap(([title, variables]) => [`# ── ${title} ${'─'.repeat(Math.max(3, 76 - title.length))}`, ...variables.map(line)]),
  ].join('\n');
}

if (import.meta.main) {
  const check = process.argv.includes('--check');
  for (const [name, text] of Object.entries(await generatedFiles())) {
    const file = join(root, name);
    if ((await readFile(file, 'utf8').catch(() => '')) === text) continue;
    if (check) {
      console.error(`${name} is not what the code says: run "npm run docs".`);
      process.exitCode = 1;
    } else {
      await writeFile(file, text);
      console.log(`Wrote ${name}`);
    }
  }
}
