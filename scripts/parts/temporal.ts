import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Connection } from '@temporalio/client';
import type { ConnectionOptions } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { loadTemporalEnv } from '#platform/env.ts';
import { until } from './part.ts';
import type { Part } from './part.ts';

/** Types that a search attribute can have, as the Temporal server names them. */
export type SearchAttributeKind = 'Keyword' | 'KeywordList' | 'Text' | 'Int' | 'Double' | 'Bool' | 'Datetime';
export interface SearchAttribute {
  name: string;
  type: SearchAttributeKind;
}

/** Days that closed workflows stay readable; design rule 5. */
export const retentionDays = 30;

export interface TemporalServerOptions {
  /** From `temporalExecutable()`. */
  executable: string;
  port: number;
  /** Without it the server has no UI. */
  uiPort?: number;
  /** SQLite file; without it the server keeps everything in memory. */
  databaseFile?: string;
  namespace?: string;
  searchAttributes?: SearchAttribute[];
  /** Where the UI decodes payloads, e.g. http://127.0.0.1:3000/codec */
  codecEndpoint?: string;
}

/** Temporal's own development server as a part of the system. */
export function temporalPart(options: TemporalServerOptions): Part {
  const { executable, port, uiPort, databaseFile, namespace = 'perdura', searchAttributes = [], codecEndpoint } = options;
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--namespace', namespace];
  args.push('--log-level', 'warn', '--log-format', 'json');
  if (uiPort === undefined) args.push('--headless');
  else args.push('--ui-port', String(uiPort), '--ui-ip', '127.0.0.1');
  if (databaseFile !== undefined) {
    args.push('--db-filename', databaseFile);
    // Six times the throughput of the default, measured; a crash of the machine may cost the last moment.
    args.push('--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal');
  }
  // One worker needs no four partitions of a queue: one saves the hops between them, measured at 1.6 times the updates.
  for (const name of ['matching.numTaskqueueReadPartitions', 'matching.numTaskqueueWritePartitions']) {
    args.push('--dynamic-config-value', `${name}=1`);
  }
  // Commands to an order that waits for a person wait behind it; ten, the default, would leave no room for that person's.
  args.push('--dynamic-config-value', 'history.maxInFlightUpdates=100');
  if (codecEndpoint !== undefined) args.push('--ui-codec-endpoint', codecEndpoint);
  for (const { name, type } of searchAttributes) args.push('--search-attribute', `${name}=${type}`);
  const address = `127.0.0.1:${port}`;
  return {
    name: 'temporal',
    command: executable,
    args,
    // Collecting garbage less often costs some memory and spares 7 % of the server's time, measured.
    env: { GOGC: '300', ...process.env },
    prepare: async () => void (databaseFile && (await mkdir(dirname(databaseFile), { recursive: true }))),
    ready: () => namespaceAnswers(address, namespace),
    afterReady: () => keepHistories(address, namespace),
    graceMs: 10_000,
  };
}

/** Whether the server at `address` serves the namespace. */
export async function namespaceAnswers(address: string, namespace: string): Promise<boolean> {
  return withConnection({ address, connectTimeout: '1s' }, async (connection) => {
    await connection.withDeadline(Date.now() + 2_000, () => connection.workflowService.describeNamespace({ namespace }));
    return true;
  });
}

/** Sets the retention of the namespace; the development server's own is one day. */
async function keepHistories(address: string, namespace: string): Promise<void> {
  await withConnection({ address }, (connection) =>
    connection.workflowService.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl: retention() } }),
  );
}

/**
 * Makes a server that somebody else runs ready: the namespace and the search attributes, where they are missing.
 * @param env TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_TLS, TEMPORAL_API_KEY
 * @throws EnvironmentError naming a variable; Error that names TEMPORAL_ADDRESS when it can't be reached or does not let us look
 */
export async function prepareNamespace(env: NodeJS.ProcessEnv, attributes: SearchAttribute[]): Promise<void> {
  const { TEMPORAL_NAMESPACE: namespace, TEMPORAL_ADDRESS: address, TEMPORAL_TLS: tls, TEMPORAL_API_KEY: apiKey } = loadTemporalEnv(env);
  const options: ConnectionOptions = { address, connectTimeout: '10s', tls, ...(apiKey ? { apiKey } : {}) };
  const prepare = async ({ workflowService, operatorService }: Connection) => {
    await workflowService.describeNamespace({ namespace }).catch(() =>
      workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: retention() }),
    );
    // A fresh namespace is known to every part of the server only after some seconds.
    await until(async () => Boolean(await operatorService.listSearchAttributes({ namespace })), 30_000);
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    const missing = attributes.filter(({ name }) => !(name in customAttributes));
    if (missing.length === 0) return;
    await operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map(({ name, type }) => [name, indexedValueType(type)])),
    });
  };
  await withConnection(options, prepare).catch((cause: unknown) => {
    throw new Error(`TEMPORAL_ADDRESS ${address} can't be prepared: ${(cause as Error).message}`, { cause });
  });
}

/** The protocol's number for a search attribute's type. */
export function indexedValueType(kind: SearchAttributeKind): number {
  const numbers: Record<SearchAttributeKind, number> = {
    Text: 1, Keyword: 2, Int: 3, Double: 4, Bool: 5, Datetime: 6, KeywordList: 7,
  };
  return numbers[kind];
}

function retention() {
  return msToTs(`${retentionDays} days`);
}

async function withConnection<T>(options: ConnectionOptions, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await Connection.connect(options);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}
