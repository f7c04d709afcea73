// `verilator --lint-only -Wall` over the RTL of a unit, when Verilator is installed. Refuses to judge without it.

import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AbortedError } from '../core/errors.ts';
import { inScratch } from '../core/scratch.ts';
import { type NativeRunOptions, nativeVersion, runNative } from '../native/run.ts';
import type { RtlFile } from '../synthesis/rtl.ts';

export interface LintResult {
  tool: 'verilator';
  version: string;
  /** `clean`, `warnings` (errors among them), or `unavailable` when the installation does not work. */
  verdict: 'clean' | 'warnings' | 'unavailable';
  /** One line each, with file, line and column. */
  warnings: string[];
  seconds: number;
}

/**
 * Lints the files of a unit with every warning on.
 * @returns undefined when Verilator is not installed
 * @throws AbortedError
 */
export async function lintRtl(
  files: readonly RtlFile[],
  top: string,
  options: NativeRunOptions = {},
): Promise<LintResult | undefined> {
  const version = await nativeVersion('verilator', '--version', options);
  if (version === undefined) return undefined;
  const start = performance.now();
  return await inScratch('lint', async folder => {
    const names = files.map(file => basename(file.name));
    files.forEach((file, i) => {
      writeFileSync(join(folder, names[i]!), file.text);
    });
    const args = ['--lint-only', '-Wall', '--top-module', top, ...names];
    const run = await runNative('verilator', args, { ...options, cwd: folder });
    if (options.signal?.aborted === true) throw new AbortedError('lint stopped');
    const lines = run.output.split('\n').filter(line => line.startsWith('%'));
    const warnings = lines.filter(line => !line.startsWith('%Error: Exiting due to'));
    const broken = run.code !== 0 && warnings.length === 0;
    if (broken) warnings.push(run.output.trim().split('\n')[0] || `verilator ended with ${run.code}`);
    const verdict = broken ? 'unavailable' : warnings.length === 0 ? 'clean' : 'warnings';
    return { tool: 'verilator', version, verdict, warnings, seconds: (performance.now() - start) / 1000 };
  });
}

/** What a person reads of a lint: one line, and at most ten warnings below it. */
export function lintLines(result: LintResult | undefined): string[] {
  if (result === undefined) return ['Verilator lint: Verilator not found'];
  const { version, verdict, warnings } = result;
  const head = `Verilator ${version} lint -Wall: `;
  if (verdict === 'clean') return [`${head}clean`];
  if (verdict === 'unavailable') return [`${head}not possible, ${warnings[0]}`];
  const more = warnings.length > 10 ? [`  and ${warnings.length - 10} more`] : [];
  return [`${head}${warnings.length} warnings`, ...warnings.slice(0, 10).map(line => `  ${line}`), ...more];
}
