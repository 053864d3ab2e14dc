import { open, stat } from 'node:fs/promises';

/** The last lines of a file, from at most its last 16 kB; '' when there is none. */
export async function lastLines(file: string, count: number): Promise<string> {
  const { size } = await stat(file).catch(() => ({ size: 0 }));
  return (await readFrom(file, Math.max(0, size - 16_384), 16_384)).trimEnd().split('\n').slice(-count).join('\n');
}

/** What a file holds from a position on, at most `length` bytes; '' when there is none. */
export async function readFrom(file: string, position: number, length: number): Promise<string> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (!handle) return '';
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
