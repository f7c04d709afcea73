// Progress of long work on stderr: bar, rate, time left; only on a terminal and not under --quiet.
// Refuses to write anything to stdout, and to write more than ten times a second.

export interface Progress {
  /** @param done units finished so far, out of the total given at the start */
  update(done: number, note?: string): void;
  end(): void;
}

export type ProgressFactory = (label: string, total: number, unit?: string) => Progress;

const silent: Progress = { update() {}, end() {} };

/** Makes no output: the default of library calls. */
export const noProgress: ProgressFactory = () => silent;

/** Bars on stderr if it is a terminal, else nothing. */
export function terminalProgress(options: { quiet?: boolean } = {}): ProgressFactory {
  if (options.quiet === true || process.stderr.isTTY !== true) return noProgress;
  return (label, total, unit = '') => {
    const start = performance.now();
    let last = 0;
    return {
      update(done, note = '') {
        const now = performance.now();
        if (now - last < 100 && done < total) return;
        last = now;
        const seconds = (now - start) / 1000;
        const share = total > 0 ? Math.min(1, done / total) : 1;
        const rate = seconds > 0 ? done / seconds : 0;
        const left = rate > 0 ? (total - done) / rate : Number.NaN;
        const width = 24;
        const filled = Math.round(share * width);
        const bar = '#'.repeat(filled) + '.'.repeat(width - filled);
        const columns = process.stderr.columns ?? 100;
        const text = `${label} [${bar}] ${(share * 100).toFixed(0).padStart(3)}%  ${quantity(rate)}${unit}/s  ${duration(left)} left ${note}`;
        process.stderr.write(`\r${text.slice(0, columns - 1)}\u001b[K`);
      },
      end() {
        process.stderr.write('\r\u001b[K');
      },
    };
  };
}

/** A number with an SI prefix, three figures: 12.3 M. */
function quantity(x: number): string {
  const steps: [number, string][] = [
    [1e12, ' T'],
    [1e9, ' G'],
    [1e6, ' M'],
    [1e3, ' k'],
  ];
  for (const [size, prefix] of steps) if (Math.abs(x) >= size) return `${(x / size).toPrecision(3)}${prefix}`;
  return `${x.toPrecision(3)} `;
}

/** Seconds as 1:02:03, 2:03 or 4 s. */
function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  const mm = Math.floor(s / 60) % 60;
  const ss = String(s % 60).padStart(2, '0');
  return s < 3600 ? `${mm}:${ss}` : `${Math.floor(s / 3600)}:${String(mm).padStart(2, '0')}:${ss}`;
}
