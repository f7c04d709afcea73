// From files and a configuration to a settled design and its interface: the front end in one call.

import { statSync } from 'node:fs';
import { requireText, shown } from '../core/arguments.ts';
import { InputError, UsageError } from '../core/errors.ts';
import { type RtlSource, readRtlFiles } from '../synthesis/source.ts';
import type { VerifyConfig } from './config.ts';
import type { Design } from './design.ts';
import { userConvention } from './front/conventions.ts';
import { guessInterface } from './front/guess.ts';
import { findIncludes } from './front/includes.ts';
import { overrideInterface } from './front/override.ts';
import { readDesign } from './front/read.ts';
import { settleReset } from './front/reset.ts';
import type { Interface } from './interface.ts';

export interface LoadOptions {
  top?: string | undefined;
  includeFolders?: readonly string[] | undefined;
  parameters?: Readonly<Record<string, string | number>> | undefined;
  defines?: Readonly<Record<string, string>> | undefined;
  config?: VerifyConfig | undefined;
  /** Name of the configuration, for messages. */
  configFile?: string | undefined;
  timeoutSeconds?: number | undefined;
  signal?: AbortSignal | undefined;
  native?: boolean | undefined;
}

export interface LoadedDesign {
  /** As read: clock and reset are still ports. */
  source: Design;
  /** From the end of reset on. */
  design: Design;
  found: Interface;
  /** What was read. */
  rtl: RtlSource;
  warnings: string[];
}

/** @throws InputError for what cannot be read or does not fit together */
export async function loadDesign(
  paths: string | readonly string[],
  options: LoadOptions = {},
): Promise<LoadedDesign> {
  const { config = {}, configFile = 'configuration' } = options;
  const list = typeof paths === 'string' ? [paths] : paths;
  if (!Array.isArray(list) || list.length === 0)
    throw new UsageError(`the files of loadDesign are ${shown(list)}`, { expected: 'one path or several' });
  for (const path of list) requireText('a file of loadDesign', path, 'a path');
  const files = readRtlFiles(list);
  for (const folder of options.includeFolders ?? []) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw new InputError('is no folder', { file: folder, expected: 'a folder of included files' });
  }
  const includes = findIncludes(files, options.includeFolders ?? []);
  const rtl: RtlSource = {
    files,
    includes: Object.keys(includes).length === 0 ? undefined : includes,
    top: options.top ?? config.top,
    parameters: { ...config.parameters, ...options.parameters },
    defines: options.defines,
  };
  const read = await readDesign(rtl, {
    timeoutSeconds: options.timeoutSeconds,
    signal: options.signal,
    native: options.native,
  });
  const patterns = typeof config.patterns === 'string' ? [config.patterns] : (config.patterns ?? []);
  const conventions = patterns.map(text => {
    const convention = userConvention(text);
    if (convention !== undefined) return convention;
    throw new InputError(`pattern '${text}'`, {
      file: configFile,
      expected: "such as 'valid=*_vld ready=*_ack payload=*_dat,*_adr'",
    });
  });
  const { design: source, clocks, portOrder } = read;
  for (const name of [config.clock, ...(resetsOf(config)?.map(r => r.port) ?? [])]) {
    const clockOnly = name !== undefined && portOrder.includes(name);
    if (name !== undefined && !clockOnly) {
      throw new InputError(`no port '${name}'`, {
        file: configFile,
        expected: `one of ${portOrder.slice(0, 12).join(', ')}`,
      });
    }
  }
  const guess = guessInterface(source, clocks, portOrder, {
    conventions,
    clock: config.clock,
    resets: resetsOf(config),
  });
  const found = overrideInterface(source, guess, config, configFile);
  const ties = new Map(
    found.freeInputs.flatMap(({ port, rule }) => (rule.kind === 'tied' ? [[port, rule.value]] : [])),
  );
  if (clocks.clock !== undefined && source.ports.some(p => p.name === clocks.clock)) {
    throw new InputError(`clock '${clocks.clock}' is also used as data`, {
      ...read.clockUse,
      expected: 'a clock that only clocks',
    });
  }
  return {
    source,
    design: settleReset(source, found.resets, ties as Map<string, bigint>, config.resetCycles),
    found,
    rtl: { ...rtl, top: source.name },
    warnings: read.warnings,
  };
}

function resetsOf(config: VerifyConfig): { port: string; active?: 0 | 1 | undefined }[] | undefined {
  const { reset } = config;
  if (reset === undefined) return undefined;
  if (reset === null) return [];
  return (Array.isArray(reset) ? reset : [reset]).map(r =>
    typeof r === 'string'
      ? { port: r }
      : { port: r.port, active: r.active === undefined ? undefined : r.active === 'high' ? 1 : 0 },
  );
}
