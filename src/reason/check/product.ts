// Products by BigInt and their comparison with simulated netlists, on corner, structured and random operands.
// Finds counterexamples; refuses to conclude that a netlist is right unless every operand pair was tried.

import { AbortedError } from '../../core/errors.ts';
import { Random } from '../../core/random.ts';
import { type Aig, packVectors, Simulator, unpackVectors } from '../../netlist/index.ts';
import type { MultiplierInterface } from './interface.ts';

/** An operand pair and what the netlist makes of it. Values are two's complement when signed. */
export interface Counterexample {
  a: bigint;
  b: bigint;
  /** The netlist's outputs as a number. */
  product: bigint;
  expected: bigint;
}

/** Simulates chosen operand pairs and compares with the products. */
export class ProductTester {
  readonly net: MultiplierInterface;
  /** Pairs tried so far. */
  tried = 0;
  private readonly simulator: Simulator;
  private readonly aig: Aig;
  private readonly product: Uint32Array;

  constructor(aig: Aig, net: MultiplierInterface) {
    this.aig = aig;
    this.net = net;
    this.simulator = new Simulator(aig);
    this.product = Uint32Array.from(net.product);
  }

  /**
   * Tries pairs of operand bit patterns (non-negative, of each operand's width).
   * @returns the first wrong pair of each interpretation asked for, with its number of wrong pairs
   */
  compare(pairs: readonly [bigint, bigint][], signs: readonly boolean[]): (Failure | undefined)[] {
    const { aig, net } = this;
    const [a, b] = net.operands;
    const words = Math.ceil(pairs.length / 32);
    const inputs = new Uint32Array(aig.inputCount * words);
    net.operands.forEach((bits, which) => {
      const rows = packVectors(
        pairs.map(p => p[which]!),
        bits.length,
      );
      bits.forEach((input, i) => {
        inputs.set(rows.subarray(i * words, (i + 1) * words), input * words);
      });
    });
    const out = this.simulator.run(inputs, words, undefined, this.product);
    const width = net.product.length;
    const got = unpackVectors(out, width, pairs.length);
    this.tried += pairs.length;
    return signs.map(signed => {
      let failure: Failure | undefined;
      for (let k = 0; k < pairs.length; k++) {
        const x = operand(pairs[k]![0], a.length, signed);
        const y = operand(pairs[k]![1], b.length, signed);
        if (BigInt.asUintN(width, x * y) === got[k]) continue;
        if (failure !== undefined) {
          failure.count++;
          continue;
        }
        const value = (z: bigint): bigint => (signed ? BigInt.asIntN(width, z) : BigInt.asUintN(width, z));
        failure = { count: 1, example: { a: x, b: y, product: value(got[k]!), expected: value(x * y) } };
      }
      return failure;
    });
  }

  /** One pair given as the set of inputs that are 1; the counterexample when the netlist is wrong there. */
  tryInputs(ones: Iterable<number>, signed: boolean): Counterexample | undefined {
    const set = new Set(ones);
    const pair = this.net.operands.map(bits =>
      bits.reduce((value, input, i) => (set.has(input) ? value | (1n << BigInt(i)) : value), 0n),
    ) as [bigint, bigint];
    return this.compare([pair], [signed])[0]?.example;
  }

  /** Every operand pair; the first wrong one. @throws AbortedError when `stopped` says so */
  exhaust(signed: boolean, stopped: () => boolean): Counterexample | undefined {
    const [a, b] = this.net.operands;
    const total = 1n << BigInt(a.length + b.length);
    const mask = (1n << BigInt(a.length)) - 1n;
    for (let from = 0n; from < total; from += 4096n) {
      if (stopped()) throw new AbortedError('exhaustive simulation stopped');
      const pairs: [bigint, bigint][] = [];
      for (let x = from; x < from + 4096n && x < total; x++) pairs.push([x & mask, x >> BigInt(a.length)]);
      const failure = this.compare(pairs, [signed])[0];
      if (failure !== undefined) return failure.example;
    }
    return undefined;
  }
}

export interface Failure {
  count: number;
  example: Counterexample;
}

/** Value of an operand's bit pattern. */
function operand(pattern: bigint, width: number, signed: boolean): bigint {
  return signed ? BigInt.asIntN(width, pattern) : pattern;
}

/**
 * Operand pairs that sensitise carries: corners against corners, walking ones and zeros, runs, powers of two against each
 * other, sparse and dense numbers, uniform ones.
 * @param count pairs to make
 */
export function testPairs(
  widths: readonly [number, number],
  count: number,
  seed: number,
): [bigint, bigint][] {
  const random = new Random(seed);
  const pairs: [bigint, bigint][] = [];
  const corners = widths.map(w => {
    const n = BigInt(w);
    const all = (1n << n) - 1n;
    const list = [
      0n,
      1n,
      all,
      all - 1n,
      1n << (n - 1n),
      (1n << (n - 1n)) - 1n,
      alternating(w, 0),
      alternating(w, 1),
    ];
    return [...new Set(list.map(x => BigInt.asUintN(w, x)))];
  });
  for (const x of corners[0]!) for (const y of corners[1]!) pairs.push([x, y]);
  const quarter = Math.ceil(count / 4);
  const special = (w: number): bigint => {
    const one = 1n << BigInt(random.below(w));
    switch (random.below(5)) {
      case 0:
        return one;
      case 1:
        return BigInt.asUintN(w, ~one);
      case 2:
        return one - 1n;
      case 3:
        return BigInt.asUintN(w, ~(one - 1n));
      default:
        return corners[w === widths[0] ? 0 : 1]![random.below(corners[w === widths[0] ? 0 : 1]!.length)]!;
    }
  };
  while (pairs.length < count) {
    const k = pairs.length;
    if (k < quarter) pairs.push([special(widths[0]), special(widths[1])]);
    else if (k < 2 * quarter) {
      pairs.push(
        k & 1
          ? [special(widths[0]), uniform(random, widths[1])]
          : [uniform(random, widths[0]), special(widths[1])],
      );
    } else if (k < 3 * quarter) pairs.push([biased(random, widths[0]), biased(random, widths[1])]);
    else pairs.push([uniform(random, widths[0]), uniform(random, widths[1])]);
  }
  return pairs.slice(0, Math.max(count, 1));
}

function alternating(width: number, from: number): bigint {
  let x = 0n;
  for (let i = from; i < width; i += 2) x |= 1n << BigInt(i);
  return x;
}

function uniform(random: Random, width: number): bigint {
  let text = '0x0';
  for (let bits = 0; bits < width; bits += 32) text += random.uint32().toString(16).padStart(8, '0');
  return BigInt.asUintN(width, BigInt(text));
}

/** Mostly ones, or mostly zeros. */
function biased(random: Random, width: number): bigint {
  let x = uniform(random, width);
  const steps = 1 + random.below(3);
  const dense = random.below(2) === 1;
  for (let i = 0; i < steps; i++) x = dense ? x | uniform(random, width) : x & uniform(random, width);
  return x;
}
