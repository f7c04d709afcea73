// Adders as and-inverter graphs: ripple, carry-lookahead in groups of four with a ripple of groups replaced by a second
// lookahead level, and the Kogge-Stone prefix adder. Any width from 1; refuses none.

import { requireObject } from '../../core/arguments.ts';
import { UsageError } from '../../core/errors.ts';
import type { Aig } from '../aig.ts';
import { AigBuilder, constantFalse } from '../builder.ts';

export const adderKinds = ['ripple', 'cla', 'kogge-stone'] as const;
export type AdderKind = (typeof adderKinds)[number];

export interface AdderOptions {
  /** Default `ripple`. */
  kind?: AdderKind | undefined;
  /** Bits of each operand, 1 to 65536. */
  width: number;
  /** A carry input after the operands. Default false. */
  carryIn?: boolean | undefined;
}

export const maxAdderWidth = 65536;

/**
 * Generates an adder: inputs a, b (least significant first), optional cin; outputs the width + 1 sum bits.
 * @throws UsageError for a width outside 1..65536 or an unknown kind
 */
export function generateAdder(options: AdderOptions): Aig {
  requireObject('the options of generateAdder', options, 'width', 'an object such as { width: 8 }');
  const { width, kind = 'ripple' } = options;
  if (!Number.isInteger(width) || width < 1 || width > maxAdderWidth) {
    throw new UsageError(`adder width ${width}`, { expected: `an integer from 1 to ${maxAdderWidth}` });
  }
  if (!adderKinds.includes(kind)) {
    throw new UsageError(`unknown adder kind '${kind}'`, { expected: adderKinds.join(', ') });
  }
  const builder = new AigBuilder({ capacity: 12 * width });
  const a = Array.from({ length: width }, (_, i) => builder.addInput(`a${i}`));
  const b = Array.from({ length: width }, (_, i) => builder.addInput(`b${i}`));
  const carry = options.carryIn ? builder.addInput('cin') : constantFalse;
  builder.model = `${kind.replace('-', '_')}${width}`;
  addAdder(builder, kind, a, b, carry).forEach((literal, i) => {
    builder.addOutput(literal, `s${i}`);
  });
  return builder.build();
}

/** An adder inside a builder; both operands have the same width. @returns width + 1 sum bits */
export function addAdder(
  builder: AigBuilder,
  kind: AdderKind,
  a: readonly number[],
  b: readonly number[],
  carryIn: number,
): number[] {
  if (kind === 'ripple') {
    const sum: number[] = [];
    let carry = carryIn;
    for (let i = 0; i < a.length; i++) {
      const bit = builder.addFullAdder(a[i]!, b[i]!, carry);
      sum.push(bit.sum);
      carry = bit.carry;
    }
    return [...sum, carry];
  }
  const generate = a.map((x, i) => builder.addAnd(x, b[i]!));
  const propagate = a.map((x, i) => builder.addXor(x, b[i]!));
  const carries =
    kind === 'cla'
      ? lookahead(builder, generate, propagate, carryIn)
      : prefix(builder, generate, propagate, carryIn);
  return [...propagate.map((p, i) => builder.addXor(p, carries[i]!)), carries[a.length]!];
}

/** Carries into every position (and out of the last) by groups of four, level upon level. */
function lookahead(b: AigBuilder, generate: number[], propagate: number[], carryIn: number): number[] {
  const n = generate.length;
  if (n === 1) return [carryIn, b.addOr(generate[0]!, b.addAnd(propagate[0]!, carryIn))];
  const groupGenerate: number[] = [];
  const groupPropagate: number[] = [];
  for (let from = 0; from < n; from += 4) {
    const to = Math.min(n, from + 4);
    groupGenerate.push(spanGenerate(b, generate, propagate, from, to));
    groupPropagate.push(b.addAndAll(propagate.slice(from, to)));
  }
  const groupCarries = lookahead(b, groupGenerate, groupPropagate, carryIn);
  const carries: number[] = [];
  for (let i = 0; i < n; i++) {
    const from = i - (i % 4);
    const into = groupCarries[from / 4]!;
    const through = b.addAnd(b.addAndAll(propagate.slice(from, i)), into);
    carries.push(i === from ? into : b.addOr(spanGenerate(b, generate, propagate, from, i), through));
  }
  carries.push(groupCarries[groupGenerate.length]!);
  return carries;
}

/** Two-level carry generate of positions from..to-1. */
function spanGenerate(
  b: AigBuilder,
  generate: number[],
  propagate: number[],
  from: number,
  to: number,
): number {
  const terms: number[] = [];
  for (let i = from; i < to; i++) terms.push(b.addAnd(generate[i]!, b.addAndAll(propagate.slice(i + 1, to))));
  return b.addOrAll(terms);
}

/** Carries by the Kogge-Stone prefix network; the carry input joins position 0. */
function prefix(b: AigBuilder, generate: number[], propagate: number[], carryIn: number): number[] {
  const n = generate.length;
  let g = [...generate];
  let p = [...propagate];
  g[0] = b.addOr(g[0]!, b.addAnd(p[0]!, carryIn));
  for (let distance = 1; distance < n; distance *= 2) {
    const nextG = [...g];
    const nextP = [...p];
    for (let i = distance; i < n; i++) {
      nextG[i] = b.addOr(g[i]!, b.addAnd(p[i]!, g[i - distance]!));
      if (i >= 2 * distance) nextP[i] = b.addAnd(p[i]!, p[i - distance]!);
    }
    g = nextG;
    p = nextP;
  }
  return [carryIn, ...g];
}
