import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Whether nothing listens on the port of 127.0.0.1. */
export async function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once('error', () => resolve(false));
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  return promise;
}

/**
 * A port that nothing listens on now, below the range that systems give to outgoing connections: from there another
 * connection could take it while its part is being restarted.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) return port;
  }
  throw new Error('No free port was found on 127.0.0.1 between 20000 and 32000.');
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
