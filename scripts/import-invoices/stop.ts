/**
 * Ctrl-C (and SIGTERM, SIGHUP): the first one lets what is in work end, for ten seconds at most; a second one stops
 * at once. Neither loses anything.
 */
export function stopOnSignals(): { stopping: AbortSignal; now: AbortSignal } {
  const [stopping, now] = [new AbortController(), new AbortController()];
  let first = 0;
  const onSignal = () => {
    if (first === 0) {
      first = performance.now();
      console.log('\nStopping: finishing the invoices in work (again to stop at once)');
      stopping.abort();
      setTimeout(() => now.abort(), 10_000).unref();
    } else if (performance.now() - first > 1_500) {
      // A terminal's Ctrl-C arrives twice, directly and through npm: only a later one means "now".
      now.abort();
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  // The bootstrap's channel ends when it was killed: nobody is left to stop us otherwise.
  process.once('disconnect', onSignal);
  process.channel?.unref();
  return { stopping: stopping.signal, now: now.signal };
}
