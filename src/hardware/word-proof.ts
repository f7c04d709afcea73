// Equality of two words by adding up: sums are replaced by their operands and carries, s = a + b + c - 2 · carry, from the outputs
// down, until nothing is left of the difference. Any two ways to add the same numbers agree so, in whatever order they do it.
// Refuses to say that words differ: what is left over may still be zero.

import { AbortedError } from '../core/errors.ts';
import type { Aig } from '../netlist/aig.ts';
import { AigBuilder } from '../netlist/builder.ts';
import { copyAnds } from '../netlist/copy.ts';
import { constantTrue } from '../netlist/gate-builder.ts';
import { sweep } from '../netlist/sat/sweep.ts';
import { enumerateEqual, mergeMapped } from './enumerate.ts';

/** Most inputs of a net that is compared on all its patterns. */
const enumerated = 12;

/** A way to read an exclusive-or as a sum of literals less twice a carry. */
interface Sum {
  operands: readonly number[];
  carry: number;
  /** The variable is one less the sum. */
  complement: boolean;
}

/** Literals x & y and ~x & ~y: the first less the second is x + y - 1. Written otherwise, x + y = (x or y) + (x and y). */
interface Pair {
  both: number;
  neither: number;
  x: number;
  y: number;
}

export interface WordOptions {
  /** Seconds for finding which carries the graph holds. Default 10. */
  seconds?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** A graph prepared for adding up: the sums it may hold, and which of its nets are equal. */
export class WordProver {
  private readonly graph: Aig;
  private readonly map: Uint32Array;
  private readonly sums = new Map<number, Sum[]>();
  private readonly pairs: Pair[] = [];
  private readonly representative: Uint32Array;
  private readonly levels: ArrayLike<number>;
  /** What the nets of the graph given are: a carry not among them was added. */
  private readonly held: Set<number>;
  private readonly signal: AbortSignal | undefined;

  /** @param aig a graph without latches, as it was read: merging hides sums */
  constructor(aig: Aig, options: WordOptions = {}) {
    const { seconds = 10, signal } = options;
    this.signal = signal;
    const b = new AigBuilder({ capacity: 2 * aig.andCount });
    const map = new Uint32Array(aig.variableCount);
    for (let i = 0; i < aig.inputCount; i++) map[aig.inputVariable(i)] = b.addInput(aig.names.inputs?.[i]);
    const to = copyAnds(b, aig, map);
    const firstAdded = 1 + map.reduce((most, literal) => Math.max(most, literal >>> 1), 0);
    const found: [number, Omit<Sum, 'complement'>][] = [];
    for (let v = aig.firstAnd; v < aig.variableCount; v++) {
      const pair = exclusiveOr(aig, 2 * v);
      if (pair === undefined) continue;
      const at = to(2 * v);
      const [p, q] = pair;
      for (const [inner, other] of [pair, [q, p]] as const) {
        const deeper = exclusiveOr(aig, inner);
        if (deeper === undefined) continue;
        const [x, y, z] = [to(deeper[0]), to(deeper[1]), to(other)];
        const carry = b.addOr(b.addAnd(x, y), b.addAnd(to(inner), z));
        found.push([at, { operands: [x, y, z], carry }]);
      }
      found.push([at, { operands: [to(p), to(q)], carry: b.addAnd(to(p), to(q)) }]);
    }
    const key = (x: number, y: number): string => (x < y ? `${x} ${y}` : `${y} ${x}`);
    const ands = new Map<string, number>();
    for (let i = 0; i < aig.andCount; i++)
      ands.set(key(aig.fanin0[i]!, aig.fanin1[i]!), 2 * (aig.firstAnd + i));
    for (let i = 0; i < aig.andCount; i++) {
      const [x, y] = [aig.fanin0[i]!, aig.fanin1[i]!];
      const neither = ands.get(key(x ^ 1, y ^ 1));
      if (neither === undefined || neither < 2 * (aig.firstAnd + i)) continue;
      this.pairs.push({ both: to(2 * (aig.firstAnd + i)), neither: to(neither), x: to(x), y: to(y) });
    }
    for (const [at, { carry }] of found) {
      b.addOutput(at);
      b.addOutput(carry);
    }
    this.graph = b.build();
    const levels = this.graph.levels();
    this.levels = levels;
    this.pairs.sort((p, q) => levels[q.both >>> 1]! - levels[p.both >>> 1]!);
    // nets of few inputs by all their patterns, the rest by SAT
    const { equal } = enumerateEqual(this.graph, { inputs: enumerated, seconds: seconds / 4, signal });
    const { merged, map: place } = mergeMapped(this.graph, equal);
    const { representative } = sweep(merged, { seconds: seconds / 2, conflicts: 200, signal });
    this.representative = place.map(literal => (representative[literal >>> 1]! ^ (literal & 1)) >>> 0);
    this.held = new Set();
    for (let v = 0; v < firstAdded; v++) this.held.add(this.representative[v]! >>> 1);
    this.map = map;
    for (const [at, { operands, carry }] of found) {
      const sum = { operands, carry, complement: (at & 1) === 1 };
      const list = this.sums.get(at >>> 1);
      if (list === undefined) this.sums.set(at >>> 1, [sum]);
      else list.push(sum);
    }
  }

  /** Do two words, lowest bit first, hold the same integer modulo 2^length? `false` when that is not shown. */
  equal(a: readonly number[], b: readonly number[]): boolean {
    // each word by its own sums: where the two have equal ones, their operands still differ
    const [x, y] = [this.addUp(a), this.addUp(b)];
    if (x === undefined || y === undefined) return false;
    const modulus = (1n << BigInt(a.length)) - 1n;
    for (const v of new Set([...x.keys(), ...y.keys()])) {
      if ((((x.get(v) ?? 0n) - (y.get(v) ?? 0n)) & modulus) !== 0n) return false;
    }
    return true;
  }

  /** What a word is the sum of: coefficients of nets that are no sums, modulo 2^length; undefined when it grows too long. */
  private addUp(word: readonly number[]): Map<number, bigint> | undefined {
    const modulus = (1n << BigInt(word.length)) - 1n;
    const sums = new Map<number, bigint>();
    const nets = new Map<number, bigint>();
    const byLevel: Set<number>[] = [];
    let top = 0;
    const add = (to: Map<number, bigint>, v: number, k: bigint): void => {
      to.set(v, ((to.get(v) ?? 0n) + k) & modulus);
    };
    const keep = (literal: number, k: bigint): void => {
      const root = this.resolve(literal);
      // 1 - v for a complement; constants are counted at variable 0
      if (root & 1) add(nets, 0, k);
      if (root >>> 1 > 0) add(nets, root >>> 1, root & 1 ? -k : k);
    };
    const place = (literal: number, k: bigint): void => {
      const v = literal >>> 1;
      if (!this.sums.has(v)) {
        keep(literal, k);
        return;
      }
      if (literal & 1) add(nets, 0, k);
      add(sums, v, literal & 1 ? -k : k);
      const level = this.levels[v]!;
      (byLevel[level] ??= new Set()).add(v);
      top = Math.max(top, level);
    };
    word.forEach((literal, i) => {
      place(this.to(literal), 1n << BigInt(i));
    });
    let steps = 0;
    const limit = 20 * this.graph.variableCount;
    do {
      while (top >= 0) {
        const v = byLevel[top]?.values().next().value;
        if (v === undefined) {
          top--;
          continue;
        }
        byLevel[top]!.delete(v);
        const k = sums.get(v) ?? 0n;
        if (k === 0n) continue;
        sums.set(v, 0n);
        const sum = this.choose(v, k, nets, modulus);
        if (sum === undefined) {
          keep(2 * v, k);
          continue;
        }
        if ((++steps & 4095) === 0 && this.signal?.aborted === true) throw new AbortedError('proof stopped');
        if (steps > limit) return undefined;
        const weight = sum.complement ? -k : k;
        if (sum.complement) place(constantTrue, k);
        for (const operand of sum.operands) place(operand, weight);
        keep(sum.carry, -2n * weight);
      }
      top = 0;
    } while (this.joinPairs(nets, modulus, keep, place));
    return nets;
  }

  /** Takes out the pairs whose two nets count alike; whether there was one. */
  private joinPairs(
    nets: ReadonlyMap<number, bigint>,
    modulus: bigint,
    keep: (literal: number, k: bigint) => void,
    place: (literal: number, k: bigint) => void,
  ): boolean {
    const count = (literal: number): bigint => {
      const root = this.resolve(literal);
      const k = root < 2 ? 0n : (nets.get(root >>> 1) ?? 0n);
      return (root & 1 ? -k : k) & modulus;
    };
    let any = false;
    for (const { both, neither, x, y } of this.pairs) {
      const k = count(both);
      if (k === 0n || ((k + count(neither)) & modulus) !== 0n) continue;
      keep(both, -k);
      keep(neither, k);
      place(x, k);
      place(y, k);
      place(constantTrue, -k);
      any = true;
    }
    return any;
  }

  /** The reading whose carry cancels, else one whose carry the graph holds. */
  private choose(v: number, k: bigint, nets: ReadonlyMap<number, bigint>, modulus: bigint): Sum | undefined {
    let none: Sum | undefined;
    let held: Sum | undefined;
    for (const sum of this.sums.get(v)!) {
      const carry = this.resolve(sum.carry);
      if (carry < 2) {
        none ??= sum;
        continue;
      }
      const now = nets.get(carry >>> 1) ?? 0n;
      const more = sum.complement === ((carry & 1) === 1) ? -2n * k : 2n * k;
      if (now !== 0n && ((now + more) & modulus) === 0n) return sum;
      if (this.held.has(carry >>> 1)) held ??= sum;
    }
    return none ?? held;
  }

  private to(literal: number): number {
    return (this.map[literal >>> 1]! ^ (literal & 1)) >>> 0;
  }

  private resolve(literal: number): number {
    return (this.representative[literal >>> 1]! ^ (literal & 1)) >>> 0;
  }
}

/** Literals p, q with literal = p xor q. */
function exclusiveOr(aig: Aig, literal: number): [number, number] | undefined {
  const at = (literal >>> 1) - aig.firstAnd;
  if (at < 0) return undefined;
  const [f0, f1] = [aig.fanin0[at]!, aig.fanin1[at]!];
  if ((f0 & f1 & 1) === 0) return undefined;
  const p = (f0 >>> 1) - aig.firstAnd;
  const q = (f1 >>> 1) - aig.firstAnd;
  if (p < 0 || q < 0) return undefined;
  const [p0, p1, q0, q1] = [aig.fanin0[p]!, aig.fanin1[p]!, aig.fanin0[q]!, aig.fanin1[q]!];
  const opposite = ((q0 ^ 1) === p0 && (q1 ^ 1) === p1) || ((q1 ^ 1) === p0 && (q0 ^ 1) === p1);
  if (!opposite) return undefined;
  return [p0, (p1 ^ (literal & 1)) >>> 0];
}
