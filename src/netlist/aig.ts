// The and-inverter graph in flat typed arrays: 8 bytes an AND node, AIGER literals, topological order.
// Refuses to change once built: AigBuilder makes new graphs. Holds no truth tables, cuts or placements.

import { requireObject } from '../core/arguments.ts';
import { InputError } from '../core/errors.ts';

/** A name given to a variable by a net list; `complemented` when the net is the inverse of the variable. */
export interface NetName {
  name: string;
  complemented: boolean;
}

/** Optional names. Arrays run along the counts of the graph; holes (undefined) are unnamed. */
export interface AigNames {
  model?: string | undefined;
  inputs?: (string | undefined)[] | undefined;
  latches?: (string | undefined)[] | undefined;
  outputs?: (string | undefined)[] | undefined;
  bads?: (string | undefined)[] | undefined;
  constraints?: (string | undefined)[] | undefined;
  justice?: (string | undefined)[] | undefined;
  fairness?: (string | undefined)[] | undefined;
  /** Sparse map of variable to the nets it drives in the source net list. */
  nets?: Map<number, NetName[]> | undefined;
}

/** What an Aig is made of. Arrays are taken over, not copied. */
export interface AigParts {
  inputCount: number;
  fanin0: Uint32Array;
  fanin1: Uint32Array;
  outputs?: Uint32Array | undefined;
  latchNext?: Uint32Array | undefined;
  latchInit?: Uint8Array | undefined;
  bads?: Uint32Array | undefined;
  constraints?: Uint32Array | undefined;
  justice?: readonly Uint32Array[] | undefined;
  fairness?: Uint32Array | undefined;
  names?: AigNames | undefined;
  comment?: string | undefined;
}

/** @param what whose argument @throws UsageError for what is no graph */
export function requireAig(what: string, aig: unknown): void {
  requireObject(what, aig, 'andCount', 'a graph, as readNetlist gives');
}

/** Largest variable index: its literals still fit 32 bits. */
export const maxVariable = 0x7fffffff;

/** Reset value of a latch that starts undefined. */
export const uninitialised = 2;

/**
 * An and-inverter graph. A literal is 2·variable + complement; variable 0 is constant false. Variables run:
 * inputs 1..I, latches I+1..I+L, AND nodes from `firstAnd` in topological order.
 */
export class Aig {
  readonly inputCount: number;
  readonly latchCount: number;
  readonly andCount: number;
  /** Variables including the constant: 1 + I + L + A. */
  readonly variableCount: number;
  /** Variable of the first AND node: 1 + I + L. */
  readonly firstAnd: number;
  /** The smaller fan-in literal of each AND (index: variable - firstAnd). */
  readonly fanin0: Uint32Array;
  /** The larger fan-in literal of each AND. */
  readonly fanin1: Uint32Array;
  /** Literals of the primary outputs. */
  readonly outputs: Uint32Array;
  /** Next-state literal of each latch. */
  readonly latchNext: Uint32Array;
  /** Reset value of each latch: 0, 1, or 2 for uninitialised. */
  readonly latchInit: Uint8Array;
  /** Bad-state literals, invariant constraints, justice properties (literal lists), fairness constraints. */
  readonly bads: Uint32Array;
  readonly constraints: Uint32Array;
  readonly justice: readonly Uint32Array[];
  readonly fairness: Uint32Array;
  readonly names: AigNames;
  /** Free text kept with the file. */
  readonly comment: string;

  /** Takes the arrays over. Lengths are checked here; `check` looks at every literal. */
  constructor(parts: AigParts) {
    const none = new Uint32Array(0);
    this.inputCount = parts.inputCount;
    this.fanin0 = parts.fanin0;
    this.fanin1 = parts.fanin1;
    this.outputs = parts.outputs ?? none;
    this.latchNext = parts.latchNext ?? none;
    this.latchInit = parts.latchInit ?? new Uint8Array(this.latchNext.length);
    this.bads = parts.bads ?? none;
    this.constraints = parts.constraints ?? none;
    this.justice = parts.justice ?? [];
    this.fairness = parts.fairness ?? none;
    this.names = parts.names ?? {};
    this.comment = parts.comment ?? '';
    this.latchCount = this.latchNext.length;
    this.andCount = this.fanin0.length;
    this.firstAnd = 1 + this.inputCount + this.latchCount;
    this.variableCount = this.firstAnd + this.andCount;
    if (this.fanin1.length !== this.andCount || this.latchInit.length !== this.latchCount) {
      throw new InputError('the arrays of an and-inverter graph differ in length');
    }
    if (this.variableCount - 1 > maxVariable) {
      throw new InputError(`an and-inverter graph of ${this.variableCount} variables`, {
        expected: `at most ${maxVariable}`,
      });
    }
  }

  isInput(variable: number): boolean {
    return variable >= 1 && variable <= this.inputCount;
  }

  isLatch(variable: number): boolean {
    return variable > this.inputCount && variable < this.firstAnd;
  }

  isAnd(variable: number): boolean {
    return variable >= this.firstAnd && variable < this.variableCount;
  }

  /** Variable of input `index`. */
  inputVariable(index: number): number {
    return 1 + index;
  }

  /** Variable of latch `index`. */
  latchVariable(index: number): number {
    return 1 + this.inputCount + index;
  }

  /** Every literal the outside looks at: outputs, next states, bads, constraints, justice, fairness. */
  *roots(): Generator<number> {
    yield* this.outputs;
    yield* this.latchNext;
    yield* this.bads;
    yield* this.constraints;
    for (const list of this.justice) yield* list;
    yield* this.fairness;
  }

  /** Number of references to each variable, from ANDs and (unless `andsOnly`) from the roots. */
  fanoutCounts(andsOnly = false): Uint32Array {
    const counts = new Uint32Array(this.variableCount);
    const { fanin0, fanin1, andCount } = this;
    for (let i = 0; i < andCount; i++) {
      counts[fanin0[i]! >>> 1]!++;
      counts[fanin1[i]! >>> 1]!++;
    }
    if (!andsOnly) for (const literal of this.roots()) counts[literal >>> 1]!++;
    return counts;
  }

  /** Logic level of each variable: 0 for constant, inputs and latches; an AND is one above its deeper fan-in. */
  levels(): Uint32Array {
    const level = new Uint32Array(this.variableCount);
    const { fanin0, fanin1, andCount, firstAnd } = this;
    for (let i = 0; i < andCount; i++) {
      const a = level[fanin0[i]! >>> 1]!;
      const b = level[fanin1[i]! >>> 1]!;
      level[firstAnd + i] = (a > b ? a : b) + 1;
    }
    return level;
  }

  /** Largest level among the roots. */
  depth(): number {
    const level = this.levels();
    let depth = 0;
    for (const literal of this.roots()) depth = Math.max(depth, level[literal >>> 1]!);
    return depth;
  }

  /**
   * Checks every literal: topological order, fan-in order, ranges, reset values.
   * @throws InputError naming the first node that breaks a rule
   */
  check(file?: string): void {
    const { fanin0, fanin1, firstAnd, andCount } = this;
    for (let i = 0; i < andCount; i++) {
      const a = fanin0[i]!;
      const b = fanin1[i]!;
      if (a > b || b >>> 1 >= firstAnd + i) {
        throw new InputError(`AND variable ${firstAnd + i} has fan-ins ${a} and ${b}`, {
          file,
          expected: `ordered literals below ${2 * (firstAnd + i)}`,
        });
      }
    }
    for (const literal of this.roots()) {
      if (literal >>> 1 >= this.variableCount) {
        throw new InputError(`literal ${literal} is out of range`, {
          file,
          expected: `a literal below ${2 * this.variableCount}`,
        });
      }
    }
    for (const init of this.latchInit) {
      if (init > uninitialised) {
        throw new InputError(`latch reset value ${init}`, { file, expected: '0, 1 or 2 (uninitialised)' });
      }
    }
  }
}
