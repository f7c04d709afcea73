// The list of full and half adders of a netlist: six words an adder, in order of (sum, carry).
// Refuses to hold adders of any other netlist: every number is a variable of the graph it was found in.

/** Words of one adder in `AdderList.data`. */
export const adderWords = 6;

/**
 * Adders as flat words: leaf 0, leaf 1, leaf 2 (0: half adder), sum variable, carry variable, sign.
 * Leaves ascend. The sign's low three bits tell the carry's polarity: full adder, bit i = leaf i enters
 * complemented; half adder, bits 0-1 the same and bit 2 = the carry is complemented. Bit 3 is set when the sum variable
 * is the complement of the exclusive-or of the leaves.
 */
export class AdderList {
  readonly data: Uint32Array;
  readonly fullAdders: number;
  readonly halfAdders: number;

  constructor(data: Uint32Array) {
    this.data = data;
    let full = 0;
    for (let i = 2; i < data.length; i += adderWords) if (data[i] !== 0) full++;
    this.fullAdders = full;
    this.halfAdders = data.length / adderWords - full;
  }

  get count(): number {
    return this.data.length / adderWords;
  }

  leaf(adder: number, k: 0 | 1 | 2): number {
    return this.data[adder * adderWords + k]!;
  }

  sum(adder: number): number {
    return this.data[adder * adderWords + 3]!;
  }

  carry(adder: number): number {
    return this.data[adder * adderWords + 4]!;
  }

  sign(adder: number): number {
    return this.data[adder * adderWords + 5]!;
  }

  isFull(adder: number): boolean {
    return this.data[adder * adderWords + 2] !== 0;
  }
}

/** Truth table of a carry over its leaves (0xAA, 0xCC, 0xF0), from the adder's sign. */
export function carryTable(full: boolean, sign: number): number {
  let table = 0;
  for (let row = 0; row < 8; row++) {
    const a = (row ^ sign) & 1;
    const b = ((row ^ sign) >> 1) & 1;
    const c = ((row ^ sign) >> 2) & 1;
    const bit = full ? (a + b + c > 1 ? 1 : 0) : (a & b) ^ ((sign >> 2) & 1);
    table |= bit << row;
  }
  return table;
}

/** Truth table of a sum over its leaves, from the adder's sign. */
export function sumTable(full: boolean, sign: number): number {
  const complemented = (sign & 8) !== 0;
  if (full) return complemented ? 0x69 : 0x96;
  return complemented ? 0x99 : 0x66;
}
