import { startSandbox, type SandboxOptions } from './server.ts';

/** The environment of the sandbox, with its defaults. */
function readEnvironment(): Pick<SandboxOptions, 'port' | 'host' | 'publicUrl' | 'databasePath'> {
  const port = Number(process.env.SANDBOX_PORT ?? 12111);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`SANDBOX_PORT must be a port number, not '${process.env.SANDBOX_PORT}'`);
  }
  const publicUrl = process.env.SANDBOX_PUBLIC_URL;
  if (publicUrl && !(/^https?:/.test(publicUrl) && URL.canParse(publicUrl))) {
    throw new Error('SANDBOX_PUBLIC_URL must be a URL that begins with http:// or https://');
  }
  return {
    port,
    ...(publicUrl ? { publicUrl } : {}),
    host: process.env.SANDBOX_HOST ?? '127.0.0.1',
    databasePath: process.env.SANDBOX_DB ?? '.perdura/sandbox.sqlite',
  };
}

const write = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const sandbox = await startSandbox({
  ...readEnvironment(),
  log: (message, error) => write({ level: 'error', message, error: error instanceof Error ? error.stack : String(error) }),
});
write({ level: 'info', message: 'sandbox listening', url: sandbox.url });

let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    void sandbox.close().then(() => process.exit(0));
  });
}
