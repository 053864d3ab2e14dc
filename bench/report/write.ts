import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { markdown } from './markdown.ts';
import type { BenchResults } from './results.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const docs = join(root, 'docs', 'performance.md');
const begin = '<!-- figures: written by npm run bench -- --write-docs -->';
const end = '<!-- end of figures -->';

export async function writeJson(results: BenchResults): Promise<void> {
  await mkdir(dirname(results.options.json), { recursive: true });
  await writeFile(results.options.json, `${JSON.stringify(results, null, 2)}\n`);
}

/** Replaces the figures in docs/performance.md; what people wrote around them stays. */
export async function writeDocs(results: BenchResults): Promise<void> {
  const text = await readFile(docs, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no lines "${begin}" and "${end}" to put the figures between`);
  await writeFile(docs, `${text.slice(0, from)}${begin}\n\n${markdown(results)}\n\n${text.slice(to)}`);
}
