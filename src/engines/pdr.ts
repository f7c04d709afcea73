// Property directed reachability (IC3; Bradley 2011, Eén, Mishchenko and Brayton 2011) with counterexamples to
// generalisation (Hassan, Bradley and Somenzi 2013). Refuses to hunt for the shortest failing run: BMC does that.

import type { EngineAnswer } from './bmc.ts';
import { type Cube, meetsReset } from './cube.ts';
import { Justifier } from './justify.ts';
import type { Limits } from './limits.ts';
import { type Obligation, ObligationQueue } from './obligations.ts';
import { PdrFrames, Stopped } from './pdr-frames.ts';
import type { System } from './system.ts';

export interface PdrOptions {
  /** Pairs of literals of the system's graph, functions of latches, that are equal in every reachable state. */
  invariants?: readonly (readonly [number, number])[] | undefined;
  /** Block counterexamples to generalisation: fewer clauses for more queries. Default true. */
  blockCounterexamples?: boolean | undefined;
}

export interface PdrAnswer extends EngineAnswer {
  /** proved: cubes that no reachable state lies in; their complements with the invariants are inductive. */
  cubes?: Cube[] | undefined;
  statistics: { queries: number; obligations: number; clauses: number; frames: number };
}

const ctgLimit = 3;
const joinLimit = 1 << 20;

export function propertyDirectedReachability(
  system: System,
  limits: Limits,
  options: PdrOptions = {},
): PdrAnswer {
  return new Pdr(system, limits, options).run();
}

class Pdr {
  private readonly system: System;
  private readonly limits: Limits;
  private readonly frames: PdrFrames;
  private readonly activity: Float64Array;
  private readonly weights: Float64Array;
  private readonly justifier: Justifier;
  private readonly ctgDepth: number;
  private obligations = 0;

  constructor(system: System, limits: Limits, options: PdrOptions) {
    this.system = system;
    this.limits = limits;
    this.ctgDepth = options.blockCounterexamples === false ? 0 : 1;
    this.activity = new Float64Array(system.aig.latchCount);
    this.weights = new Float64Array(system.aig.latchCount).fill(1);
    this.frames = new PdrFrames(system, limits, options.invariants ?? []);
    this.justifier = new Justifier(system.aig, this.weights);
  }

  run(): PdrAnswer {
    const { frames } = this;
    try {
      if (frames.bad(0)) {
        const { inputCount, latchCount } = this.system.aig;
        const initial = Uint8Array.from({ length: latchCount }, (_, i) => frames.model(1 + inputCount + i));
        return this.answer('refuted', 0, { trace: { initial, steps: [this.readInputs()] } });
      }
      for (;;) {
        frames.open();
        this.limits.progress('pdr', frames.top);
        while (frames.bad(frames.top)) {
          const failing = this.strengthen();
          if (failing !== undefined) return failing;
        }
        const fixed = this.propagate();
        if (fixed !== undefined) return this.answer('proved', frames.top, { cubes: frames.from(fixed) });
      }
    } catch (error) {
      if (error instanceof Stopped) return this.answer('unknown', frames.top, { reason: error.message });
      throw error;
    }
  }

  private answer(verdict: EngineAnswer['verdict'], depth: number, more: Partial<PdrAnswer> = {}): PdrAnswer {
    const { frames } = this;
    return {
      verdict,
      depth,
      ...more,
      statistics: {
        queries: frames.queries,
        obligations: this.obligations,
        clauses: frames.from(1).length,
        frames: frames.top,
      },
    };
  }

  /** Inputs of the last model. */
  private readInputs(): Uint8Array {
    return Uint8Array.from({ length: this.system.aig.inputCount }, (_, i) => this.frames.model(1 + i));
  }

  /** Fills the justifier with the last model. */
  private takeModel(): void {
    const { aig } = this.system;
    const { values } = this.justifier;
    for (let v = 1; v < aig.firstAnd; v++) values[v] = this.frames.model(v);
    this.justifier.evaluate();
  }

  /** Cube of states that, under the model's inputs, do as the model does for all roots. */
  private lift(roots: readonly number[]): Cube {
    this.takeModel();
    const { justifier } = this;
    const first = 1 + this.system.aig.inputCount;
    return justifier
      .latches([...roots, ...this.system.constraints])
      .map(i => 2 * i + justifier.values[first + i]!);
  }

  private resetState(cube: Cube): Uint8Array {
    const state = this.system.aig.latchInit.slice();
    for (const literal of cube) if (state[literal >>> 1] === 2) state[literal >>> 1] = literal & 1;
    return state.map(x => (x === 2 ? 0 : x));
  }

  /** Blocks one bad state of the top frame. @returns the answer when a reset state leads to it */
  private strengthen(): PdrAnswer | undefined {
    const { frames, system } = this;
    const { latchInit, latchNext } = system.aig;
    const inputs = this.readInputs();
    const cube = this.lift([system.bad]);
    const queue = new ObligationQueue();
    const start: Obligation = { cube, frame: frames.top, inputs, next: undefined, length: 0 };
    if (meetsReset(cube, latchInit)) return this.counterexample(start);
    queue.push(start);
    for (let o = queue.pop(); o !== undefined; o = queue.pop()) {
      this.obligations++;
      if (frames.blocked(o.cube, o.frame)) {
        if (o.frame < frames.top) queue.push({ ...o, frame: o.frame + 1 });
        continue;
      }
      const core = frames.relative(o.cube, o.frame - 1, true);
      if (core === undefined) {
        const from = this.readInputs();
        const before = this.lift(o.cube.map(literal => latchNext[literal >>> 1]!));
        const found: Obligation = {
          cube: before,
          frame: o.frame - 1,
          inputs: from,
          next: o,
          length: o.length + 1,
        };
        if (meetsReset(before, latchInit)) return this.counterexample(found);
        queue.push(found);
        queue.push(o);
        continue;
      }
      const general = this.generalise(this.outsideReset(core, o.cube), o.frame, 0);
      const frame = this.pushUp(general, o.frame);
      this.block(general, frame);
      if (frame < frames.top) queue.push({ ...o, frame: frame + 1 });
    }
    return undefined;
  }

  private counterexample(first: Obligation): PdrAnswer {
    const steps: Uint8Array[] = [];
    for (let o: Obligation | undefined = first; o !== undefined; o = o.next) steps.push(o.inputs);
    return this.answer('refuted', steps.length - 1, {
      trace: { initial: this.resetState(first.cube), steps },
    });
  }

  /** A core with, if reset states got into it, a literal of the full cube that keeps them out. */
  private outsideReset(core: Cube, full: Cube): Cube {
    const { latchInit } = this.system.aig;
    if (!meetsReset(core, latchInit)) return core;
    let best = -1;
    for (const literal of full) {
      const init = latchInit[literal >>> 1]!;
      if (init === 2 || init === (literal & 1)) continue;
      if (best < 0 || this.activity[literal >>> 1]! > this.activity[best >>> 1]!) best = literal;
    }
    return [...core, best].sort((a, b) => a - b);
  }

  /** The highest frame (from `frame` on) the cube stays blocked in. */
  private pushUp(cube: Cube, frame: number): number {
    const { frames } = this;
    while (frame < frames.top && frames.relative(cube, frame, true) !== undefined) frame++;
    return frame;
  }

  private block(cube: Cube, frame: number): void {
    for (const literal of cube) this.activity[literal >>> 1]! += 1;
    this.frames.block(cube, frame);
  }

  /** Drops literals while the cube stays unreachable from frame - 1 and outside reset. */
  private generalise(cube: Cube, frame: number, depth: number): Cube {
    const order = [...cube].sort((a, b) => this.activity[a >>> 1]! - this.activity[b >>> 1]!);
    let failures = 0;
    const patience = cube.length > 40 ? 12 : Number.POSITIVE_INFINITY;
    for (const literal of order) {
      if (cube.length === 1 || failures >= patience) break;
      if (!cube.includes(literal)) continue;
      const smaller = this.down(
        cube.filter(other => other !== literal),
        frame,
        depth,
      );
      if (smaller === undefined) failures++;
      else {
        failures = 0;
        cube = smaller;
      }
    }
    return cube;
  }

  private down(cube: Cube, frame: number, depth: number): Cube | undefined {
    const { frames, system } = this;
    const { latchInit, inputCount } = system.aig;
    let ctgs = 0;
    for (let joins = 0; joins < joinLimit; ) {
      if (cube.length === 0 || meetsReset(cube, latchInit)) return undefined;
      const core = frames.relative(cube, frame - 1, true);
      if (core !== undefined) return this.outsideReset(core, cube);
      if (depth >= this.ctgDepth) return undefined;
      const first = 1 + inputCount;
      const state = (i: number): number => frames.model(first + i);
      const joined = cube.filter(literal => state(literal >>> 1) === (literal & 1));
      if (ctgs < ctgLimit && frame > 1) {
        const next = system.aig.latchNext;
        const ctg = this.lift(cube.map(literal => next[literal >>> 1]!));
        if (!meetsReset(ctg, latchInit)) {
          const inner = frames.relative(ctg, frame - 2, true);
          if (inner !== undefined) {
            ctgs++;
            let at = frame - 1;
            const general = this.outsideReset(inner, ctg);
            while (at < frame && frames.relative(general, at, true) !== undefined) at++;
            this.block(this.generalise(general, at, depth + 1), at);
            continue;
          }
        }
      }
      ctgs = 0;
      joins++;
      if (joined.length === cube.length) return undefined;
      cube = joined;
    }
    return undefined;
  }

  /** Pushes clauses up. @returns a frame equal to the next one, if any */
  private propagate(): number | undefined {
    const { frames } = this;
    const { latchInit } = this.system.aig;
    for (let i = 1; i < frames.top; i++) {
      for (const cube of [...frames.cubes(i)]) {
        if (!frames.cubes(i).includes(cube)) continue;
        const core = frames.relative(cube, i, false);
        if (core === undefined) continue;
        frames.block(meetsReset(core, latchInit) ? cube : core, i + 1);
      }
      if (frames.cubes(i).length === 0) return i + 1;
    }
    return undefined;
  }
}
