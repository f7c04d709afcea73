// Clauses of a graph's cones, made as they are needed: variables first enter as free points and are opened (given their
// AND's clauses) from the top of the cone down. Refuses nothing: an answer 'sat' over a cone not wholly open means little.

import type { Aig } from '../aig.ts';
import type { Solver } from './solver.ts';

/** A graph to encode: fan-in literals of AND variable v stand at v - base; variables below firstAnd are free. */
export interface ConeGraph {
  firstAnd: number;
  fanin0: Uint32Array;
  fanin1: Uint32Array;
  base: number;
  /** Level of each variable: the order in which cones are opened (highest first). */
  levels: ArrayLike<number>;
}

/** The graph of an Aig. */
export function coneGraph(aig: Aig, levels: ArrayLike<number> = aig.levels()): ConeGraph {
  return { firstAnd: aig.firstAnd, fanin0: aig.fanin0, fanin1: aig.fanin1, base: aig.firstAnd, levels };
}

export interface ConeOptions {
  /** Literal each variable was proved equal to (itself when none): read in its place. May change as proofs come in. */
  merged?: ArrayLike<number> | undefined;
  /** Variables opened only after everything above them: cut points. */
  cuts?: ReadonlySet<number> | undefined;
}

/** Adds to any level of a variable that is no cut point. */
const aboveCuts = 2 ** 21;

export class ConeEncoder {
  readonly solver: Solver;
  private readonly graph: ConeGraph;
  private readonly merged: ArrayLike<number> | undefined;
  private readonly cuts: ReadonlySet<number> | undefined;
  private readonly numbers = new Map<number, number>();
  private readonly opened = new Set<number>();

  constructor(graph: ConeGraph, solver: Solver, options: ConeOptions = {}) {
    this.graph = graph;
    this.solver = solver;
    this.merged = options.merged;
    this.cuts = options.cuts;
  }

  /** The AIGER literal read in place of this one: its representative among the proved merges. */
  representative(literal: number): number {
    const { merged } = this;
    if (merged === undefined) return literal;
    for (;;) {
      const other = merged[literal >>> 1]!;
      if (other >>> 1 === literal >>> 1) return literal;
      literal = (other ^ (literal & 1)) >>> 0;
    }
  }

  /** DIMACS literal of an AIGER literal; a variable not seen before stays a free point until opened. */
  literal(literal: number): number {
    const root = this.representative(literal);
    const variable = root >>> 1;
    let number = this.numbers.get(variable);
    if (number === undefined) {
      number = this.solver.newVariable();
      this.numbers.set(variable, number);
      if (variable === 0) this.solver.addClause([-number]);
    }
    return root & 1 ? -number : number;
  }

  /** DIMACS variable of a variable (not its representative), or undefined when it was never encoded. */
  numberOf(variable: number): number | undefined {
    return this.numbers.get(variable);
  }

  /**
   * Opens the `limit` topmost ANDs of the cone of `roots` (AIGER literals), those already open among the count.
   * @param stopAtCuts leave cut points free whatever the limit
   * @returns opened: ANDs of the cone now open; complete: none is left free; atCuts: only cut points (and below) are
   */
  open(
    roots: readonly number[],
    limit = Number.POSITIVE_INFINITY,
    stopAtCuts = false,
  ): { opened: number; complete: boolean; atCuts: boolean } {
    const { graph, cuts, opened, solver } = this;
    const heap = new MaxHeap();
    const seen = new Set<number>();
    const enter = (literal: number): void => {
      const variable = this.representative(literal) >>> 1;
      if (variable < graph.firstAnd || seen.has(variable)) return;
      seen.add(variable);
      const isCut = cuts?.has(variable) === true;
      heap.push((graph.levels[variable]! + (isCut ? 0 : aboveCuts)) * 2 ** 31 + variable);
    };
    for (const root of roots) enter(root);
    let count = 0;
    const atCuts = (): boolean => heap.size > 0 && heap.top() < aboveCuts * 2 ** 31;
    for (; heap.size > 0 && count < limit && !(stopAtCuts && atCuts()); count++) {
      const variable = heap.pop() % 2 ** 31;
      const a = graph.fanin0[variable - graph.base]!;
      const b = graph.fanin1[variable - graph.base]!;
      if (!opened.has(variable)) {
        opened.add(variable);
        const x = this.literal(a);
        const y = this.literal(b);
        const z = this.literal(2 * variable);
        solver.addClause([-z, x]);
        solver.addClause([-z, y]);
        solver.addClause([z, -x, -y]);
      }
      enter(a);
      enter(b);
    }
    return { opened: count, complete: heap.size === 0, atCuts: atCuts() };
  }

  /** Are two AIGER literals equal by the clauses? The answer 'sat' is a difference only over a complete cone. */
  compare(
    a: number,
    b: number,
    conflicts: number,
    seconds?: number,
    signal?: AbortSignal,
  ): 'sat' | 'unsat' | 'unknown' {
    const x = this.literal(a);
    const y = this.literal(b);
    if (x === y) return 'unsat';
    const budget = { conflicts, seconds, signal };
    const first = this.solver.solve([x, -y], budget);
    if (first !== 'unsat') return first;
    return this.solver.solve([-x, y], budget);
  }
}

class MaxHeap {
  private readonly keys: number[] = [];

  get size(): number {
    return this.keys.length;
  }

  top(): number {
    return this.keys[0]!;
  }

  push(key: number): void {
    const { keys } = this;
    let at = keys.length;
    keys.push(key);
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (keys[up]! >= key) break;
      keys[at] = keys[up]!;
      at = up;
    }
    keys[at] = key;
  }

  pop(): number {
    const { keys } = this;
    const top = keys[0]!;
    const last = keys.pop()!;
    if (keys.length === 0) return top;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= keys.length) break;
      if (down + 1 < keys.length && keys[down + 1]! > keys[down]!) down++;
      if (keys[down]! <= last) break;
      keys[at] = keys[down]!;
      at = down;
    }
    keys[at] = last;
    return top;
  }
}
