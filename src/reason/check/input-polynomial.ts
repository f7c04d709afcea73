// Polynomials over the primary inputs, multilinear, with integer coefficients modulo 2^bits, and the polynomials of small
// cones by the Moebius transform of their truth tables. Refuses cones of more than six inputs.

import type { Aig } from '../../netlist/index.ts';

/** Inputs of the widest cone whose polynomial is taken from its truth table. */
const smallSupport = 6;
const tooMany = smallSupport + 1;

/** Sum of monomials: products of distinct input variables, each with a coefficient in [-2^(bits-1), 2^(bits-1)). */
export class InputPolynomial {
  readonly bits: number;
  private readonly terms = new Map<number | string, bigint>();
  private readonly base: number;
  private readonly packed: number;

  /** @param inputs number of input variables, 1..inputs */
  constructor(inputs: number, bits: number) {
    this.bits = bits;
    this.base = inputs + 1;
    this.packed = Math.floor(52 / Math.log2(this.base));
  }

  get size(): number {
    return this.terms.size;
  }

  /** Adds coefficient · product of `variables` (ascending, distinct; empty for the constant). */
  add(variables: ArrayLike<number>, coefficient: bigint): void {
    const key = this.key(variables);
    const old = this.terms.get(key);
    const sum = BigInt.asIntN(this.bits, old === undefined ? coefficient : old + coefficient);
    if (sum !== 0n) this.terms.set(key, sum);
    else if (old !== undefined) this.terms.delete(key);
  }

  /** Monomials by ascending degree: no monomial comes after one it divides properly. */
  monomials(): { variables: number[]; coefficient: bigint }[] {
    const list = [...this.terms].map(([key, coefficient]) => ({
      variables: this.variables(key),
      coefficient,
    }));
    return list.sort((x, y) => x.variables.length - y.variables.length);
  }

  private key(variables: ArrayLike<number>): number | string {
    const { length } = variables;
    if (length > this.packed) return Array.from(variables).join(' ');
    let key = 0;
    for (let i = 0; i < length; i++) key = key * this.base + variables[i]!;
    return key;
  }

  private variables(key: number | string): number[] {
    if (typeof key === 'string') return key.split(' ').map(Number);
    const list: number[] = [];
    for (let rest = key; rest > 0; rest = Math.floor(rest / this.base)) list.push(rest % this.base);
    return list.reverse();
  }
}

/** Input supports of up to six variables, and polynomials of the cones over them. */
export class SmallCones {
  private readonly aig: Aig;
  private readonly counts: Uint8Array;
  private readonly supports: Uint32Array;
  private readonly low: Uint32Array;
  private readonly high: Uint32Array;
  private readonly stamp: Uint32Array;
  private round = 0;
  private readonly transforms = new Map<string, [number, number][]>();

  constructor(aig: Aig) {
    this.aig = aig;
    const count = aig.variableCount;
    this.counts = new Uint8Array(count);
    this.supports = new Uint32Array(count * smallSupport);
    this.low = new Uint32Array(count);
    this.high = new Uint32Array(count);
    this.stamp = new Uint32Array(count);
    this.collect();
  }

  /** Whether the variable depends on six inputs at most, by structure. */
  isSmall(variable: number): boolean {
    return this.counts[variable]! < tooMany;
  }

  /** Input variables below a small variable, ascending. */
  support(variable: number): Uint32Array {
    const at = variable * smallSupport;
    return this.supports.subarray(at, at + this.counts[variable]!);
  }

  /** Adds coefficient · product of the small variables to `into`; their supports together must hold six inputs at most. */
  addProduct(variables: readonly number[], coefficient: bigint, into: InputPolynomial): boolean {
    const support = this.union(variables);
    if (support === undefined) return false;
    this.round++;
    support.forEach((input, k) => {
      this.stamp[input] = this.round;
      this.low[input] = [0xaaaaaaaa, 0xcccccccc, 0xf0f0f0f0, 0xff00ff00, 0xffff0000, 0][k]!;
      this.high[input] = k === 5 ? 0xffffffff : this.low[input]!;
    });
    this.stamp[0] = this.round;
    this.low[0] = this.high[0] = 0;
    let low = 0xffffffff;
    let high = 0xffffffff;
    for (const v of variables) {
      this.evaluate(v);
      low = (low & this.low[v]!) >>> 0;
      high = (high & this.high[v]!) >>> 0;
    }
    for (const [subset, factor] of this.transform(low, high, support.length)) {
      const chosen = support.filter((_, k) => (subset >> k) & 1);
      into.add(chosen, factor === 1 ? coefficient : coefficient * BigInt(factor));
    }
    return true;
  }

  private union(variables: readonly number[]): number[] | undefined {
    const set = new Set<number>();
    for (const v of variables) {
      if (!this.isSmall(v)) return undefined;
      for (const input of this.support(v)) set.add(input);
      if (set.size > smallSupport) return undefined;
    }
    return [...set].sort((x, y) => x - y);
  }

  private collect(): void {
    const { aig, counts, supports } = this;
    const { fanin0, fanin1, firstAnd } = aig;
    for (let v = 1; v <= aig.inputCount; v++) {
      counts[v] = 1;
      supports[v * smallSupport] = v;
    }
    for (let i = 0; i < aig.andCount; i++) {
      const x = fanin0[i]! >>> 1;
      const y = fanin1[i]! >>> 1;
      const v = firstAnd + i;
      const ends = [counts[x]!, counts[y]!];
      if (ends[0] === tooMany || ends[1] === tooMany) {
        counts[v] = tooMany;
        continue;
      }
      let p = 0;
      let q = 0;
      let n = 0;
      while ((p < ends[0]! || q < ends[1]!) && n < tooMany) {
        const left = p < ends[0]! ? supports[x * smallSupport + p]! : 0xffffffff;
        const right = q < ends[1]! ? supports[y * smallSupport + q]! : 0xffffffff;
        const least = Math.min(left, right);
        if (left === least) p++;
        if (right === least) q++;
        if (n < smallSupport) supports[v * smallSupport + n] = least;
        n++;
      }
      counts[v] = n;
    }
  }

  /** Truth table of a cone over the stamped inputs, by an explicit stack. */
  private evaluate(root: number): void {
    const { aig, stamp, round, low, high } = this;
    const stack = [root];
    while (stack.length > 0) {
      const v = stack.at(-1)!;
      if (stamp[v] === round) {
        stack.pop();
        continue;
      }
      const f0 = aig.fanin0[v - aig.firstAnd]!;
      const f1 = aig.fanin1[v - aig.firstAnd]!;
      const x = f0 >>> 1;
      const y = f1 >>> 1;
      if (stamp[x] !== round) stack.push(x);
      if (stamp[y] !== round) stack.push(y);
      if (stamp[x] !== round || stamp[y] !== round) continue;
      low[v] = (low[x]! ^ -(f0 & 1)) & (low[y]! ^ -(f1 & 1));
      high[v] = (high[x]! ^ -(f0 & 1)) & (high[y]! ^ -(f1 & 1));
      stamp[v] = round;
      stack.pop();
    }
  }

  /** Non-zero coefficients of the multilinear polynomial of a truth table: (subset of inputs, coefficient). */
  private transform(low: number, high: number, inputs: number): [number, number][] {
    const size = 1 << inputs;
    const name = `${inputs} ${low} ${inputs === 6 ? high : 0}`;
    const known = this.transforms.get(name);
    if (known !== undefined) return known;
    const values = Int32Array.from(
      { length: size },
      (_, row) => ((row < 32 ? low : high) >>> (row & 31)) & 1,
    );
    for (let bit = 1; bit < size; bit *= 2) {
      for (let row = 0; row < size; row++) if (row & bit) values[row]! -= values[row ^ bit]!;
    }
    const list: [number, number][] = [];
    values.forEach((value, subset) => {
      if (value !== 0) list.push([subset, value]);
    });
    if (this.transforms.size < 100_000) this.transforms.set(name, list);
    return list;
  }
}
