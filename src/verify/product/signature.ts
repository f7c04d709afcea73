// Recognises roots whose cones are the same sequential circuit under renaming, such as the bit slices of a datapath:
// one of them is proved for all. Refuses to call anything equal on a hash: the whole cone is written out and compared.

import type { Aig } from '../../netlist/aig.ts';

/** Rounds of colouring through latches: more separate more operands, none changes what equality means. */
const rounds = 4;

/** Writes cones of one graph as texts. */
export class ConeSignatures {
  private readonly aig: Aig;
  private readonly colours: Uint32Array;
  /** Nodes of the last cone written. */
  lastSize = 0;

  constructor(aig: Aig) {
    this.aig = aig;
    this.colours = colour(aig);
  }

  /**
   * A text two roots share only when their cones (with the cones of the given constraints) are the same circuit up to
   * the names of inputs and latches. Equal text: equal verdict. Different text means nothing. Undefined when the cone has
   * more nodes than `limit`.
   */
  of(root: number, constraints?: readonly number[]): string;
  of(root: number, constraints: readonly number[], limit: number): string | undefined;
  of(
    root: number,
    constraints: readonly number[] = [],
    limit = Number.POSITIVE_INFINITY,
  ): string | undefined {
    const { firstAnd, fanin0, fanin1, inputCount, latchInit, latchNext } = this.aig;
    const numbers = new Map<number, number>([[0, 0]]);
    const parts: string[] = [];
    const latches: number[] = [];
    const name = (literal: number): string => `${numbers.get(literal >>> 1)!}${literal & 1 ? "'" : ''}`;
    const walk = (start: number): void => {
      const stack = [start >>> 1];
      while (stack.length > 0) {
        const v = stack[stack.length - 1]!;
        if (numbers.has(v)) stack.pop();
        else if (v < firstAnd) {
          numbers.set(v, numbers.size);
          if (v > inputCount) {
            parts.push(`L${latchInit[v - inputCount - 1]}`);
            latches.push(v - inputCount - 1);
          } else parts.push('I');
          stack.pop();
        } else {
          let a = fanin0[v - firstAnd]!;
          let b = fanin1[v - firstAnd]!;
          if (this.colourOf(a) > this.colourOf(b)) [a, b] = [b, a];
          if (!numbers.has(a >>> 1)) stack.push(a >>> 1);
          else if (!numbers.has(b >>> 1)) stack.push(b >>> 1);
          else {
            parts.push(`${name(a)}&${name(b)}`);
            numbers.set(v, numbers.size);
            stack.pop();
          }
        }
      }
    };
    for (const literal of [root, ...constraints]) {
      walk(literal);
      parts.push(`R${name(literal)}`);
    }
    for (let i = 0; i < latches.length; i++) {
      if (parts.length > limit) return undefined;
      walk(latchNext[latches[i]!]!);
      parts.push(`N${name(latchNext[latches[i]!]!)}`);
    }
    this.lastSize = parts.length;
    return parts.join(' ');
  }

  private colourOf(literal: number): number {
    return mix(this.colours[literal >>> 1]!, literal & 1);
  }
}

/** Name-free colours of variables: inputs alike, latches by initial value and, round by round, by next state. */
function colour(aig: Aig): Uint32Array {
  const { firstAnd, fanin0, fanin1, inputCount, latchCount } = aig;
  const colours = new Uint32Array(aig.variableCount);
  colours[0] = 1;
  colours.fill(2, 1, 1 + inputCount);
  for (let i = 0; i < latchCount; i++) colours[1 + inputCount + i] = 3 + aig.latchInit[i]!;
  for (let round = 0; ; round++) {
    for (let v = firstAnd; v < aig.variableCount; v++) {
      const x = fanin0[v - firstAnd]!;
      const y = fanin1[v - firstAnd]!;
      const a = mix(colours[x >>> 1]!, x & 1);
      const b = mix(colours[y >>> 1]!, y & 1);
      colours[v] = a < b ? mix(a, b) : mix(b, a);
    }
    if (round === rounds) return colours;
    const next = Uint32Array.from(aig.latchNext, (x, i) =>
      mix(colours[1 + inputCount + i]!, mix(colours[x >>> 1]!, x & 1)),
    );
    colours.set(next, 1 + inputCount);
  }
}

function mix(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  h ^= h >>> 13;
  h = Math.imul(h, 0x27d4eb2f);
  return (h ^ (h >>> 16)) >>> 0;
}
