// What a stream module promises its neighbours, read off every one of its control states (source: paper b5, on chains):
//   kept      valid stays up until the word is taken
//   gives     a module that holds a word raises valid in the end, whatever its neighbours do
//   takes     an empty module takes an offered word in the end, whatever its reader does
// Refuses to decide from anything but the complete graph of transitions.

import type { Exploration } from '../integrity/index.ts';

export interface Contract {
  kept: boolean;
  gives: boolean;
  takes: boolean;
  /** Words it can hold. */
  capacity: number;
}

/**
 * @param exploration with its edges
 * @param sources number of input channels: choice bits 0 … sources - 1 are their valids
 */
export function contractOf(exploration: Exploration, sources: number): Contract {
  const { edges, states, inside } = exploration;
  if (edges === undefined || exploration.outcome !== 'closed') {
    return { kept: false, gives: false, takes: false, capacity: exploration.capacity };
  }
  const count = edges.from.length;
  // kept: an edge with valid and no transfer leads only to states in which valid is up
  const alwaysValid = new Int32Array(states).fill(-1);
  for (let e = 0; e < count; e++) alwaysValid[edges.from[e]!]! &= edges.valid[e]!;
  let kept = true;
  for (let e = 0; e < count && kept; e++) {
    const waiting = edges.valid[e]! & ~edges.gave[e]!;
    kept = (alwaysValid[edges.to[e]!]! & waiting) === waiting;
  }
  const gives = !hasCycle(states, edges, e => inside[edges.from[e]!]! > 0 && edges.valid[e] === 0);
  let takes = true;
  for (let s = 0; s < sources && takes; s++) {
    takes = !hasCycle(
      states,
      edges,
      e => inside[edges.from[e]!] === 0 && ((edges.choice[e]! >> s) & 1) === 1 && edges.took[e] === 0,
    );
  }
  return { kept, gives, takes, capacity: exploration.capacity };
}

/** Is there a cycle among the chosen edges (both ends inside, self-loops too)? Removes states without successors. */
function hasCycle(
  states: number,
  edges: { from: number[]; to: number[] },
  chosen: (edge: number) => boolean,
): boolean {
  const degree = new Int32Array(states);
  const incoming: number[][] = Array.from({ length: states }, () => []);
  for (let e = 0; e < edges.from.length; e++) {
    if (!chosen(e)) continue;
    degree[edges.from[e]!]!++;
    incoming[edges.to[e]!]!.push(edges.from[e]!);
  }
  const stack: number[] = [];
  for (let s = 0; s < states; s++) if (degree[s] === 0) stack.push(s);
  let left = states - stack.length;
  for (let s = stack.pop(); s !== undefined; s = stack.pop()) {
    for (const from of incoming[s]!) {
      if (--degree[from]! === 0) {
        stack.push(from);
        left--;
      }
    }
  }
  return left > 0;
}
