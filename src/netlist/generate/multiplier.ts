// Multipliers as and-inverter graphs: carry-save array (unsigned, and signed after Baugh and Wooley) and radix-4 Booth
// (signed and unsigned), any width from 1. The unsigned array and the signed Booth of even width are node for node those
// of ABC's `gen -m` and `gen -b` after strash.

import { requireObject } from '../../core/arguments.ts';
import { UsageError } from '../../core/errors.ts';
import type { Aig } from '../aig.ts';
import { AigBuilder, constantFalse, constantTrue } from '../builder.ts';
import { accumulateRows } from './columns.ts';

export type MultiplierKind = 'csa' | 'booth';

export interface MultiplierOptions {
  /** Carry-save array or radix-4 Booth. Default `csa`. */
  kind?: MultiplierKind | undefined;
  /** Bits of each operand, 1 to 4096. */
  width: number;
  /** Two's complement operands and product. Default false. */
  signed?: boolean | undefined;
  /** Names for inputs (a0 …, b0 …) and outputs (m0 …). Default true. */
  names?: boolean | undefined;
}

/** Largest operand width: 8·4096² ANDs are 134 million. */
export const maxMultiplierWidth = 4096;

/**
 * Generates a width × width multiplier: inputs a (least significant first), then b; outputs the 2·width product bits.
 * @throws UsageError for a width outside 1..4096 or an unknown kind
 */
export function generateMultiplier(options: MultiplierOptions): Aig {
  requireObject('the options of generateMultiplier', options, 'width', 'an object such as { width: 8 }');
  const { width, kind = 'csa', signed = false } = options;
  if (!Number.isInteger(width) || width < 1 || width > maxMultiplierWidth) {
    throw new UsageError(`multiplier width ${width}`, {
      expected: `an integer from 1 to ${maxMultiplierWidth}`,
    });
  }
  if (kind !== 'csa' && kind !== 'booth') {
    throw new UsageError(`unknown multiplier kind '${kind}'`, { expected: 'csa or booth' });
  }
  const builder = new AigBuilder({ capacity: 8 * width * width + 8 * width + 64 });
  const named = options.names ?? true;
  const a = Array.from({ length: width }, (_, i) => builder.addInput(named ? `a${i}` : undefined));
  const b = Array.from({ length: width }, (_, i) => builder.addInput(named ? `b${i}` : undefined));
  builder.model = `${kind}${width}${signed ? '_signed' : ''}`;
  const multiply = kind === 'csa' ? addArrayMultiplier : addBoothMultiplier;
  multiply(builder, a, b, signed).forEach((literal, i) => {
    builder.addOutput(literal, named ? `m${i}` : undefined);
  });
  return builder.build();
}

/**
 * A carry-save array inside a builder; operands of any widths, least significant first.
 * Signed: Baugh-Wooley, the products of exactly one sign bit inverted and 2^(n+m-1) + 2^(n-1) + 2^(m-1) added.
 * @returns the n + m product bits
 */
export function addArrayMultiplier(
  builder: AigBuilder,
  a: readonly number[],
  b: readonly number[],
  signed: boolean,
): number[] {
  const n = a.length;
  const m = b.length;
  const product = (row: number, column: number): number => {
    const i = column - row;
    if (i < 0 || i >= n) return constantFalse;
    const and = builder.addAnd(b[row]!, a[i]!);
    return signed && (i === n - 1) !== (row === m - 1) ? and ^ 1 : and;
  };
  if (!signed) return accumulateRows(builder, m, n + m, product);
  const correction = (1n << BigInt(n + m - 1)) + (1n << BigInt(n - 1)) + (1n << BigInt(m - 1));
  return accumulateRows(builder, m + 1, n + m, (row, column) =>
    row === 0 ? Number((correction >> BigInt(column)) & 1n) : product(row - 1, column),
  );
}

/**
 * A radix-4 Booth multiplier inside a builder; operands of any widths, least significant first. Row 0 carries the
 * +1 of each negative digit; each digit's row is the digit times a in one's complement with folded sign extension.
 * @returns the n + m product bits
 */
export function addBoothMultiplier(
  builder: AigBuilder,
  a: readonly number[],
  b: readonly number[],
  signed: boolean,
): number[] {
  const n = a.length;
  const m = b.length;
  const digits = signed ? Math.ceil(m / 2) : Math.floor(m / 2) + 1;
  const aBit = (i: number): number => (i < n ? a[i]! : signed ? a[n - 1]! : constantFalse);
  const bBit = (j: number): number => (j < m ? b[j]! : signed ? b[m - 1]! : constantFalse);
  /** Position of the sign in each digit's row: -2a … 2a needs one bit more than a, an unsigned a one more again. */
  const sign = signed ? n : n + 1;
  const signs = new Uint32Array(digits);
  const row = (digit: number, i: number): number => {
    if (i < 0) return constantFalse;
    if (i < sign) return boothBit(builder, bBit, digit, aBit(i), i === 0 ? undefined : aBit(i - 1));
    if (i === sign) signs[digit] = boothBit(builder, bBit, digit, aBit(i), aBit(i - 1));
    // sign extension -s·2^p of all rows together: row 0 gets s, s, ~s; the others ~s, 1
    const s = signs[digit]!;
    if (digit === 0) return i <= sign + 1 ? s : i === sign + 2 ? s ^ 1 : constantFalse;
    return i === sign ? s ^ 1 : i === sign + 1 ? constantTrue : constantFalse;
  };
  return accumulateRows(builder, digits + 1, n + m, (index, column) => {
    if (index > 0) return row(index - 1, column - 2 * (index - 1));
    return column % 2 === 0 && column / 2 < digits ? bBit(column + 1) : constantFalse;
  });
}

/**
 * One bit of a Booth row: the digit of (high, middle, low) selects a[i], a[i-1] or 0, inverted when high is set.
 * With X = high xnor middle and Y = middle xnor low: (a[i]·~Y xnor ~X·~(a[i-1]·Y)) xnor middle.
 */
function boothBit(
  builder: AigBuilder,
  bBit: (j: number) => number,
  digit: number,
  current: number,
  previous: number | undefined,
): number {
  const high = bBit(2 * digit + 1);
  const middle = bBit(2 * digit);
  const low = digit === 0 ? constantFalse : bBit(2 * digit - 1);
  const xnor = (u: number, v: number): number =>
    builder.addAnd(builder.addAnd(u, v ^ 1) ^ 1, builder.addAnd(u ^ 1, v) ^ 1);
  if (previous === undefined) {
    const x = xnor(middle, high);
    const one = builder.addAnd(current, xnor(low, middle) ^ 1);
    return xnor(middle, xnor(one, x)) ^ 1;
  }
  const y = xnor(low, middle);
  const one = builder.addAnd(current, y ^ 1);
  const x = xnor(middle, high);
  const two = builder.addAnd(x ^ 1, builder.addAnd(previous, y) ^ 1);
  return xnor(middle, xnor(one, two));
}
