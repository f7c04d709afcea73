// Merges nets of a graph that are equal for every value of their inputs, shown by trying all of them where the inputs are
// few: what SAT finds hardest (two multipliers of one product) is little work here. Refuses to merge on samples alone.

import { AbortedError } from '../core/errors.ts';
import { Random } from '../core/random.ts';
import { Aig } from '../netlist/aig.ts';
import { AigBuilder } from '../netlist/builder.ts';
import { randomWords, Simulator } from '../netlist/simulate.ts';

export interface EnumerationOptions {
  /** Most inputs (or registers) a net may depend on to be tried. Default 22. */
  inputs?: number | undefined;
  /** Seconds in all; nets not reached stay apart. Default 10. */
  seconds?: number | undefined;
  seed?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface Enumeration {
  /** For each variable the literal it equals: itself, or one of a smaller variable. */
  equal: Uint32Array;
  merged: number;
  /** Input patterns tried over all regions. */
  patterns: number;
  seconds: number;
}

/** Nets with one signature, and the inputs they depend on together. */
interface Candidate {
  /** Literals that agreed on all samples. */
  members: number[];
  region: readonly number[];
}

const signatureWords = 32;

/** Nets of a graph without latches that are equal on every input. */
export function enumerateEqual(aig: Aig, options: EnumerationOptions = {}): Enumeration {
  const begin = performance.now();
  const { inputs: limit = 22, seconds = 10 } = options;
  const equal = Uint32Array.from({ length: aig.variableCount }, (_, v) => 2 * v);
  const result: Enumeration = { equal, merged: 0, patterns: 0, seconds: 0 };
  const regions = new Map<string, Candidate[]>();
  for (const candidate of candidates(aig, limit, options.seed ?? 1)) {
    const key = candidate.region.join(' ');
    const list = regions.get(key);
    if (list === undefined) regions.set(key, [candidate]);
    else list.push(candidate);
  }
  // the smallest first: what they cost in all is little
  const order = [...regions.values()].sort((x, y) => x[0]!.region.length - y[0]!.region.length);
  const until = begin + 1000 * seconds;
  for (const list of order) {
    if (performance.now() > until) break;
    const classes = tryAll(aig, list, until, options.signal);
    if (classes === undefined) continue;
    result.patterns += 2 ** list[0]!.region.length;
    for (const members of classes) {
      const first = Math.min(...members.map(x => x >>> 1));
      const leader = members.find(x => x >>> 1 === first)!;
      for (const member of members) {
        if (member === leader || equal[member >>> 1] !== (member & ~1) >>> 0) continue;
        equal[member >>> 1] = (leader ^ (member & 1)) >>> 0;
        result.merged++;
      }
    }
  }
  result.seconds = (performance.now() - begin) / 1000;
  return result;
}

/** The graph with equal nets made one. */
export function mergeEqual(aig: Aig, equal: Uint32Array): Aig {
  return mergeMapped(aig, equal).merged;
}

/** The same, and the literal each variable has become. */
export function mergeMapped(aig: Aig, equal: Uint32Array): { merged: Aig; map: Uint32Array } {
  const b = new AigBuilder({ capacity: aig.andCount });
  const map = new Uint32Array(aig.variableCount);
  const to = (literal: number): number => (map[literal >>> 1]! ^ (literal & 1)) >>> 0;
  for (let i = 0; i < aig.inputCount; i++) map[aig.inputVariable(i)] = b.addInput(aig.names.inputs?.[i]);
  for (let i = 0; i < aig.andCount; i++) {
    const v = aig.firstAnd + i;
    map[v] = equal[v] === 2 * v ? b.addAnd(to(aig.fanin0[i]!), to(aig.fanin1[i]!)) : to(equal[v]!);
  }
  aig.outputs.forEach((literal, i) => {
    b.addOutput(to(literal), aig.names.outputs?.[i]);
  });
  return { merged: b.build(), map };
}

/** Classes of equal samples whose members together depend on at most `limit` inputs. */
function candidates(aig: Aig, limit: number, seed: number): Candidate[] {
  const random = new Random(seed);
  const literals = Uint32Array.from({ length: aig.variableCount }, (_, v) => 2 * v);
  const values = new Simulator(aig).run(
    randomWords(random, aig.inputCount, signatureWords),
    signatureWords,
    undefined,
    literals,
  );
  const supports = supportsOf(aig, limit);
  const classes = new Map<string, number[]>();
  for (let v = 0; v < aig.variableCount; v++) {
    if (supports[v] === undefined) continue;
    const at = v * signatureWords;
    const phase = values[at]! & 1;
    let high = 0;
    let low = 0;
    for (let w = 0; w < signatureWords; w++) {
      const word = values[at + w]! ^ -phase;
      high = Math.imul(high ^ word, 0x9e3779b1) ^ (high >>> 15);
      low = (Math.imul(low, 31) + word) | 0;
    }
    const key = `${high} ${low}`;
    const list = classes.get(key);
    if (list === undefined) classes.set(key, [2 * v + phase]);
    else list.push(2 * v + phase);
  }
  const found: Candidate[] = [];
  for (const members of classes.values()) {
    if (members.length < 2) continue;
    const all = unionAll(members.map(x => supports[x >>> 1]!));
    if (all.length <= limit) {
      found.push({ members, region: all });
      continue;
    }
    // too many inputs together: those that depend on the same ones
    const bySupport = new Map<string, number[]>();
    for (const member of members) {
      const key = supports[member >>> 1]!.join(' ');
      const list = bySupport.get(key);
      if (list === undefined) bySupport.set(key, [member]);
      else list.push(member);
    }
    for (const list of bySupport.values()) {
      const region = supports[list[0]! >>> 1]!;
      // a net that never moved in the samples may be constant
      if (members[0]! >>> 1 === 0 && region.length > 0) list.unshift(members[0]!);
      if (list.length > 1) found.push({ members: list, region });
    }
  }
  return found;
}

/** Variables of the inputs each variable depends on, ascending; undefined when more than `limit`. */
function supportsOf(aig: Aig, limit: number): (readonly number[] | undefined)[] {
  const supports: (readonly number[] | undefined)[] = new Array(aig.variableCount);
  supports[0] = [];
  for (let i = 0; i < aig.inputCount; i++) supports[aig.inputVariable(i)] = [aig.inputVariable(i)];
  for (let i = 0; i < aig.andCount; i++) {
    const a = supports[aig.fanin0[i]! >>> 1];
    const b = supports[aig.fanin1[i]! >>> 1];
    if (a === undefined || b === undefined) continue;
    const both = union(a, b);
    if (both.length <= limit) supports[aig.firstAnd + i] = both;
  }
  return supports;
}

/** Union of ascending lists; one of them when it holds the other. */
function union(a: readonly number[], b: readonly number[]): readonly number[] {
  if (a === b) return a;
  const all: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const x = a[i] ?? Number.POSITIVE_INFINITY;
    const y = b[j] ?? Number.POSITIVE_INFINITY;
    if (x <= y) i++;
    if (y <= x) j++;
    all.push(Math.min(x, y));
  }
  return all.length === a.length ? a : all.length === b.length ? b : all;
}

function unionAll(lists: readonly (readonly number[])[]): readonly number[] {
  const all = new Set<number>();
  for (const list of lists) for (const v of list) all.add(v);
  return [...all].sort((x, y) => x - y);
}

/** Patterns of the five inputs that change within a word. */
const within = [0xaaaaaaaa, 0xcccccccc, 0xf0f0f0f0, 0xff00ff00, 0xffff0000];

/**
 * Tries every pattern of a region; classes are split whenever members differ.
 * @returns classes of literals equal on all patterns, or undefined when the time does not suffice
 */
function tryAll(
  aig: Aig,
  list: readonly Candidate[],
  until: number,
  signal: AbortSignal | undefined,
): number[][] | undefined {
  const { region } = list[0]!;
  const { cone, place } = coneOf(
    aig,
    region,
    list.flatMap(c => c.members.map(x => x >>> 1)),
  );
  const simulator = new Simulator(cone);
  const words = simulator.blockWords;
  const block = simulator.block();
  let classes = list.map(c => c.members.map(literal => ({ literal, row: place(literal >>> 1) * words })));
  const perPass = Math.log2(32 * words);
  const passes = 2 ** Math.max(0, region.length - perPass);
  for (let pass = 0; pass < passes; pass++) {
    if ((pass & 255) === 0) {
      if (signal?.aborted === true) throw new AbortedError('proof stopped');
      if (performance.now() > until) return undefined;
    }
    for (let i = 0; i < region.length; i++) {
      const row = cone.inputVariable(i) * words;
      for (let w = 0; w < words; w++) {
        const bit =
          i < 5
            ? within[i]!
            : i < perPass
              ? -((w >>> (i - 5)) & 1)
              : -(Math.floor(pass / 2 ** (i - perPass)) & 1);
        block[row + w] = bit;
      }
    }
    simulator.evaluate();
    let split = false;
    for (const members of classes) {
      for (let k = 1; k < members.length && !split; k++) split = differ(members[0]!, members[k]!);
      if (split) break;
    }
    if (split) classes = classes.flatMap(refine).filter(members => members.length > 1);
    if (classes.length === 0) break;
  }
  return classes.map(members => members.map(m => m.literal));

  type Member = { literal: number; row: number };
  function differ(a: Member, b: Member): boolean {
    const mask = -((a.literal ^ b.literal) & 1);
    for (let w = 0; w < words; w++) {
      if ((block[a.row + w]! ^ block[b.row + w]! ^ mask) !== 0) return true;
    }
    return false;
  }
  function refine(members: readonly Member[]): Member[][] {
    const parts: Member[][] = [];
    for (const member of members) {
      const part = parts.find(p => !differ(p[0]!, member));
      if (part === undefined) parts.push([member]);
      else part.push(member);
    }
    return parts;
  }
}

/** The graph below some variables, its inputs those of the region in order; and where a variable went. */
function coneOf(
  aig: Aig,
  region: readonly number[],
  roots: readonly number[],
): { cone: Aig; place: (variable: number) => number } {
  const needed = new Set<number>();
  const stack = roots.filter(v => v >= aig.firstAnd);
  for (let v = stack.pop(); v !== undefined; v = stack.pop()) {
    if (v < aig.firstAnd || needed.has(v)) continue;
    needed.add(v);
    stack.push(aig.fanin0[v - aig.firstAnd]! >>> 1, aig.fanin1[v - aig.firstAnd]! >>> 1);
  }
  const order = [...needed].sort((x, y) => x - y);
  const first = 1 + region.length;
  const map = new Map<number, number>([[0, 0]]);
  region.forEach((v, i) => {
    map.set(v, 1 + i);
  });
  order.forEach((v, i) => {
    map.set(v, first + i);
  });
  const to = (literal: number): number => 2 * map.get(literal >>> 1)! + (literal & 1);
  return {
    cone: new Aig({
      inputCount: region.length,
      fanin0: Uint32Array.from(order, v => to(aig.fanin0[v - aig.firstAnd]!)),
      fanin1: Uint32Array.from(order, v => to(aig.fanin1[v - aig.firstAnd]!)),
    }),
    place: variable => map.get(variable)!,
  };
}
