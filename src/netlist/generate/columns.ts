// Row-by-row ripple accumulation of shifted rows, emitted column by column so that state is one carry pair a row.
// The order of nodes is the depth-first order from the outputs that ABC's strash gives for the same circuit.

import type { AigBuilder } from '../builder.ts';

/** Literal of bit `column` of row `row`, or 0; asked once for each place, columns outermost, rows innermost. */
export type RowBit = (row: number, column: number) => number;

/**
 * Adds `rows` rows of `width` columns modulo 2^width: row 0 + row 1, then + row 2 and so on, each a ripple of full
 * adders; constant bits fold them to half adders or wires.
 * @returns the sum, least significant bit first
 */
export function accumulateRows(builder: AigBuilder, rows: number, width: number, bit: RowBit): number[] {
  // the two ANDs whose OR is the carry out of the previous column of each row
  const generate = new Uint32Array(rows);
  const propagate = new Uint32Array(rows);
  const carries = new Uint32Array(rows);
  const sum: number[] = [];
  for (let column = 0; column < width; column++) {
    for (let row = rows - 1; row >= 1; row--) {
      carries[row] = builder.addOr(generate[row]!, propagate[row]!);
    }
    let running = bit(0, column);
    for (let row = 1; row < rows; row++) {
      const other = bit(row, column);
      const carry = carries[row]!;
      generate[row] = builder.addAnd(running, other);
      const half = builder.addXor(running, other);
      propagate[row] = builder.addAnd(carry, half);
      running = builder.addXor(carry, half);
    }
    sum.push(running);
  }
  return sum;
}
