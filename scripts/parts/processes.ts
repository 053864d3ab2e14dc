import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
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

/**
 * Ties a process group to our life: if we are killed without a chance to stop it, a waiting shell sees its input end
 * and does it for us.
 * @returns to be called when the process has ended by itself
 */
export function leash(child: ChildProcess, signal: NodeJS.Signals): () => void {
  if (!child.pid || process.platform === 'win32') return () => undefined;
  const pid = child.pid;
  const script = `read -r line && exit 0; kill -s ${signal.slice(3)} ${pid} 2>/dev/null; sleep 5; kill -s KILL -- -${pid} 2>/dev/null`;
  const shell = spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  shell.unref();
  (shell.stdin as typeof shell.stdin & { unref?: () => void }).unref?.();
  return () => void shell.stdin.end('done\n');
}
