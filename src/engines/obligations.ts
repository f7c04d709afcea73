// Proof obligations of PDR, lowest frame first, then the shortest way to the bad state.
// Refuses nothing.

import type { Cube } from './cube.ts';

export interface Obligation {
  cube: Cube;
  /** The cube is to be shown unreachable in this many steps. */
  frame: number;
  /** Inputs that lead from the cube into `next` (or show the failure). */
  inputs: Uint8Array;
  next: Obligation | undefined;
  /** Steps to the bad state. */
  length: number;
}

export class ObligationQueue {
  private readonly byFrame: Obligation[][] = [];

  push(obligation: Obligation): void {
    (this.byFrame[obligation.frame] ??= []).push(obligation);
  }

  pop(): Obligation | undefined {
    for (const list of this.byFrame) {
      if (list === undefined || list.length === 0) continue;
      let best = list.length - 1;
      for (let i = list.length - 1; i >= 0; i--) if (list[i]!.length < list[best]!.length) best = i;
      return list.splice(best, 1)[0];
    }
    return undefined;
  }
}
