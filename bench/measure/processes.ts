import { readdir, readFile } from 'node:fs/promises';

/** Linux counts processor time in ticks of 10 ms (USER_HZ is 100 on every platform that Node has builds for). */
const ticksPerSecond = 100;

interface ProcessTimes {
  parent: number;
  seconds: number;
}

/**
 * CPU-seconds that each process has used so far, with its children: those that run, and those that ended and were
 * waited for (Postgres' backends).
 */
export async function cpuSeconds(roots: Record<string, number>): Promise<Record<string, number>> {
  const times = await allTimes();
  const named = new Set(Object.values(roots));
  const ofTree = (pid: number): number => {
    // The bench is the parent of the parts, which count for themselves.
    const children = [...times].filter(([child, { parent }]) => parent === pid && !named.has(child)).map(([child]) => child);
    return (times.get(pid)?.seconds ?? 0) + children.reduce((total, child) => total + ofTree(child), 0);
  };
  return Object.fromEntries(Object.entries(roots).map(([name, pid]) => [name, ofTree(pid)]));
}

export function difference(after: Record<string, number>, before: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(after).map(([name, seconds]) => [name, seconds - (before[name] ?? 0)]));
}

async function allTimes(): Promise<Map<number, ProcessTimes>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(async (pid) => [pid, await timesOf(pid)] as const));
  return new Map(found.flatMap(([pid, times]) => (times ? [[pid, times] as const] : [])));
}

async function timesOf(pid: number): Promise<ProcessTimes | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // proc(5): after the name in parentheses come state (field 3), ppid (4), …, utime, stime, cutime, cstime (14 to 17).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ').map(Number);
  const [utime, stime, cutime, cstime] = fields.slice(11, 15) as [number, number, number, number];
  return { parent: fields[1]!, seconds: (utime + stime + cutime + cstime) / ticksPerSecond };
}
