import { expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

it('a build that is ended is not followed by a download, and leaves nothing in the cache', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'perdura-temporal-'));
  try {
    await mkdir(join(folder, 'bin'));
    await writeFile(join(folder, 'bin', 'go'), '#!/bin/sh\n[ "$1" = version ] && exit 0\necho first/package\nexec /bin/sleep 30\n', { mode: 0o755 });
    const script = `
      import { temporalExecutable } from ${JSON.stringify(new URL('./temporal-source.ts', import.meta.url).href)};
      const stop = new AbortController();
      const steps = [];
      const step = (label, work) => {
        steps.push(label);
        return work(() => stop.abort());
      };
      const outcome = await temporalExecutable({ step, line: () => undefined }, stop.signal).catch((error) => error.name);
      console.log(JSON.stringify({ outcome, steps }));`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { PATH: join(folder, 'bin'), XDG_CACHE_HOME: join(folder, 'cache') },
      timeout: 15_000,
    });
    expect(JSON.parse(stdout)).toEqual({ outcome: 'AbortError', steps: [expect.stringMatching(/^Building Temporal/)] });
    expect(await readdir(join(folder, 'cache', 'perdura'))).toEqual([]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 20_000);
