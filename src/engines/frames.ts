// A graph unrolled over time frames: constants from reset propagate, equal gates are shared, and only the cones that a
// query asks for become clauses. Refuses to know what is being proved.

import type { Aig } from '../netlist/aig.ts';
import { GateBuilder } from '../netlist/gate-builder.ts';
import { notAnAnd } from '../netlist/node-table.ts';
import { Solver, type SolverOptions } from '../netlist/sat/solver.ts';

/** Gates over free points. */
class Nodes extends GateBuilder {
  free(): number {
    return 2 * this.newVariable(notAnAnd, notAnAnd);
  }
}

export interface FramesOptions extends SolverOptions {
  /** Latches of frame 0: their reset values, or all free. */
  start: 'reset' | 'free';
}

export class Frames {
  readonly aig: Aig;
  readonly solver: Solver;
  readonly nodes = new Nodes();
  /** Node literal of each variable in each frame. */
  private readonly maps: Uint32Array[] = [];
  private numbers = new Int32Array(1024);
  private readonly start: 'reset' | 'free';

  constructor(aig: Aig, options: FramesOptions) {
    this.aig = aig;
    this.start = options.start;
    this.solver = new Solver(options);
  }

  get count(): number {
    return this.maps.length;
  }

  /** Adds a frame. @returns its index */
  extend(): number {
    const { aig, nodes } = this;
    const { inputCount, latchCount, firstAnd, fanin0, fanin1, andCount } = aig;
    const before = this.maps[this.maps.length - 1];
    const map = new Uint32Array(aig.variableCount);
    for (let i = 0; i < inputCount; i++) map[1 + i] = nodes.free();
    for (let i = 0; i < latchCount; i++) {
      const v = 1 + inputCount + i;
      if (before !== undefined) {
        const next = aig.latchNext[i]!;
        map[v] = before[next >>> 1]! ^ (next & 1);
      } else {
        const init = this.start === 'free' ? 2 : aig.latchInit[i]!;
        map[v] = init === 2 ? nodes.free() : init;
      }
    }
    for (let i = 0; i < andCount; i++) {
      const a = fanin0[i]!;
      const b = fanin1[i]!;
      map[firstAnd + i] = nodes.addAnd(map[a >>> 1]! ^ (a & 1), map[b >>> 1]! ^ (b & 1));
    }
    return this.maps.push(map) - 1;
  }

  /** Node literal of a literal of the graph in a frame. */
  node(frame: number, literal: number): number {
    return this.maps[frame]![literal >>> 1]! ^ (literal & 1);
  }

  /** DIMACS literal of a node literal, its cone encoded. */
  encode(node: number): number {
    const { nodes, solver } = this;
    if (nodes.variableCount > this.numbers.length) {
      const larger = new Int32Array(2 * nodes.variableCount);
      larger.set(this.numbers);
      this.numbers = larger;
    }
    const { numbers } = this;
    const top = node >>> 1;
    const stack = numbers[top] === 0 ? [top] : [];
    while (stack.length > 0) {
      const v = stack[stack.length - 1]!;
      if (numbers[v] !== 0) {
        stack.pop();
        continue;
      }
      const fanins = nodes.fanins(v);
      if (fanins === undefined) {
        numbers[v] = solver.newVariable();
        if (v === 0) solver.addClause([-numbers[v]!]);
        stack.pop();
        continue;
      }
      const [a, b] = fanins;
      const x = numbers[a >>> 1]!;
      const y = numbers[b >>> 1]!;
      if (x === 0) stack.push(a >>> 1);
      if (y === 0) stack.push(b >>> 1);
      if (x === 0 || y === 0) continue;
      const z = solver.newVariable();
      numbers[v] = z;
      const p = a & 1 ? -x : x;
      const q = b & 1 ? -y : y;
      solver.addClause([-z, p]);
      solver.addClause([-z, q]);
      solver.addClause([z, -p, -q]);
      stack.pop();
    }
    const number = numbers[top]!;
    return node & 1 ? -number : number;
  }

  /** DIMACS literal of a literal of the graph in a frame. */
  literal(frame: number, literal: number): number {
    return this.encode(this.node(frame, literal));
  }

  /** Makes a node literal true from now on. @returns false when the clauses are contradictory */
  assert(node: number): boolean {
    if (node === 1) return true;
    return this.solver.addClause([this.encode(node)]);
  }

  /** Value in the last model of a node literal; a point no clause knows is 2. */
  value(node: number): number {
    if (node < 2) return node;
    const number = this.numbers[node >>> 1] ?? 0;
    if (number === 0) return 2;
    return this.solver.value(number) ? 1 - (node & 1) : node & 1;
  }
}
