import { createRequire } from 'node:module';
import { pino, type Logger } from 'pino';

export type { Logger };

/**
 * Structured logs with ids, never with what a person typed: redaction is the second wall, the first is
 * that nothing personal is handed to the logger. Pretty when a human watches (TTY) and the
 * development package for it is there, JSON otherwise.
 */
export function createLogger(name: string, level = 'info'): Logger {
  return pino({
    name,
    level,
    redact: {
      paths: [
        'req.headers.authorization',
        'req.headers.cookie',
        'req.headers["stripe-signature"]',
        '*.email',
        '*.name_on_card',
        '*.shipping_address',
        '*.client_secret',
        '*.secret',
      ],
      censor: '[redacted]',
    },
    ...(process.stdout.isTTY && isInstalled('pino-pretty') ? { transport: { target: 'pino-pretty' } } : {}),
  });
}

function isInstalled(name: string): boolean {
  try {
    return Boolean(createRequire(import.meta.url).resolve(name));
  } catch {
    return false;
  }
}
