// The test bench under Icarus or Verilator, when one is installed. Refuses to install, download or guess: no simulator,
// no result.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface NativeResult {
  simulator: 'iverilog' | 'verilator';
  verdict: 'pass' | 'fail';
  /** Last lines the simulator printed. */
  output: string;
  seconds: number;
}

/** Runs NAME_tb in a folder with each simulator found on PATH. */
export async function simulateNatively(
  directory: string,
  top: string,
  files: readonly string[],
  signal?: AbortSignal,
): Promise<NativeResult[]> {
  const results: NativeResult[] = [];
  const sources = files.map(file => resolve(directory, file));
  const builds = [
    {
      simulator: 'iverilog' as const,
      args: (out: string) => ['-g2012', '-s', top, '-o', join(out, 'tb'), ...sources],
    },
    {
      simulator: 'verilator' as const,
      args: (out: string) => [
        '--binary',
        '--timing',
        '-Wno-fatal',
        '--Mdir',
        out,
        '-o',
        'tb',
        '--top-module',
        top,
        ...sources,
      ],
    },
  ];
  for (const { simulator, args } of builds) {
    const probe = await run(simulator, [simulator === 'iverilog' ? '-V' : '--version'], directory, signal);
    if (probe.code !== 0) continue;
    const start = performance.now();
    const out = mkdtempSync(join(tmpdir(), 'bitwright-sim-'));
    try {
      let step = await run(simulator, args(out), directory, signal);
      if (step.code === 0) step = await run(join(out, 'tb'), [], directory, signal);
      results.push({
        simulator,
        verdict: step.code === 0 && /^PASS /m.test(step.output) ? 'pass' : 'fail',
        output: step.output.trim().split('\n').slice(-6).join('\n'),
        seconds: (performance.now() - start) / 1000,
      });
    } finally {
      rmSync(out, { recursive: true, force: true });
    }
  }
  return results;
}

function run(
  program: string,
  args: string[],
  cwd: string,
  signal: AbortSignal | undefined,
): Promise<{ code: number; output: string }> {
  return new Promise(done => {
    const child = spawn(program, args, { cwd, signal, stdio: ['ignore', 'pipe', 'pipe'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), 300_000);
    let output = '';
    const take = (data: unknown): void => {
      if (output.length < 1 << 20) output += String(data);
    };
    const end = (code: number): void => {
      clearTimeout(timer);
      done({ code, output });
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', () => end(-1));
    child.on('close', code => end(code ?? -1));
  });
}
