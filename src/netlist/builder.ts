// Builds and-inverter graphs: constant folding and structural hashing in an open-addressing typed-array table.
// Refuses to rewrite beyond one level: no resynthesis happens here.

import { BitwrightError, UsageError } from '../core/errors.ts';
import { Aig, type AigNames, maxVariable, type NetName, uninitialised } from './aig.ts';

export interface AigBuilderOptions {
  /** AND nodes to make room for at first (arrays grow geometrically past it). Default 1024. */
  capacity?: number | undefined;
  /** Structural hashing and one-level folding. Default true; false keeps every AND as added. */
  hashing?: boolean | undefined;
}

/** Constant literals. */
export const constantFalse = 0;
export const constantTrue = 1;

/** Marks inputs and latches in the fan-in arrays of the builder. */
const notAnAnd = 0xffffffff;

/**
 * A graph under construction. Literals it hands out stay valid until `build`, which numbers inputs, latches and ANDs
 * in that order; when all inputs and latches came before the first AND the numbers do not change, else use
 * `finalLiteral`.
 */
export class AigBuilder {
  private fanin0: Uint32Array;
  private fanin1: Uint32Array;
  private table: Uint32Array;
  private mask: number;
  private readonly hashing: boolean;
  private count = 1;
  private ands = 0;
  private readonly inputs: number[] = [];
  private readonly latches: number[] = [];
  private readonly latchNext: number[] = [];
  private readonly latchInit: number[] = [];
  private readonly latchIndex = new Map<number, number>();
  private readonly outputs: number[] = [];
  private readonly bads: number[] = [];
  private readonly constraints: number[] = [];
  private readonly justice: number[][] = [];
  private readonly fairness: number[] = [];
  private readonly inputNames: (string | undefined)[] = [];
  private readonly latchNames: (string | undefined)[] = [];
  private readonly outputNames: (string | undefined)[] = [];
  private readonly badNames: (string | undefined)[] = [];
  private readonly constraintNames: (string | undefined)[] = [];
  private readonly justiceNames: (string | undefined)[] = [];
  private readonly fairnessNames: (string | undefined)[] = [];
  private readonly netNames = new Map<number, NetName[]>();
  private renumbering: Uint32Array | undefined;
  /** Name of the circuit, kept in `names.model`. */
  model: string | undefined;
  /** Free text kept with the graph. */
  comment = '';

  constructor(options: AigBuilderOptions = {}) {
    const capacity = options.capacity ?? 1024;
    if (!Number.isInteger(capacity) || capacity < 0 || capacity > maxVariable) {
      throw new UsageError(`builder capacity ${capacity}`, {
        expected: `an integer from 0 to ${maxVariable}`,
      });
    }
    this.hashing = options.hashing ?? true;
    this.fanin0 = new Uint32Array(capacity + 64);
    this.fanin1 = new Uint32Array(capacity + 64);
    let slots = 256;
    while (this.hashing && slots < 1.5 * capacity) slots *= 2;
    this.table = new Uint32Array(slots);
    this.mask = slots - 1;
  }

  /** Variables so far, the constant among them. */
  get variableCount(): number {
    return this.count;
  }

  get andCount(): number {
    return this.ands;
  }

  get inputCount(): number {
    return this.inputs.length;
  }

  get latchCount(): number {
    return this.latches.length;
  }

  /** A new primary input; its positive literal. */
  addInput(name?: string | undefined): number {
    const variable = this.newVariable(notAnAnd, notAnAnd);
    this.inputs.push(variable);
    this.inputNames.push(name);
    return 2 * variable;
  }

  /** `width` inputs named name[0] …; least significant first. */
  addInputs(name: string, width: number): number[] {
    return Array.from({ length: width }, (_, i) => this.addInput(`${name}[${i}]`));
  }

  /**
   * A new latch; its positive literal. Its next state is its own value until `setNext`.
   * @param init reset value 0, 1 or 2 (uninitialised); default 0
   */
  addLatch(name?: string | undefined, init = 0): number {
    if (init !== 0 && init !== 1 && init !== uninitialised) {
      throw new UsageError(`latch reset value ${init}`, { expected: '0, 1 or 2 (uninitialised)' });
    }
    const variable = this.newVariable(notAnAnd, notAnAnd);
    this.latchIndex.set(variable, this.latches.length);
    this.latches.push(variable);
    this.latchNext.push(2 * variable);
    this.latchInit.push(init);
    this.latchNames.push(name);
    return 2 * variable;
  }

  /** Sets the next-state literal of a latch. @throws UsageError when `latch` is not a positive latch literal */
  setNext(latch: number, next: number): void {
    const index = latch & 1 ? undefined : this.latchIndex.get(latch >>> 1);
    if (index === undefined) throw new UsageError(`literal ${latch} is not a latch`);
    this.latchNext[index] = this.known(next);
  }

  /** a AND b: folded when constant, equal or opposite, found again when the same AND exists. */
  addAnd(a: number, b: number): number {
    if (a > b) {
      const t = a;
      a = b;
      b = t;
    }
    if (b >>> 1 >= this.count) this.known(b);
    if (!this.hashing) return 2 * this.newAnd(a, b);
    if (a === 0) return 0;
    if (a === 1) return b;
    if (a === b) return a;
    if ((a ^ b) === 1) return 0;
    let slot = hashPair(a, b) & this.mask;
    for (;;) {
      const v = this.table[slot]!;
      if (v === 0) break;
      if (this.fanin0[v] === a && this.fanin1[v] === b) return 2 * v;
      slot = (slot + 1) & this.mask;
    }
    const variable = this.newAnd(a, b);
    this.table[slot] = variable;
    if (this.ands * 3 > this.table.length * 2) this.growTable();
    return 2 * variable;
  }

  /** The literal of an existing AND of a and b (after folding), or undefined when it would be new. */
  findAnd(a: number, b: number): number | undefined {
    if (a > b) [a, b] = [b, a];
    if (a === 0 || (a ^ b) === 1) return 0;
    if (a === 1 || a === b) return b;
    for (let slot = hashPair(a, b) & this.mask; ; slot = (slot + 1) & this.mask) {
      const v = this.table[slot]!;
      if (v === 0) return undefined;
      if (this.fanin0[v] === a && this.fanin1[v] === b) return 2 * v;
    }
  }

  addOr(a: number, b: number): number {
    return this.addAnd(a ^ 1, b ^ 1) ^ 1;
  }

  /** a XOR b as ~(a·b) · ~(~a·~b): the AND of both operands is shared with a half adder's carry. */
  addXor(a: number, b: number): number {
    return this.addAnd(this.addAnd(a, b) ^ 1, this.addAnd(a ^ 1, b ^ 1) ^ 1);
  }

  addXnor(a: number, b: number): number {
    return this.addXor(a, b) ^ 1;
  }

  /** select ? whenTrue : whenFalse */
  addMux(select: number, whenTrue: number, whenFalse: number): number {
    if (whenTrue === whenFalse) return whenTrue;
    if (whenTrue === (whenFalse ^ 1)) return this.addXor(select, whenFalse);
    return this.addAnd(this.addAnd(select, whenTrue) ^ 1, this.addAnd(select ^ 1, whenFalse) ^ 1) ^ 1;
  }

  /** Majority of three. */
  addMaj(a: number, b: number, c: number): number {
    return this.addOr(this.addAnd(a, b), this.addAnd(c, this.addOr(a, b)));
  }

  /** Sum and carry of two bits: 3 ANDs. */
  addHalfAdder(a: number, b: number): { sum: number; carry: number } {
    const carry = this.addAnd(a, b);
    return { sum: this.addXor(a, b), carry };
  }

  /** Sum and carry of three bits: 7 ANDs, two half adders sharing the operand ANDs. */
  addFullAdder(a: number, b: number, c: number): { sum: number; carry: number } {
    const half = this.addXor(a, b);
    const sum = this.addXor(half, c);
    return { sum, carry: this.addOr(this.addAnd(a, b), this.addAnd(half, c)) };
  }

  /** Balanced AND of any number of literals (true when none). */
  addAndAll(literals: readonly number[]): number {
    return this.balanced(literals, constantTrue, (a, b) => this.addAnd(a, b));
  }

  addOrAll(literals: readonly number[]): number {
    return this.balanced(literals, constantFalse, (a, b) => this.addOr(a, b));
  }

  addXorAll(literals: readonly number[]): number {
    return this.balanced(literals, constantFalse, (a, b) => this.addXor(a, b));
  }

  addOutput(literal: number, name?: string | undefined): number {
    this.outputNames.push(name);
    return this.outputs.push(this.known(literal)) - 1;
  }

  addBad(literal: number, name?: string | undefined): number {
    this.badNames.push(name);
    return this.bads.push(this.known(literal)) - 1;
  }

  addConstraint(literal: number, name?: string | undefined): number {
    this.constraintNames.push(name);
    return this.constraints.push(this.known(literal)) - 1;
  }

  addJustice(literals: readonly number[], name?: string | undefined): number {
    this.justiceNames.push(name);
    return this.justice.push(literals.map(x => this.known(x))) - 1;
  }

  addFairness(literal: number, name?: string | undefined): number {
    this.fairnessNames.push(name);
    return this.fairness.push(this.known(literal)) - 1;
  }

  /** Remembers that a net of the source drives, or is driven by, this literal. */
  nameNet(literal: number, name: string): void {
    const variable = this.known(literal) >>> 1;
    const entry = { name, complemented: (literal & 1) === 1 };
    const list = this.netNames.get(variable);
    if (list === undefined) this.netNames.set(variable, [entry]);
    else list.push(entry);
  }

  /** Fan-in literals of an AND variable (smaller first), or undefined for inputs, latches and the constant. */
  fanins(variable: number): [number, number] | undefined {
    if (variable <= 0 || variable >= this.count || this.fanin0[variable] === notAnAnd) return undefined;
    return [this.fanin0[variable]!, this.fanin1[variable]!];
  }

  /** After `build`: the literal in the graph built of a literal of this builder. */
  finalLiteral(literal: number): number {
    const map = this.renumbering;
    return map === undefined ? literal : 2 * map[literal >>> 1]! + (literal & 1);
  }

  /** The finished graph. The builder hands its arrays over and must not be used to add nodes afterwards. */
  build(): Aig {
    const leaves = this.inputs.length + this.latches.length;
    const contiguous =
      this.inputs.every((v, i) => v === i + 1) &&
      this.latches.every((v, i) => v === this.inputs.length + i + 1);
    if (!contiguous) this.renumber();
    const final = (list: readonly number[]): Uint32Array => Uint32Array.from(list, x => this.finalLiteral(x));
    const exact = (array: Uint32Array): Uint32Array => {
      const view = array.subarray(leaves + 1, this.count);
      return array.length > 1.25 * this.count + 1024 ? view.slice() : view;
    };
    this.table = new Uint32Array(0);
    const nets = this.netNames;
    const names: AigNames = {
      model: this.model,
      inputs: some(this.inputNames),
      latches: some(this.latchNames),
      outputs: some(this.outputNames),
      bads: some(this.badNames),
      constraints: some(this.constraintNames),
      justice: some(this.justiceNames),
      fairness: some(this.fairnessNames),
      nets:
        nets.size === 0
          ? undefined
          : this.renumbering === undefined
            ? nets
            : new Map([...nets].map(([v, list]) => [this.finalLiteral(2 * v) >>> 1, list])),
    };
    return new Aig({
      inputCount: this.inputs.length,
      fanin0: exact(this.fanin0),
      fanin1: exact(this.fanin1),
      outputs: final(this.outputs),
      latchNext: final(this.latchNext),
      latchInit: Uint8Array.from(this.latchInit),
      bads: final(this.bads),
      constraints: final(this.constraints),
      justice: this.justice.map(final),
      fairness: final(this.fairness),
      names,
      comment: this.comment,
    });
  }

  /** Moves inputs and latches before the ANDs, keeping each group's order. */
  private renumber(): void {
    const map = new Uint32Array(this.count);
    let next = 1;
    for (const v of this.inputs) map[v] = next++;
    for (const v of this.latches) map[v] = next++;
    const { fanin0, fanin1 } = this;
    for (let v = 1; v < this.count; v++) if (fanin0[v] !== notAnAnd) map[v] = next++;
    const new0 = new Uint32Array(this.count);
    const new1 = new Uint32Array(this.count);
    for (let v = 1; v < this.count; v++) {
      const a = fanin0[v]!;
      if (a === notAnAnd) continue;
      const b = fanin1[v]!;
      const x = 2 * map[a >>> 1]! + (a & 1);
      const y = 2 * map[b >>> 1]! + (b & 1);
      new0[map[v]!] = x < y ? x : y;
      new1[map[v]!] = x < y ? y : x;
    }
    this.fanin0 = new0;
    this.fanin1 = new1;
    this.renumbering = map;
  }

  private balanced(
    literals: readonly number[],
    empty: number,
    join: (a: number, b: number) => number,
  ): number {
    if (literals.length === 0) return empty;
    let layer = [...literals];
    while (layer.length > 1) {
      const next: number[] = [];
      for (let i = 0; i + 1 < layer.length; i += 2) next.push(join(layer[i]!, layer[i + 1]!));
      if (layer.length % 2 === 1) next.push(layer[layer.length - 1]!);
      layer = next;
    }
    return layer[0]!;
  }

  private known(literal: number): number {
    if (!(literal >= 0) || literal >>> 1 >= this.count || literal % 1 !== 0) {
      throw new UsageError(`literal ${literal} is not in the graph`, {
        expected: `a literal below ${2 * this.count}`,
      });
    }
    return literal;
  }

  private newAnd(a: number, b: number): number {
    this.ands++;
    return this.newVariable(a, b);
  }

  private newVariable(a: number, b: number): number {
    const variable = this.count;
    if (variable === this.fanin0.length) this.growNodes();
    this.fanin0[variable] = a;
    this.fanin1[variable] = b;
    this.count = variable + 1;
    return variable;
  }

  private growNodes(): void {
    const size = Math.min(maxVariable + 1, Math.ceil(this.fanin0.length * 1.6) + 64);
    if (size <= this.count) throw new BitwrightError(`more than ${maxVariable} variables in one graph`);
    const old0 = this.fanin0;
    this.fanin0 = new Uint32Array(size);
    this.fanin0.set(old0);
    const old1 = this.fanin1;
    this.fanin1 = new Uint32Array(size);
    this.fanin1.set(old1);
  }

  private growTable(): void {
    const { fanin0, fanin1, count } = this;
    this.table = new Uint32Array(0);
    const table = new Uint32Array((this.mask + 1) * 2);
    const mask = table.length - 1;
    for (let v = 1; v < count; v++) {
      const a = fanin0[v]!;
      if (a === notAnAnd) continue;
      let slot = hashPair(a, fanin1[v]!) & mask;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = v;
    }
    this.table = table;
    this.mask = mask;
  }
}

function hashPair(a: number, b: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}

function some(names: (string | undefined)[]): (string | undefined)[] | undefined {
  return names.some(x => x !== undefined) ? names : undefined;
}
