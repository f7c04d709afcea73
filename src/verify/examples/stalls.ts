// The baseline formal checks are compared with: simulation under random stalls. Each port is stalled by a two-state pacer
// (stalled: stays so with p_hold; else becomes so with p_stall), both drawn from 0.00 … 0.99 per port and seed.
// 32 seeds at most run side by side. Refuses to call a slow run dead: silence must last `silence` cycles.

import { UsageError } from '../../core/errors.ts';
import { Random } from '../../core/random.ts';
import { uninitialised } from '../../netlist/aig.ts';
import { Simulator } from '../../netlist/simulate.ts';
import type { Design } from '../design.ts';
import { bindStream } from '../integrity/index.ts';
import { type Interface, signalBit, signalBits } from '../interface.ts';

export type StallCheck = 'P1' | 'P2' | 'P5';

export interface StallOptions {
  /** Independent runs; default 20, at most 32. */
  seeds?: number | undefined;
  /** Cycles of a run at most; default 100 000. */
  cycles?: number | undefined;
  /** Cycles without any transfer that count as dead; default 3000. */
  silence?: number | undefined;
  seed?: number | undefined;
}

export interface StallResult {
  /** Cycles until the bug showed in each run; undefined: it did not. P2: the cycle after the last transfer. */
  hits: (number | undefined)[];
  /** Median over the runs; undefined when more than half did not show it. */
  median: number | undefined;
  seconds: number;
}

interface InputPort {
  valid: number;
  ready: number;
  payload: readonly number[];
}

/**
 * Simulates until each run shows the bug. P1: two copies with different garbage, an observable differs. P2: no transfer
 * any more. P5: an output word is not the oldest one inside. Producers keep valid and payload until the transfer.
 */
export function simulateStalls(
  design: Design,
  found: Interface,
  check: StallCheck,
  options: StallOptions = {},
): StallResult {
  const begin = performance.now();
  const { seeds = 20, cycles = 100_000, silence = 3000, seed = 1 } = options;
  if (seeds < 1 || seeds > 32) throw new UsageError(`${seeds} seeds`, { expected: '1 to 32' });
  const { aig } = design;
  const simulator = new Simulator(aig);
  const n = simulator.blockWords;
  const inputs = found.channels
    .filter(c => c.direction === 'in')
    .map(
      (c): InputPort => ({
        valid: signalBit(design, c.valid),
        ready: c.ready === undefined ? 1 : signalBit(design, c.ready),
        payload: c.payload.flatMap(ref => signalBits(design, ref)),
      }),
    );
  const outputs = found.channels
    .filter(c => c.direction === 'out')
    .map(
      (c): InputPort => ({
        valid: signalBit(design, c.valid),
        ready: c.ready === undefined ? 1 : signalBit(design, c.ready),
        payload: c.payload.flatMap(ref => signalBits(design, ref)),
      }),
    );
  const stream = check === 'P5' ? bindStream(design, found) : undefined;
  if (typeof stream === 'string') throw new UsageError(`no stream block: ${stream}`);
  const lanes = Array.from({ length: seeds }, (_, lane) => {
    const random = new Random(seed * 1000 + lane);
    const pacers = [...inputs, ...outputs].map(() => ({
      hold: random.below(100) / 100,
      stall: random.below(100) / 100,
      stalled: false,
    }));
    return { random, pacers, offering: inputs.map(() => false), queues: inputs.map((): string[] => []) };
  });
  const all = seeds === 32 ? 0xffffffff : (2 ** seeds - 1) >>> 0;
  const random = new Random(seed);
  const block = simulator.block();
  const state = new Uint32Array(aig.latchCount * n);
  for (let i = 0; i < aig.latchCount; i++) {
    const init = aig.latchInit[i]!;
    const word = init === uninitialised ? random.uint32() : init === 1 ? 0xffffffff : 0;
    state.fill(word, i * n, (i + 1) * n);
  }
  const held = inputs.map(c => new Uint32Array(c.payload.length));
  const owned = new Set<number>();
  for (const c of inputs) for (const x of [c.valid, ...c.payload]) owned.add(x >>> 1);
  for (const c of outputs) owned.add(c.ready >>> 1);
  const free: number[] = [];
  for (let v = 1; v <= aig.inputCount; v++) if (!owned.has(v)) free.push(v);
  const hits = lanes.map((): number | undefined => undefined);
  const lastMove = lanes.map(() => -1);
  let open = all;
  /** Word of a literal in copy 0 or 1. */
  const word = (literal: number, copy: number): number =>
    (block[(literal >>> 1) * n + copy]! ^ -(literal & 1)) >>> 0;
  const put = (literal: number, a: number, b = a): void => {
    block[(literal >>> 1) * n] = a;
    block[(literal >>> 1) * n + 1] = b;
  };
  for (let t = 0; t < cycles && open !== 0; t++) {
    const offer = inputs.map(() => 0);
    const accept = outputs.map(() => 0);
    const fresh = inputs.map(() => 0);
    lanes.forEach((lane, l) => {
      const bit = 1 << l;
      lane.pacers.forEach((pacer, p) => {
        pacer.stalled = lane.random.uniform() < (pacer.stalled ? pacer.hold : pacer.stall);
        if (p >= inputs.length) {
          if (!pacer.stalled) accept[p - inputs.length]! |= bit;
          return;
        }
        if (!lane.offering[p] && !pacer.stalled) {
          lane.offering[p] = true;
          fresh[p]! |= bit;
        }
        if (lane.offering[p]) offer[p]! |= bit;
      });
    });
    inputs.forEach((c, i) => {
      put(c.valid, offer[i]!);
      c.payload.forEach((literal, b) => {
        const old = held[i]![b]!;
        const now = ((old & ~fresh[i]!) | (random.uint32() & fresh[i]!)) >>> 0;
        held[i]![b] = now;
        const keep = now & offer[i]!;
        put(literal, keep | (random.uint32() & ~offer[i]!), keep | (random.uint32() & ~offer[i]!));
      });
    });
    outputs.forEach((c, j) => {
      if (c.ready !== 1) put(c.ready, accept[j]!);
    });
    for (const v of free) put(2 * v, random.uint32());
    block.set(state, (1 + aig.inputCount) * n);
    simulator.evaluate();
    let moved = 0;
    let differs = 0;
    for (const c of inputs) {
      moved |= word(c.valid, 0) & word(c.ready, 0);
      differs |= word(c.ready, 0) ^ word(c.ready, 1);
    }
    for (const c of outputs) {
      moved |= word(c.valid, 0) & word(c.ready, 0);
      differs |= word(c.valid, 0) ^ word(c.valid, 1);
      for (const x of c.payload) differs |= word(c.valid, 0) & (word(x, 0) ^ word(x, 1));
    }
    for (let l = 0; l < seeds; l++) {
      const bit = 1 << l;
      if ((open & bit) === 0) continue;
      const lane = lanes[l]!;
      if ((moved & bit) !== 0) lastMove[l] = t;
      inputs.forEach((c, i) => {
        if ((word(c.valid, 0) & word(c.ready, 0) & bit) !== 0) lane.offering[i] = false;
      });
      let shown = false;
      if (check === 'P1') shown = (differs & bit) !== 0;
      else if (check === 'P2') shown = t - lastMove[l]! > silence;
      else shown = wrongWord(stream!, lane.queues, x => (word(x, 0) >>> l) & 1);
      if (!shown) continue;
      hits[l] = check === 'P2' ? lastMove[l]! + 1 : t + 1;
      open = (open & ~bit) >>> 0;
    }
    for (let i = 0; i < aig.latchCount; i++) simulator.read(block, aig.latchNext[i]!, state, i * n);
  }
  const sorted = hits.map(h => h ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const middle = (sorted[(seeds - 1) >> 1]! + sorted[seeds >> 1]!) / 2;
  return {
    hits,
    median: Number.isFinite(middle) ? middle : undefined,
    seconds: (performance.now() - begin) / 1000,
  };
}

/** Moves words through the queues of one run; true when an output word is nobody's oldest. */
function wrongWord(
  stream: Exclude<ReturnType<typeof bindStream>, string>,
  queues: string[][],
  bit: (literal: number) => number,
): boolean {
  stream.inputs.forEach((c, s) => {
    if (bit(c.valid) & bit(c.ready)) queues[s]!.push(c.payload.map(bit).join(''));
  });
  for (const c of stream.outputs) {
    if ((bit(c.valid) & bit(c.ready)) === 0) continue;
    const text = c.payload.map(bit).join('');
    const source = queues.findIndex(q => q[0] === text);
    if (source < 0) return true;
    queues[source]!.shift();
  }
  return false;
}
