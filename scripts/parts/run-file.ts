import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { startMark, stopProcess } from './processes.ts';

interface Mark {
  pid: number;
  started: string;
}

interface RunFile {
  starter: Mark;
  parts: Record<string, Mark>;
}

/** Raised when this folder's system is already running. */
export class AlreadyRunning extends Error {
  override name = 'AlreadyRunning';
}

/**
 * The record of who runs a folder's system, so that it is never started twice, and so that what a killed starter left
 * behind is found and stopped.
 */
export class RunRecord {
  readonly #file: string;
  #content?: RunFile;
  #writing: Promise<void> = Promise.resolve();

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * Takes the folder; stops what a starter that is gone left running.
   * @throws AlreadyRunning when its starter lives
   */
  async take(): Promise<void> {
    const old = await this.#read();
    if (old && (await isSame(old.starter))) {
      throw new AlreadyRunning(
        `It is already running here (process ${old.starter.pid}). Its links are in dev.json beside ${this.#file}; ` +
          `stop it with Ctrl-C there, or: kill ${old.starter.pid}`,
      );
    }
    for (const mark of Object.values(old?.parts ?? {}).toReversed()) {
      if (await isSame(mark)) await stopProcess(mark.pid, 'SIGTERM', 8_000);
    }
    await mkdir(dirname(this.#file), { recursive: true });
    this.#content = { starter: await markOf(process.pid), parts: {} };
    await this.#write();
  }

  /** Notes a part's process. */
  async note(part: string, pid: number): Promise<void> {
    if (!this.#content) return;
    this.#content.parts[part] = await markOf(pid);
    await this.#write();
  }

  async release(): Promise<void> {
    this.#content = undefined;
    await this.#writing;
    await rm(this.#file, { force: true });
  }

  /** Whether a starter lives. */
  async isTaken(): Promise<boolean> {
    const old = await this.#read();
    return old !== undefined && (await isSame(old.starter));
  }

  async #read(): Promise<RunFile | undefined> {
    const text = await readFile(this.#file, 'utf8').catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as RunFile);
  }

  #write(): Promise<void> {
    this.#writing = this.#writing.then(() => writeJson(this.#file, this.#content));
    return this.#writing;
  }
}

/** Writes a file whole or not at all, readable by its owner only. */
export async function writeJson(file: string, content: unknown): Promise<void> {
  await writeFile(`${file}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

async function markOf(pid: number): Promise<Mark> {
  return { pid, started: (await startMark(pid)) ?? '' };
}

async function isSame({ pid, started }: Mark): Promise<boolean> {
  return started !== '' && (await startMark(pid)) === started;
}
