/** What a step tells while it runs: a short detail such as "unpacking 3 of 9". */
export type Update = (detail: string) => void;

export interface Reporter {
  /** Runs `work`; a step that takes longer than two seconds shows that it lives, and its time at the end. */
  step<T>(label: string, work: (update: Update) => Promise<T>): Promise<T>;
  line(text: string): void;
}

/** For tests and for systems that run beside another: says nothing. */
export const silentReporter: Reporter = {
  step: (_label, work) => work(() => undefined),
  line: () => undefined,
};

const quietMs = 2_000;
const plainEveryMs = 15_000;

/** A spinner on a terminal, plain lines elsewhere (CI logs keep every character that a spinner draws). */
export function consoleReporter(out: NodeJS.WriteStream = process.stdout): Reporter {
  const line = (text: string) => void out.write(`${text}\n`);
  return {
    line,
    async step(label, work) {
      const began = performance.now();
      const seconds = () => ((performance.now() - began) / 1000).toFixed(1);
      let detail = '';
      let lastPlain = -Infinity;
      const clear = () => void (out.isTTY && out.write('\r\u001b[2K'));
      const tick = () => {
        const elapsed = performance.now() - began;
        if (out.isTTY) {
          const frame = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'[Math.floor(elapsed / 100) % 10];
          const text = `${frame} ${label} (${seconds()} s)${detail ? ` – ${detail}` : ''}`;
          out.write(`\r\u001b[2K${text.slice(0, (out.columns || 100) - 1)}`);
        } else if (elapsed >= quietMs && elapsed - lastPlain >= plainEveryMs) {
          lastPlain = elapsed;
          line(`… ${label} (${seconds()} s)${detail ? ` – ${detail}` : ''}`);
        }
      };
      const timer = setInterval(tick, out.isTTY ? 100 : 500);
      try {
        const result = await work((text) => (detail = text.trim()));
        clear();
        line(`✓ ${label}${performance.now() - began > quietMs ? ` (${seconds()} s)` : ''}`);
        return result;
      } catch (error) {
        clear();
        line(`✗ ${label} (${seconds()} s)`);
        throw error;
      } finally {
        clearInterval(timer);
      }
    },
  };
}
