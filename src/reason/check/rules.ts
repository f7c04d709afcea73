// Orients each adder as a rewriting rule (its sum or its carry in terms of the rest) and orders the variables so that
// every variable comes before all that its rules mention. Refuses cyclic orders: rules that close a cycle are dropped.

import type { Aig } from '../../netlist/index.ts';
import type { AdderList } from '../exact/adders.ts';

const none = 0xffffffff;

export interface RewriteRules {
  /** First rule (adder index) that eliminates each variable, or `noRule`. */
  first: Uint32Array;
  /** The next rule for the same variable. */
  next: Uint32Array;
  /** Variables reachable from the outputs, each before everything its fan-ins and rules mention. */
  order: Uint32Array;
  /** 1 for the operands, sums and carries of adders. */
  isInterface: Uint8Array;
  /** Rules dropped because they closed a cycle. */
  dropped: number;
}

export const noRule = none;

/** Makes the rules of an adder list; see `RewriteRules`. */
export function makeRules(aig: Aig, adders: AdderList, roots: readonly number[]): RewriteRules {
  const { count } = adders;
  const isInterface = new Uint8Array(aig.variableCount);
  const usable = new Uint8Array(count).fill(1);
  const pivot = new Uint32Array(count);
  const search = new Search(aig);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < 5; k++) isInterface[adders.data[i * 6 + k]!] = 1;
    pivot[i] = search.reaches(adders, i) ? adders.carry(i) : adders.sum(i);
  }
  isInterface[0] = 0;
  let dropped = 0;
  for (let pass = 0; ; pass++) {
    const first = new Uint32Array(aig.variableCount).fill(none);
    const next = new Uint32Array(count).fill(none);
    // half adders first, so that full adders come to the head of the lists
    for (const full of [false, true]) {
      for (let i = count - 1; i >= 0; i--) {
        if (!usable[i] || adders.isFull(i) !== full) continue;
        next[i] = first[pivot[i]!]!;
        first[pivot[i]!] = i;
      }
    }
    const { order, cyclic } = topological(aig, adders, first, next, roots);
    if (cyclic.length === 0) return { first, next, order, isInterface, dropped };
    for (const i of cyclic) usable[i] = 0;
    dropped += cyclic.length;
    if (pass < 20) continue;
    // ids ascend along every path once rules mention lower variables only
    for (let i = 0; i < count; i++) {
      const highest = Math.max(...adders.data.subarray(i * 6, i * 6 + 5));
      if (usable[i] && highest > pivot[i]!) {
        usable[i] = 0;
        dropped++;
      }
    }
  }
}

/** Looks whether an adder's carry is computed from its sum. */
class Search {
  private readonly aig: Aig;
  private readonly stamp: Uint32Array;
  private round = 0;

  constructor(aig: Aig) {
    this.aig = aig;
    this.stamp = new Uint32Array(aig.variableCount);
  }

  reaches(adders: AdderList, adder: number): boolean {
    const { aig, stamp } = this;
    const round = ++this.round;
    const sum = adders.sum(adder);
    for (const k of [0, 1, 2] as const) stamp[adders.leaf(adder, k)] = round;
    const stack = [adders.carry(adder)];
    for (let steps = 0; stack.length > 0 && steps < 200; steps++) {
      const v = stack.pop()!;
      if (v === sum) return true;
      if (v < sum || v < aig.firstAnd || stamp[v] === round) continue;
      stamp[v] = round;
      stack.push(aig.fanin0[v - aig.firstAnd]! >>> 1, aig.fanin1[v - aig.firstAnd]! >>> 1);
    }
    return false;
  }
}

/** Depth-first order; rules whose edges close a cycle are listed instead. */
function topological(
  aig: Aig,
  adders: AdderList,
  first: Uint32Array,
  next: Uint32Array,
  roots: readonly number[],
): { order: Uint32Array; cyclic: number[] } {
  const { firstAnd } = aig;
  const state = new Uint8Array(aig.variableCount); // 1 open, 2 done
  const order = new Uint32Array(aig.variableCount);
  let length = 0;
  const cyclic = new Set<number>();
  // a frame: variable, rule being walked (none: fan-ins), position within it
  const variables: number[] = [];
  const rules: number[] = [];
  const places: number[] = [];
  const open = (v: number): void => {
    if (state[v] !== 0) return;
    state[v] = 1;
    variables.push(v);
    rules.push(none);
    places.push(0);
  };
  /** Ends the top frame, that of v. */
  const close = (v: number): void => {
    state[v] = 2;
    order[length++] = v;
    variables.pop();
    rules.pop();
    places.pop();
  };
  for (const root of roots) {
    open(root);
    while (variables.length > 0) {
      const top = variables.length - 1;
      const v = variables[top]!;
      const rule = rules[top]!;
      const place = places[top]!++;
      let child: number;
      if (rule === none) {
        if (place === 2 || v < firstAnd) {
          rules[top] = first[v]!;
          places[top] = 0;
          if (rules[top] === none) {
            close(v);
          }
          continue;
        }
        child = (place === 0 ? aig.fanin0 : aig.fanin1)[v - firstAnd]! >>> 1;
      } else {
        if (place === 5) {
          rules[top] = next[rule]!;
          places[top] = 0;
          if (rules[top] === none) {
            close(v);
          }
          continue;
        }
        child = adders.data[rule * 6 + place]!;
        if (child === v) continue;
      }
      if (state[child] === 1) {
        // the cycle runs through the open frames from child to here; the last rule on it goes
        for (let at = top; at >= 0; at--) {
          if (rules[at] !== none) {
            cyclic.add(rules[at]!);
            break;
          }
          if (variables[at] === child) break;
        }
        continue;
      }
      open(child);
    }
  }
  return { order: order.slice(0, length).reverse(), cyclic: [...cyclic] };
}
