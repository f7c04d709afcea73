// Exact adder detection: hands the graph to the kernel and collects adders, flags and statistics.
// Refuses graphs whose detection would not fit the kernel's 4 GiB (about 90 million ANDs).

import { InputError } from '../../core/errors.ts';
import { noProgress, type ProgressFactory } from '../../core/progress.ts';
import { type Steps, straight } from '../../core/turns.ts';
import { loadKernel } from '../../kernels/load.ts';
import type { Aig } from '../../netlist/aig.ts';
import { requireAig } from '../../netlist/aig.ts';
import { AdderList } from './adders.ts';

interface AdderKernel {
  memory: WebAssembly.Memory;
  prepare(firstAnd: number, ands: number, maxCuts: number, collectXors: number): number;
  fanin0Base(): number;
  fanin1Base(): number;
  fanoutBase(): number;
  flagBase(): number;
  adderBase(): number;
  start(): void;
  run(first: number, end: number): void;
  finish(): void;
  failure(): number;
  adders(): number;
  xorNodes(): number;
  cuts(): number;
  mostCuts(): number;
  capped(): number;
  pairs(): number;
  bytesUsed(): number;
}

export interface DetectOptions {
  /** Cuts kept a node, the trivial one included, 8 to 1000. Multipliers need fewer than 30. Default 128. */
  maxCuts?: number | undefined;
  progress?: ProgressFactory | undefined;
  signal?: AbortSignal | undefined;
}

export interface DetectStatistics {
  ands: number;
  seconds: number;
  /** Cuts of all ANDs, trivial ones included, and the most at one node. */
  cuts: number;
  mostCuts: number;
  /** Nodes that had more than `maxCuts` cuts: the answer may lack adders there, never hold wrong ones. */
  cappedNodes: number;
  xorNodes: number;
  /** Adder pairs before the containment filter. */
  pairs: number;
  kernelBytes: number;
}

export interface DetectResult {
  adders: AdderList;
  /** A flag byte a variable, see labels.ts. */
  flags: Uint8Array;
  statistics: DetectStatistics;
}

const slice = 1 << 18;

/**
 * Finds every full and half adder whose sum and carry are functions of the same two or three nets by 3-feasible cuts
 * (Gamora's labelling, which equals ABC's `&profile -a` detector). Time and memory are linear in the graph.
 * @throws InputError when the graph is too large, or holds so many copies of a gate that pairs become quadratic
 */
export function detectAdders(aig: Aig, options: DetectOptions = {}): DetectResult {
  requireAig('the netlist of detectAdders', aig);
  return straight(detecting(aig, options), { signal: options.signal, stopped: 'adder detection stopped' });
}

/** The same in steps; whoever runs them looks at the signal. */
export function* detecting(aig: Aig, options: DetectOptions = {}): Steps<DetectResult> {
  const begin = performance.now();
  const maxCuts = options.maxCuts ?? 128;
  if (!Number.isInteger(maxCuts) || maxCuts < 8 || maxCuts > 1000) {
    throw new RangeError(`maxCuts ${maxCuts} is not an integer from 8 to 1000`);
  }
  const kernel = loadKernel<AdderKernel>('adders');
  const { firstAnd, andCount, variableCount } = aig;
  if (variableCount >= 1 << 28 || kernel.prepare(firstAnd, andCount, maxCuts, 0) === 0)
    throw tooLarge(andCount);
  const words = (base: number, length: number): Uint32Array =>
    new Uint32Array(kernel.memory.buffer, base >>> 0, length);
  words(kernel.fanin0Base(), andCount).set(aig.fanin0);
  words(kernel.fanin1Base(), andCount).set(aig.fanin1);
  const fanouts = words(kernel.fanoutBase(), variableCount);
  for (const literal of aig.roots()) fanouts[literal >>> 1]!++;
  kernel.start();
  const bar = (options.progress ?? noProgress)('adders', andCount, 'AND');
  for (let v = firstAnd; v < variableCount; v += slice) {
    yield;
    kernel.run(v, Math.min(v + slice, variableCount));
    check(kernel, andCount);
    bar.update(v - firstAnd);
  }
  kernel.finish();
  check(kernel, andCount);
  bar.end();
  const data = words(kernel.adderBase(), kernel.adders() * 6).slice();
  const flags = new Uint8Array(kernel.memory.buffer, kernel.flagBase() >>> 0, variableCount).slice();
  return {
    adders: new AdderList(data),
    flags,
    statistics: {
      ands: andCount,
      seconds: (performance.now() - begin) / 1000,
      cuts: kernel.cuts(),
      mostCuts: kernel.mostCuts(),
      cappedNodes: kernel.capped(),
      xorNodes: kernel.xorNodes(),
      pairs: kernel.pairs(),
      kernelBytes: kernel.memory.buffer.byteLength,
    },
  };
}

function check(kernel: AdderKernel, ands: number): void {
  const failure = kernel.failure();
  if (failure === 1) throw tooLarge(ands);
  if (failure === 2) {
    throw new InputError('the netlist holds too many copies of the same gate', {
      expected: 'a structurally hashed graph',
    });
  }
}

function tooLarge(ands: number): InputError {
  return new InputError(`a graph of ${ands} ANDs is too large for adder detection`, {
    expected: 'one that fits 4 GiB of kernel memory (about 90 million ANDs)',
  });
}
