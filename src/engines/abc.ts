// ABC as one engine of the portfolio: inside @yowasp/yosys, or a native berkeley-abc when one is installed.
// Refuses to be trusted: its traces are replayed on our graph, its proofs carry no certificate.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { inScratch } from '../core/scratch.ts';
import { runNative } from '../native/run.ts';
import type { Aig } from '../netlist/aig.ts';
import { readAiger } from '../netlist/aiger-read.ts';
import { aigerBytes } from '../netlist/aiger-write.ts';
import { runYosys, SynthesisTimeout } from '../synthesis/index.ts';
import { plainProblem, plainTrace } from './abc-problem.ts';
import { concreteTrace } from './concrete.ts';
import { Limits } from './limits.ts';
import { originalTrace } from './replay.ts';
import type { EngineOutcome } from './run-engine.ts';
import { coneOfInfluence, type System } from './system.ts';
import { dropConstantLatches } from './ternary.ts';

export interface AbcOptions {
  timeoutSeconds: number;
  signal?: AbortSignal | undefined;
  /** ABC commands before `pdr`; default `scorr`. */
  before?: readonly string[] | undefined;
}

/** Is there a berkeley-abc on the PATH? */
export function hasNativeAbc(): boolean {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .some(folder => folder !== '' && existsSync(join(folder, 'berkeley-abc')));
}

interface AbcReply {
  log: string;
  trace: string;
  /** The problem after the commands before pdr, which leaves a constant output undecided. */
  reduced: Uint8Array | undefined;
}

export async function runAbc(
  engine: 'yosys-abc' | 'berkeley-abc',
  aig: Aig,
  bad: number,
  options: AbcOptions,
): Promise<EngineOutcome> {
  const start = performance.now();
  const unknown = (reason: string): EngineOutcome => ({
    verdict: 'unknown',
    method: engine,
    depth: 0,
    reason,
  });
  const system = dropConstantLatches(coneOfInfluence(aig, bad));
  if (system.bad === 0) return unknown('nothing to prove');
  const seconds = Math.max(1, Math.floor(options.timeoutSeconds));
  const commands = [
    ...(options.before ?? ['scorr']),
    'write_aiger reduced.aig',
    `pdr -T ${seconds}`,
    'print_status',
    'write_cex -f trace.txt',
  ];
  const file = aigerBytes(plainProblem(system), { symbols: false });
  let reply: AbcReply;
  try {
    reply =
      engine === 'yosys-abc'
        ? await insideYosys(commands, file, options)
        : await native(commands, file, options);
  } catch (error) {
    if (error instanceof SynthesisTimeout) return unknown(`timeout of ${seconds} s`);
    if (options.signal?.aborted === true) return unknown('interrupted');
    return unknown((error as Error).message);
  }
  const status = /Status = ([-\d]+)\s+Frames = ([-\d]+)/.exec(reply.log);
  const frames = Math.max(0, Number(status?.[2] ?? 0));
  if (status?.[1] === '1') return { verdict: 'proved', method: engine, depth: frames };
  if (isConstantFalse(reply.reduced)) return { verdict: 'proved', method: engine, depth: 1 };
  if (status?.[1] !== '0') return { ...unknown(`timeout of ${seconds} s`), depth: frames };
  const left = options.timeoutSeconds - (performance.now() - start) / 1000;
  return refuted(engine, aig, bad, system, reply.trace, Math.max(2, left)) ?? unknown('no usable trace');
}

function isConstantFalse(file: Uint8Array | undefined): boolean {
  return file !== undefined && readAiger({ bytes: file }).outputs[0] === 0;
}

function refuted(
  engine: string,
  aig: Aig,
  bad: number,
  system: System,
  text: string,
  timeoutSeconds: number,
): EngineOutcome | undefined {
  const found = plainTrace(system, text);
  if (found === undefined) return undefined;
  const whole = originalTrace(system, aig, found);
  const trace = concreteTrace(aig, aig.bads[bad]!, whole, new Limits({ timeoutSeconds }));
  return trace && { verdict: 'refuted', method: engine, depth: trace.steps.length - 1, trace };
}

/** Any logic at all, so that Yosys calls ABC; ABC gives it back at the end, as Yosys expects. */
const carrier = 'module carrier(input a, b, output y); assign y = a & b; endmodule';

async function insideYosys(
  commands: readonly string[],
  file: Uint8Array,
  options: AbcOptions,
): Promise<AbcReply> {
  const all = ['write_blif carrier.blif', 'read_aiger problem.aig', ...commands, 'read_blif carrier.blif'];
  const script = all.map(command => command.replace(/ /g, ',')).join(';');
  const { files, log } = await runYosys({
    script: `read_verilog carrier.v; simplemap; abc -script +${script}`,
    files: { 'carrier.v': carrier, 'problem.aig': file },
    timeoutSeconds: options.timeoutSeconds + 0.5,
    signal: options.signal,
    verbose: true,
  });
  return {
    log,
    trace: new TextDecoder().decode(files.get('trace.txt') ?? new Uint8Array(0)),
    reduced: files.get('reduced.aig'),
  };
}

function native(commands: readonly string[], file: Uint8Array, options: AbcOptions): Promise<AbcReply> {
  return inScratch('abc', async folder => {
    writeFileSync(join(folder, 'problem.aig'), file);
    const script = ['read_aiger problem.aig', ...commands].join('; ');
    const { output, missing } = await runNative('berkeley-abc', ['-c', script], {
      ...{ cwd: folder, timeoutSeconds: options.timeoutSeconds + 0.5, signal: options.signal },
    });
    if (missing) throw new Error('berkeley-abc is not installed');
    const written = (name: string): Uint8Array | undefined =>
      existsSync(join(folder, name)) ? readFileSync(join(folder, name)) : undefined;
    const trace = new TextDecoder().decode(written('trace.txt') ?? new Uint8Array(0));
    return { log: output, trace, reduced: written('reduced.aig') };
  });
}
