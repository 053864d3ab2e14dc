import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Orders under way at once in a closed loop. */
  concurrency: number;
  warmUpSeconds: number;
  /** Pairs of slices, one of the shop and one of the twin each. */
  pairs: number;
  sliceSeconds: number;
  /** Orders whose histories and statements are counted. */
  costOrders: number;
  openLoopSeconds: number;
  seed: number;
  /** Where the figures are written as JSON. */
  json: string;
  /** Also writes the figures into docs/performance.md. */
  writeDocs: boolean;
}

export const usage = `npm run bench -- [options]
  --quick             about a minute: fewer and shorter slices, for a look only
  --concurrency N     orders under way at once (16)
  --pairs N           pairs of slices: shop and twin in turn (5)
  --slice-seconds N   length of a slice (7)
  --seed N            of the orders that are placed (1)
  --json FILE         where the figures go (bench/results/latest.json)
  --write-docs        also puts them into docs/performance.md`;

/** @throws {Error} with the usage */
export function readOptions(args: string[]): BenchOptions {
  const values = parse(args);
  const { quick } = values;
  return {
    concurrency: count('concurrency', 16),
    warmUpSeconds: quick ? 3 : 10,
    pairs: count('pairs', quick ? 2 : 5),
    sliceSeconds: count('slice-seconds', quick ? 3 : 7),
    costOrders: quick ? 2 : 5,
    openLoopSeconds: quick ? 6 : 20,
    seed: count('seed', 1),
    json: values.json ?? 'bench/results/latest.json',
    writeDocs: values['write-docs'],
  };

  function count(name: 'concurrency' | 'pairs' | 'slice-seconds' | 'seed', preset: number): number {
    const given = values[name];
    if (given === undefined) return preset;
    if (!/^[1-9]\d{0,5}$/.test(given)) throw new Error(`--${name} wants a positive whole number, not ${given}\n\n${usage}`);
    return Number(given);
  }
}

function parse(args: string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const options = { quick: flag, 'write-docs': flag, concurrency: text, pairs: text, 'slice-seconds': text, seed: text, json: text };
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${usage}`, { cause: error });
  }
}
