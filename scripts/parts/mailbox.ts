import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { answers } from './part.ts';
import type { Part } from './part.ts';

export interface MailboxOptions {
  /** Folder that keeps each mail as a file, so that a restart shows them again. */
  directory: string;
  smtpPort: number;
  webPort: number;
}

/**
 * A mail server that delivers nowhere, with a web mailbox and JSON at `/email`. Every accepted message is kept as
 * its own entry, whatever its Message-ID, so that a duplicate is seen.
 */
export function mailboxPart(options: MailboxOptions): Part {
  const manifest = createRequire(import.meta.url).resolve('maildev/package.json');
  const { directory, smtpPort, webPort } = options;
  return {
    name: 'mailbox',
    command: process.execPath,
    args: [
      join(dirname(manifest), 'bin', 'maildev'),
      '--ip', '127.0.0.1',
      '--smtp', String(smtpPort),
      '--web', String(webPort),
      '--mail-directory', directory,
    ],
    prepare: async () => void (await mkdir(directory, { recursive: true })),
    ready: answers(`http://127.0.0.1:${webPort}/healthz`),
    graceMs: 3_000,
  };
}
