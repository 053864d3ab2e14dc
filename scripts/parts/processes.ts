import { readFile } from 'node:fs/promises';
import { run } from './run.ts';

/** Whether a process with this id exists (a zombie counts as gone). */
export async function isAlive(pid: number): Promise<boolean> {
  return (await startMark(pid)) !== undefined;
}

/**
 * A mark of when a process began, so that a number that was given to another process since is told apart.
 * Undefined when there is no such process.
 */
export async function startMark(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    // The name in parentheses may hold spaces; what follows it does not.
    const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields && fields[0] !== 'Z' ? fields[19] : undefined;
  }
  return (await run('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => '')).trim() || undefined;
}

/** Sends a signal; answers whether there was somebody to receive it. Negative ids are process groups. */
export function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** Stops a process by its id: the signal first, SIGKILL when it is still there after the grace. */
export async function stopProcess(pid: number, signal: NodeJS.Signals, graceMs: number): Promise<void> {
  send(pid, signal);
  const deadline = performance.now() + graceMs;
  while (performance.now() < deadline) {
    if (!(await isAlive(pid))) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  send(-pid, 'SIGKILL');
  send(pid, 'SIGKILL');
}
