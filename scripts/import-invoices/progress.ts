import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  step(done: number): void;
  stop(): void;
}

const plainEveryMs = 5_000;

/** A bar on a terminal, a line every five seconds elsewhere. The rate counts what is done from now on. */
export function showProgress(label: string, total: number, already = 0, out: NodeJS.WriteStream = process.stdout): Progress {
  const began = performance.now();
  const rate = (done: number) => (((done - already) * 1000) / Math.max(1, performance.now() - began)).toFixed(1);
  if (out.isTTY) {
    const format = `${label} {bar} {percentage} % | {value}/{total} | {rate}/s | {duration_formatted}`;
    const bar = new SingleBar({ format, hideCursor: true, stream: out, stopOnComplete: false }, Presets.shades_classic);
    bar.start(total, already, { rate: '0.0' });
    return { step: (done) => bar.update(done, { rate: rate(done) }), stop: () => bar.stop() };
  }
  let last = began;
  return {
    step(done) {
      const now = performance.now();
      if (now - last < plainEveryMs) return;
      last = now;
      out.write(`… ${label} ${done}/${total} (${rate(done)}/s)\n`);
    },
    stop: () => undefined,
  };
}
