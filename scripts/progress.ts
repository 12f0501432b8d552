import { Presets, SingleBar } from 'cli-progress';

/** A progress bar on stderr; where stderr is no terminal, a line now and then. `total` undefined: only a count is shown. */
export function progress(what: string, total: number | undefined): { at(done: number): void; end(): void } {
  if (process.stderr.isTTY && total !== undefined) {
    const bar = new SingleBar(
      { format: `${what} {bar} {value}/{total} ETA {eta_formatted}`, stream: process.stderr, hideCursor: true },
      Presets.shades_classic,
    );
    bar.start(total, 0);
    return { at: (done) => bar.update(done), end: () => bar.stop() };
  }
  let last = performance.now();
  return {
    at(done) {
      if (performance.now() - last < 2_000) return;
      last = performance.now();
      console.error(`${what}: ${done}${total === undefined ? '' : ` of ${total}`}`);
    },
    end: () => undefined,
  };
}
