import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { loadEnv } from '#platform/env.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFile(join(root, file), 'utf8');

/** What the image starts, and what the worker bundles. */
const entries = ['api/server.ts', 'worker/main.ts', 'workflows/index.ts', 'platform/failure-converter.ts', 'entities/migrate.ts', 'docker/prepare-namespace.ts'];
const demoEntries = ['sandbox/main.ts', 'scripts/seed.ts'];

interface Reached {
  files: Set<string>;
  packages: Map<string, string>;
}

/** Follows imports that exist at run time; types are gone by then. */
async function walk(from: readonly string[]): Promise<Reached> {
  const aliases = (JSON.parse(await read('package.json')) as { imports: Record<string, string> }).imports;
  const files = new Set<string>();
  const packages = new Map<string, string>();
  const open = [...from];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    for (const name of importsOf(await read(file))) {
      if (name.startsWith('node:')) continue;
      const alias = Object.keys(aliases).find((pattern) => name.startsWith(pattern.slice(0, -1)));
      if (alias) open.push(join(aliases[alias]!.slice(2, -1), name.slice(alias.length - 1)));
      else if (name.startsWith('.')) open.push(relative(root, resolve(root, dirname(file), name)));
      else packages.set(/^(@[^/]+\/)?[^/]+/.exec(name)![0], file);
    }
  }
  return { files, packages };
}

function importsOf(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '');
  const fixed = [...code.matchAll(/^(?:import|export)\s+(?!type\b)[^;]*?from\s+'([^']+)'/gm)].filter(([text]) => !/\{\s*(type [^,}]+,?\s*)+\}\s+from/.test(text));
  const bare = code.matchAll(/^import\s+'([^']+)'/gm);
  const dynamic = code.matchAll(/\bimport\('([^']+)'\)/g);
  return [...fixed, ...bare, ...dynamic].map(([, name]) => name!);
}

async function dependencies(): Promise<string[]> {
  return Object.keys((JSON.parse(await read('package.json')) as { dependencies: Record<string, string> }).dependencies);
}

describe('the image', () => {
  it('needs nothing at run time that is a development package', async () => {
    const [{ packages }, declared] = [await walk([...entries, ...demoEntries]), await dependencies()];
    expect(packages.size).toBeGreaterThan(15);
    expect([...packages].filter(([name]) => !declared.includes(name))).toEqual([]);
  });

  it('keeps what the worker bundles with', async () => {
    const { packages } = JSON.parse(await read('package-lock.json')) as { packages: Record<string, { dev?: boolean }> };
    for (const name of ['@temporalio/worker', '@temporalio/core-bridge', '@swc/core', '@swc/core-linux-x64-gnu', 'swc-loader', 'webpack']) {
      expect([name, packages[`node_modules/${name}`]?.dev ?? false]).toEqual([name, false]);
    }
  });

  it('copies every file that is imported', async () => {
    const copied = async (stage: string) => {
      const text = (await read('Dockerfile')).split(new RegExp(`^FROM .* AS ${stage}$`, 'm'))[1]!.split(/^FROM /m)[0]!;
      return [...text.matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap(([, sources]) => sources!.split(' '));
    };
    const isCopied = (file: string, from: string[]) => from.some((source) => file === source || file.startsWith(`${source}/`));
    const perdura = await copied('perdura');
    expect([...(await walk(entries)).files].filter((file) => !isCopied(file, perdura))).toEqual([]);
    const demo = [...perdura, ...(await copied('demo'))];
    expect([...(await walk(demoEntries)).files].filter((file) => !isCopied(file, demo))).toEqual([]);
    expect([...(await walk(entries)).files].filter((file) => file.startsWith('sandbox/'))).toEqual([]);
  });

  it('runs on the Node of the package', async () => {
    const { devDependencies } = JSON.parse(await read('package.json')) as { devDependencies: Record<string, string> };
    for (const [, version] of (await read('Dockerfile')).matchAll(/^FROM node:(\S+)-slim/gm)) expect(version).toBe(devDependencies.node);
  });
});

interface Compose {
  services: Record<string, { environment?: Record<string, string>; volumes?: string[]; command?: string[]; depends_on?: Record<string, unknown>; build?: { target: string } }>;
}

describe('docker-compose.yml', () => {
  const compose = async () => parse(await read('docker-compose.yml'), { merge: true }) as Compose;

  it('mounts files that exist and waits for services that exist', async () => {
    const { services } = await compose();
    for (const [name, { volumes = [], depends_on: needs = {} }] of Object.entries(services)) {
      for (const source of volumes.map((volume) => volume.split(':')[0]!).filter((path) => path.startsWith('./'))) {
        expect([name, source, existsSync(join(root, source))]).toEqual([name, source, true]);
      }
      expect(Object.keys(needs).filter((needed) => !(needed in services))).toEqual([]);
    }
  });

  it('starts commands that the image knows', async () => {
    const [{ services }, entrypoint] = [await compose(), await read('docker/entrypoint.sh')];
    for (const { command, build } of Object.values(services)) {
      if (build?.target === 'perdura') expect(entrypoint).toContain(`  ${command![0]}) exec node `);
    }
  });

  it('gives API and worker an environment that they accept, from made-up secrets', async () => {
    const { services } = await compose();
    const secrets: Record<string, string> = { PERDURA_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`, PERDURA_DATABASE_PASSWORD: 'abc' };
    const filled = (text: string) => text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_all, name: string, kind: string, value: string) => secrets[name] ?? (kind === '-' ? value : ''));
    for (const name of ['api', 'worker']) {
      const given = Object.entries(services[name]!.environment!).map(([variable, value]) => [variable, filled(String(value))]);
      const env = loadEnv(Object.fromEntries(given) as Record<string, string>);
      expect(env.TEMPORAL_ADDRESS).toBe('temporal:7233');
      expect(env.SMTP_URL).toBe('smtp://mailbox:1025');
    }
  });

  it('holds no secret', async () => {
    const { services } = await compose();
    for (const { environment = {} } of Object.values(services)) {
      for (const [name, value] of Object.entries(environment)) {
        if (/PASSWORD|PWD|SECRET|KEYS/.test(name)) expect([name, String(value)]).toEqual([name, expect.stringMatching(/^\$\{/)]);
      }
    }
  });
});
