import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { problemCodes } from '#api/problem.ts';
import { scopes } from '#api/scopes.ts';
import { searchAttributeRegistry } from '#domain/names/search-attributes.ts';
import { attentionCodes } from '#domain/order/state.ts';
import { transitions } from '#domain/order/transitions.ts';
import { generatedFiles } from '#scripts/configuration-doc.ts';
import { orderUpdates } from '#workflows/order/messages.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const skipped = new Set(['node_modules', '.perdura', 'coverage', '.git']);
let documents: Map<string, string>;

beforeAll(async () => {
  documents = new Map();
  await collect(root);
});

async function collect(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (skipped.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await collect(path);
    else if (entry.name.endsWith('.md')) documents.set(relative(root, path), await readFile(path, 'utf8'));
  }
}

/** The name that GitHub gives a heading. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll('`', '').replace(/[^\p{L}\p{N}\s_-]/gu, '').trim().replaceAll(' ', '-');
}

/** What a pattern's first group finds in all documents that are for people who run or use this. */
function named(pattern: RegExp): { in: string; name: string }[] {
  return [...documents]
    .filter(([file]) => file === 'README.md' || file === 'CONTRIBUTING.md' || file.startsWith('docs/'))
    .flatMap(([file, text]) => [...text.matchAll(pattern)].map((match) => ({ in: file, name: match[1]! })));
}

describe('the documents', () => {
  it('link to files and headings that exist', () => {
    const broken: string[] = [];
    for (const [file, text] of documents) {
      for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target!)) continue;
        const [path, anchor] = target!.split('#');
        const linked = path ? relative(root, resolve(root, dirname(file), path)) : file;
        if (!existsSync(join(root, linked))) broken.push(`${file}: ${target}`);
        else if (anchor && documents.has(linked)) {
          const anchors = [...documents.get(linked)!.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!));
          if (!anchors.includes(anchor)) broken.push(`${file}: ${target}`);
        }
      }
    }
    expect(broken).toEqual([]);
  });

  it('name npm scripts that exist', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    const wrong = [...documents].flatMap(([file, text]) =>
      [...text.matchAll(/\bnpm (?:run ([a-z:]+)|(start|test)\b)/g)].map((match) => match[1] ?? match[2]!).filter((name) => !(name in scripts)).map((name) => `${file}: npm run ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it('name files and folders of ours that exist', () => {
    const paths = /`((?:api|activities|workflows|domain|entities|platform|worker|sandbox|scripts|test|docs|docker|openapi)\/[\w./-]*)`/g;
    expect(named(paths).filter(({ name }) => !existsSync(join(root, name)))).toEqual([]);
  });

  it('name problem codes that exist, with their status', () => {
    const known: readonly string[] = problemCodes;
    expect(named(/\b[45]\d\d `([a-z_]+)`/g).filter(({ name }) => !known.includes(name))).toEqual([]);
  });

  it('name scopes that exist', () => {
    const known: readonly string[] = scopes;
    expect(named(/\b([a-z_]+:(?:read|write|price|decode))\b/g).filter(({ name }) => !known.includes(name))).toEqual([]);
  });

  it('have an entry for everything that an operator can be called for', () => {
    const rows = [...documents.get('docs/operations/attention.md')!.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, code]) => code);
    expect(rows.sort()).toEqual([...attentionCodes].sort());
  });

  it('draw every way from status to status, and no other', () => {
    const diagram = /stateDiagram-v2\n([\s\S]*?)```/.exec(documents.get('docs/architecture.md')!)![1]!;
    const drawn = [...diagram.matchAll(/^ {2}(\w+) --> (\w+)/gm)].map(([, from, to]) => `${from} → ${to}`);
    const allowed = Object.entries(transitions).flatMap(([from, commands]) => Object.values(commands).flatMap((targets) => targets.filter((to) => to !== from).map((to) => `${from} → ${to}`)));
    expect([...new Set(drawn)].filter((way) => way !== 'pending → pending').sort()).toEqual([...new Set(allowed)].sort());
  });

  it('name updates and search attributes that exist', () => {
    const updates = named(/--workflow-id order\/\S+ --name (\w+)/g);
    expect(updates.length).toBeGreaterThan(0);
    expect(updates.filter(({ name }) => !(name in orderUpdates))).toEqual([]);
    const attributes = named(/--query '([A-Za-z]+)/g);
    const known = searchAttributeRegistry.map(({ name }) => name);
    expect(attributes.filter(({ name }) => !known.includes(name))).toEqual([]);
  });

  it('call routes that exist', async () => {
    const { paths } = JSON.parse(await readFile(join(root, 'openapi/openapi.json'), 'utf8')) as { paths: Record<string, Record<string, unknown>> };
    const calls = [...named(/curl [^\n]*?\$A(\/api\/[^\s"?]+)/g), ...named(/`(?:GET|POST|PATCH|PUT|DELETE) (\/api\/[^\s`]+)`/g)];
    expect(calls.length).toBeGreaterThan(8);
    const plain = (path: string) => path.replace(/\/(?:[a-z]+_…|\{\w+\}|:\w+)/g, '/{}');
    const known = Object.keys(paths).map(plain);
    expect(calls.filter(({ name }) => !known.includes(plain(name)))).toEqual([]);
  });

  it('are current where they are written from code', async () => {
    for (const [file, text] of Object.entries(await generatedFiles())) {
      expect([file, await readFile(join(root, file), 'utf8') === text]).toEqual([file, true]);
    }
  });

  it('show pictures that exist and are not too heavy', async () => {
    const pictures = named(/!\[[^\]]+\]\(([^)]+\.png)\)/g);
    for (const { in: file, name } of pictures) {
      const bytes = (await readFile(resolve(root, dirname(file), name))).byteLength;
      expect([name, bytes < 300_000]).toEqual([name, true]);
    }
  });
});
