// Local features of the default model: categories read off the cone two and three levels below a node. A message-passing
// network cannot tell whether two fan-ins of fan-ins are the same net; these features can. Refuses to look further: no cut
// enumeration and no search.

import type { Aig } from '../../netlist/index.ts';
import { npnClasses, npnTable } from './npn.ts';
import { tokens } from './signatures.ts';

/** Categories a node. */
export const fieldCount = 5;

const shapeRows = 57;
const sharingRows = 55;
const deepRows = npnClasses + 6;
const fanoutRows = 14;
/** First embedding row of each field: shape, sharing, function of depth 2, function of depth 3, fan-out. */
const shapeBase = 0;
const sharingBase = shapeRows;
const pairBase = sharingBase + sharingRows;
const deepBase = pairBase + npnClasses + 1;
const fanoutBase = deepBase + deepRows;
/** Rows of the embedding table. */
export const featureRows = fanoutBase + fanoutRows;

/** What the features of any node are read from; every array may be shared between threads. */
export interface FeatureSource {
  firstAnd: number;
  inputCount: number;
  fanin0: Uint32Array;
  fanin1: Uint32Array;
  /** References to each variable from ANDs, saturated at 255. */
  fanouts: Uint8Array;
  /** 1 for variables an output, latch or property looks at. */
  observed: Uint8Array;
  /** Which nets count as equal or complementary; see tokens. */
  tokens: Uint32Array;
}

/** Counts fan-outs and simulates. @param simulate false leaves the signatures out (ablation). */
export function featureSource(aig: Aig, simulate = true): FeatureSource {
  const { fanin0, fanin1, andCount, firstAnd, variableCount } = aig;
  const fanouts = new Uint8Array(new SharedArrayBuffer(variableCount));
  const observed = new Uint8Array(new SharedArrayBuffer(variableCount));
  for (let i = 0; i < andCount; i++) {
    const u = fanin0[i]! >>> 1;
    const v = fanin1[i]! >>> 1;
    if (fanouts[u]! < 255) fanouts[u]!++;
    if (fanouts[v]! < 255) fanouts[v]!++;
  }
  for (const literal of aig.roots()) observed[literal >>> 1] = 1;
  return {
    firstAnd,
    inputCount: aig.inputCount,
    fanin0,
    fanin1,
    fanouts,
    observed,
    tokens: tokens(aig, simulate),
  };
}

const leafTable = Int32Array.of(0xaaaa, 0xcccc, 0xf0f0, 0xff00);

/** Computes features of one node at a time; holds scratch arrays, one instance a thread. */
export class FeatureReader {
  private readonly source: FeatureSource;
  private readonly npn = npnTable();
  private readonly leaves = new Int32Array(8);
  private leafCount = 0;
  private readonly scratch = new Uint16Array(fieldCount);

  constructor(source: FeatureSource) {
    this.source = source;
  }

  /** Writes the `fieldCount` embedding rows of `variable` at `out[at…]`. */
  read(variable: number, out: Uint16Array, at: number): void {
    const { firstAnd, fanin0, fanin1, fanouts, observed, inputCount } = this.source;
    const n = fanouts[variable]!;
    const bucket = n <= 4 ? n : n <= 8 ? 5 : 6;
    out[at + 4] = fanoutBase + bucket * 2 + observed[variable]!;
    if (variable < firstAnd) {
      out[at] = shapeBase + (variable === 0 || variable > inputCount ? 56 : 55);
      out[at + 1] = sharingBase + 54;
      out[at + 2] = pairBase + npnClasses;
      out[at + 3] = deepBase + npnClasses + 5;
      return;
    }
    const i = variable - firstAnd;
    const a = fanin0[i]!;
    const b = fanin1[i]!;
    const p = this.childCode(a);
    const q = this.childCode(b);
    const low = Math.min(p, q);
    const high = Math.max(p, q);
    out[at] = shapeBase + (high * (high + 1)) / 2 + low;
    out[at + 1] = sharingBase + this.sharing(a, b);
    this.leafCount = 0;
    const pair = this.once(a) & this.once(b);
    out[at + 2] = pairBase + this.npn[pair & 0xffff]!;
    this.leafCount = 0;
    const deep = this.twice(a) & this.twice(b);
    out[at + 3] =
      deepBase + (this.leafCount <= 4 ? this.npn[deep & 0xffff]! : npnClasses + this.leafCount - 5);
  }

  /** The features of `variable` as one number other than 0, a signed 32-bit word. */
  code(variable: number): number {
    const { scratch } = this;
    this.read(variable, scratch, 0);
    const high = (scratch[0]! - shapeBase) * sharingRows + scratch[1]! - sharingBase;
    const middle = (high * (npnClasses + 1) + scratch[2]! - pairBase) * deepRows + scratch[3]! - deepBase;
    return (middle * fanoutRows + scratch[4]! - fanoutBase + 1) | 0;
  }

  /** Writes the embedding rows behind a code at `out[at…]`. */
  decode(code: number, out: Uint16Array, at: number): void {
    let x = (code >>> 0) - 1;
    out[at + 4] = fanoutBase + (x % fanoutRows);
    x = Math.floor(x / fanoutRows);
    out[at + 3] = deepBase + (x % deepRows);
    x = Math.floor(x / deepRows);
    out[at + 2] = pairBase + (x % (npnClasses + 1));
    x = Math.floor(x / (npnClasses + 1));
    out[at + 1] = sharingBase + (x % sharingRows);
    out[at] = shapeBase + Math.floor(x / sharingRows);
  }

  /** 0..9: complement, and input / constant / AND by how many of its fan-ins are complemented. */
  private childCode(literal: number): number {
    const v = literal >>> 1;
    const { firstAnd, fanin0, fanin1 } = this.source;
    const c = (literal & 1) * 5;
    if (v < firstAnd) return c + (v === 0 ? 0 : 1);
    const i = v - firstAnd;
    return c + 2 + (fanin0[i]! & 1) + (fanin1[i]! & 1);
  }

  /** 0..53: which fan-ins of one fan-in are, or complement, fan-ins of the other, or the other itself. */
  private sharing(a: number, b: number): number {
    const { firstAnd, fanin0, fanin1 } = this.source;
    const u = a >>> 1;
    const v = b >>> 1;
    let equal = 0;
    let opposite = 0;
    let up = 0;
    let down = 0;
    if (v >= firstAnd) {
      const c = fanin0[v - firstAnd]!;
      const d = fanin1[v - firstAnd]!;
      up = this.match(a, c) || this.match(a, d);
      if (u >= firstAnd) {
        const e = fanin0[u - firstAnd]!;
        const f = fanin1[u - firstAnd]!;
        let seen = this.match(e, c);
        equal += seen & 1;
        opposite += seen >> 1;
        seen = this.match(e, d);
        equal += seen & 1;
        opposite += seen >> 1;
        seen = this.match(f, c);
        equal += seen & 1;
        opposite += seen >> 1;
        seen = this.match(f, d);
        equal += seen & 1;
        opposite += seen >> 1;
      }
    }
    if (u >= firstAnd) down = this.match(b, fanin0[u - firstAnd]!) || this.match(b, fanin1[u - firstAnd]!);
    const shared =
      equal + opposite === 0
        ? 0
        : equal === 0
          ? opposite === 1
            ? 1
            : 2
          : opposite === 0
            ? equal === 1
              ? 3
              : 4
            : 5;
    return (shared * 3 + up) * 3 + down;
  }

  /** 1 the literals are equal, 2 they are complements, 0 neither, as far as the tokens tell. */
  private match(x: number, y: number): number {
    const { tokens } = this.source;
    const d = tokens[x >>> 1]! ^ tokens[y >>> 1]! ^ ((x ^ y) & 1);
    return d === 0 ? 1 : d === 1 ? 2 : 0;
  }

  /** Truth table of a literal expanded one level, over at most four distinct leaves (beyond: undefined bits). */
  private once(literal: number): number {
    const { firstAnd, fanin0, fanin1 } = this.source;
    const i = (literal >>> 1) - firstAnd;
    if (i < 0) return this.leaf(literal);
    return (this.leaf(fanin0[i]!) & this.leaf(fanin1[i]!)) ^ -(literal & 1);
  }

  /** The same, two levels. */
  private twice(literal: number): number {
    const { firstAnd, fanin0, fanin1 } = this.source;
    const i = (literal >>> 1) - firstAnd;
    if (i < 0) return this.leaf(literal);
    return (this.once(fanin0[i]!) & this.once(fanin1[i]!)) ^ -(literal & 1);
  }

  private leaf(literal: number): number {
    if (literal < 2) return -literal;
    const { leaves } = this;
    const token = this.source.tokens[literal >>> 1]! ^ (literal & 1);
    const count = this.leafCount;
    for (let k = 0; k < count; k++) {
      const d = leaves[k]! ^ token;
      if (d >>> 1 === 0) return (k < 4 ? leafTable[k]! : 0) ^ -d;
    }
    leaves[count] = token;
    this.leafCount = count + 1;
    return count < 4 ? leafTable[count]! : 0;
  }
}
