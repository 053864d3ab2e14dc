import { createServer } from 'node:net';

/** Whether nothing listens on the port of 127.0.0.1. */
export async function isFree(port: number): Promise<boolean> {
  return (await listen(port)) !== undefined;
}

async function listen(port: number): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  const server = createServer();
  server.once('error', () => resolve(undefined));
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
    const address = server.address();
    server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
  });
  return promise;
}

/** A port that the system says is free now. */
export async function freePort(): Promise<number> {
  const port = await listen(0);
  if (port === undefined) throw new Error('This machine has no free port on 127.0.0.1.');
  return port;
}

/**
 * Chooses a port for each name: the wanted one if free, else a free one. No port is given twice.
 * @param wanted candidates in order of preference by name; an empty list means any free port
 */
export async function choosePorts<Name extends string>(
  wanted: Record<Name, (number | undefined)[]>,
): Promise<Record<Name, number>> {
  const taken = new Set<number>();
  const chosen = {} as Record<Name, number>;
  for (const name of Object.keys(wanted) as Name[]) {
    let port: number | undefined;
    for (const candidate of wanted[name]) {
      if (candidate !== undefined && !taken.has(candidate) && (await isFree(candidate))) {
        port = candidate;
        break;
      }
    }
    while (port === undefined || taken.has(port)) port = await freePort();
    taken.add(port);
    chosen[name] = port;
  }
  return chosen;
}
