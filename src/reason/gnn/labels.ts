// Label tasks of the network: structural labels from the exact detector, and original-adder labels of a mapped netlist.
// Refuses to guess: an AND is a sum or carry only because a detector or a simulation class says so.

import { InputError } from '../../core/errors.ts';
import { Random } from '../../core/random.ts';
import type { Aig } from '../../netlist/index.ts';
import {
  type AdderList,
  adderWords,
  detectAdders,
  inAdderList,
  inXorList,
  isCarry,
  isSum,
} from '../exact/index.ts';
import type { Architecture } from './architecture.ts';
import type { GnnGraph } from './graph.ts';

/** Label of a node that takes no part in a task. */
const ignored = 255;

/** Labels of every variable, classes 0..2 a head (see docs/reason-gnn.md). */
export interface CircuitLabels {
  /** Shared task, XOR head and MAJ head: 0 plain, 1 maj, 2 xor. */
  xor: Uint8Array;
  maj: Uint8Array;
  /** Root task by the exact detector on this netlist: 0 carry, 1 sum, 2 other. */
  root: Uint8Array;
  /** Root task by the adders of the circuit this one was made from; equals `root` when there is none. */
  origin: Uint8Array;
}

/**
 * Labels of a netlist.
 * @param original the circuit before mapping, same inputs in the same order; its adders define `origin`
 * @throws InputError when the two differ in inputs
 */
export function circuitLabels(aig: Aig, original?: Aig | undefined): CircuitLabels {
  if (original !== undefined && original.firstAnd !== aig.firstAnd) {
    throw new InputError(`the original circuit has ${original.firstAnd - 1} inputs`, {
      expected: `${aig.firstAnd - 1}, as the netlist`,
    });
  }
  const { flags } = detectAdders(aig);
  const n = aig.variableCount;
  const xor = new Uint8Array(n);
  const maj = new Uint8Array(n);
  const root = new Uint8Array(n).fill(2);
  for (let v = 1; v < n; v++) {
    const f = flags[v]!;
    const x = (f & inXorList) !== 0;
    const m = (f & inAdderList) !== 0;
    xor[v] = x ? 2 : m ? 1 : 0;
    maj[v] = m ? 1 : x ? 2 : 0;
    if (v >= aig.firstAnd) root[v] = f & isCarry ? 0 : f & isSum ? 1 : 2;
  }
  const origin =
    original === undefined ? root : originMatch(aig, original, detectAdders(original).adders).labels;
  return { xor, maj, root, origin };
}

/** Words of vectors simulated to match nets of two circuits: 1024 random vectors and 1024 of corner values. */
const words = 64;

/**
 * Input values. In the second half of the vectors each half of the inputs (an operand of a multiplier) is drawn from
 * corner values: nets of a Booth multiplier may differ only there.
 */
function inputWords(aig: Aig): Uint32Array {
  const inputs = aig.firstAnd - 1;
  const random = new Random(20230308);
  const out = new Uint32Array((1 + inputs) * words);
  for (let v = 1; v <= inputs; v++) for (let w = 0; w < words / 2; w++) out[v * words + w] = random.uint32();
  const half = inputs >> 1;
  for (let k = 16 * words; k < 32 * words; k++) {
    for (const [from, to] of [
      [1, half],
      [half + 1, inputs],
    ] as const) {
      const pattern = random.below(8);
      const hot = from + random.below(Math.max(1, to - from + 1));
      for (let v = from; v <= to; v++) {
        const top = v === to;
        const bits = [false, true, top, !top, v === from, v === hot, v !== hot];
        const bit = pattern < 7 ? bits[pattern]! : random.below(2) === 1;
        if (bit) out[v * words + (k >>> 5)]! |= 1 << (k & 31);
      }
    }
  }
  return out;
}

/** What an AND of a mapped netlist is in the original circuit. */
export interface OriginMatch {
  /** 0 carry, 1 sum, 2 neither, by variable. */
  labels: Uint8Array;
  /** Literal of the original circuit the variable equals where the label is 0 or 1. */
  literals: Uint32Array;
}

/**
 * For each variable of a mapped netlist: 0 if it equals, up to complement, a carry of an adder of the original circuit,
 * 1 a sum, 2 neither; equality by 2048 vectors (bench/gnn.mjs confirms it by SAT sweeping). A net that is both
 * counts as a carry.
 */
export function originMatch(mapped: Aig, original: Aig, adders: AdderList): OriginMatch {
  const classes = new Map<string, [label: number, literal: number]>();
  const table = simulate(original);
  for (const [column, label] of [
    [4, 0],
    [3, 1],
  ] as const) {
    for (let i = 0; i < adders.data.length; i += adderWords) {
      const v = adders.data[i + column]!;
      const key = signatureKey(table, v);
      if (!classes.has(key)) classes.set(key, [label, 2 * v + (table[v * words]! & 1)]);
    }
  }
  const other = simulate(mapped);
  const labels = new Uint8Array(mapped.variableCount).fill(2);
  const literals = new Uint32Array(mapped.variableCount);
  for (let v = mapped.firstAnd; v < mapped.variableCount; v++) {
    const hit = classes.get(signatureKey(other, v));
    if (hit === undefined) continue;
    labels[v] = hit[0];
    literals[v] = hit[1] ^ (other[v * words]! & 1);
  }
  return { labels, literals };
}

function simulate(aig: Aig): Uint32Array {
  const s = new Uint32Array(aig.variableCount * words);
  s.set(inputWords(aig));
  for (let i = 0; i < aig.andCount; i++) {
    const a = aig.fanin0[i]!;
    const b = aig.fanin1[i]!;
    const p = (a >>> 1) * words;
    const q = (b >>> 1) * words;
    const o = (aig.firstAnd + i) * words;
    for (let w = 0; w < words; w++) s[o + w] = (s[p + w]! ^ -(a & 1)) & (s[q + w]! ^ -(b & 1));
  }
  return s;
}

/** The vectors as text, complemented so that the first is 0. */
function signatureKey(s: Uint32Array, variable: number): string {
  const at = variable * words;
  const flip = -(s[at]! & 1);
  const codes = new Uint16Array(words * 2);
  for (let w = 0; w < words; w++) {
    const x = s[at + w]! ^ flip;
    codes[2 * w] = x & 0xffff;
    codes[2 * w + 1] = x >>> 16;
  }
  return String.fromCharCode(...codes);
}

/** Labels by node of a graph of `a`; published graphs get their outputs too (plain, other). */
export function graphLabels(labels: CircuitLabels, graph: GnnGraph, a: Architecture): Uint8Array[] {
  return [labels.xor, labels.maj, labels.root, labels.origin].map((by, h) => {
    const out = new Uint8Array(graph.nodes).fill(h < 2 ? 0 : 2);
    if (a.input === 'published') {
      out.set(by.subarray(1));
    } else {
      out.set(by);
      out[0] = ignored;
    }
    return out;
  });
}
