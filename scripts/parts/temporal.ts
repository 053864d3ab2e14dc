import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
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
  if (codecEndpoint !== undefined) args.push('--ui-codec-endpoint', codecEndpoint);
  for (const { name, type } of searchAttributes) args.push('--search-attribute', `${name}=${type}`);
  const address = `127.0.0.1:${port}`;
  return {
    name: 'temporal',
    command: executable,
    args,
    prepare: async () => void (databaseFile && (await mkdir(dirname(databaseFile), { recursive: true }))),
    ready: () => namespaceAnswers(address, namespace),
    afterReady: () => keepHistories(address, namespace),
    graceMs: 10_000,
  };
}

/** Whether the server at `address` serves the namespace. */
export async function namespaceAnswers(address: string, namespace: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: '1s' });
  try {
    await connection.withDeadline(Date.now() + 2_000, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    return true;
  } finally {
    await connection.close();
  }
}

/** Sets the retention of the namespace; the development server's own is one day. */
async function keepHistories(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    await connection.workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: msToTs(`${retentionDays} days`) },
    });
  } finally {
    await connection.close();
  }
}
