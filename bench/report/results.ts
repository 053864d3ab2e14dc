import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import type { Audit } from '../phases/audit.ts';
import type { OrderCosts } from '../phases/costs.ts';
import type { Latencies } from '../phases/latency.ts';
import type { Comparison } from '../phases/throughput.ts';
import type { BenchOptions } from '../options.ts';

/** What one run found; the JSON that it leaves. */
export interface BenchResults {
  at: string;
  commit: string;
  machine: Machine;
  options: BenchOptions;
  placing: Comparison;
  delivering: Comparison;
  costs: OrderCosts;
  latencies: Latencies;
  audit: Audit;
  seconds: number;
}

export interface Machine {
  processor: string;
  cores: number;
  memoryGigabytes: number;
  node: string;
  platform: string;
  /** Load of the last minute before the run began: a machine that does other things tells nothing. */
  loadBefore: number;
  temporal: string;
}

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() || 'unknown',
    cores: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    loadBefore: Number(loadavg()[0]!.toFixed(1)),
    temporal: 'development server on SQLite (WAL, synchronous = normal)',
  };
}

export function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
