// Signal correspondence: latches, and gates over latches alone, that are equal (or opposite, or constant) in every
// reachable state. Classes come from simulation and are split until they are inductive. Refuses gates that read inputs,
// and facts that only hold because a constraint ends the run in that very state: merged, the constraint would be lost.

import { Random } from '../core/random.ts';
import { Frames } from './frames.ts';
import type { Limits } from './limits.ts';
import { simulateRuns } from './simulate-runs.ts';
import { dependsOnInputs, rebuild, type System } from './system.ts';

export interface EquivalenceOptions {
  seed?: number | undefined;
  /** Simulated steps of 128 runs; default 96. */
  steps?: number | undefined;
  /** Conflicts a comparison may use before the pair is given up; default 2000. */
  conflicts?: number | undefined;
}

/** Members of each class: literals whose phase makes them equal; the first is the representative. */
type Classes = number[][];

/** The system with proved equal signals merged; the same system when there is nothing to merge. */
export function mergeEquivalent(system: System, limits: Limits, options: EquivalenceOptions = {}): System {
  let classes = candidateClasses(system, options);
  if (classes.length === 0) return system;
  classes = refineBase(system, classes, limits, options);
  for (;;) {
    if (limits.over() !== undefined) return system;
    const next = refineStep(system, classes, limits, options);
    if (next === undefined) return system;
    if (next === classes) break;
    classes = next;
  }
  const replace = new Map<number, number>();
  for (const [root, ...others] of classes) {
    for (const literal of others) replace.set(literal >>> 1, root! ^ (literal & 1));
  }
  return replace.size === 0 ? system : rebuild(system, replace);
}

function candidateClasses(system: System, options: EquivalenceOptions): Classes {
  const { aig } = system;
  const usesInputs = dependsOnInputs(aig);
  const members: number[] = [0];
  for (let v = 1 + aig.inputCount; v < aig.variableCount; v++) if (usesInputs[v] === 0) members.push(v);
  const hashes = new Uint32Array(2 * members.length);
  const phases = new Uint8Array(members.length);
  let first = true;
  simulateRuns(
    aig,
    new Random(options.seed ?? 1),
    { words: 4, steps: options.steps ?? 96, constraints: system.constraints },
    ({ values, words, alive, step }) => {
      const word = alive.findIndex(x => x !== 0);
      if (word < 0) return false;
      const bit = 31 - Math.clz32(alive[word]!);
      for (const [k, v] of members.entries()) {
        const at = v * words;
        if (first) phases[k] = (values[at + word]! >>> bit) & 1;
        let h1 = hashes[2 * k]!;
        let h2 = hashes[2 * k + 1]!;
        for (let w = 0; w < words; w++) {
          const x = (values[at + w]! ^ -phases[k]!) & alive[w]!;
          h1 = Math.imul(h1 ^ x, 0x85ebca6b) + step;
          h1 ^= h1 >>> 15;
          h2 = Math.imul(h2 + x + 1, 0xc2b2ae35);
          h2 ^= h2 >>> 13;
        }
        hashes[2 * k] = h1;
        hashes[2 * k + 1] = h2;
      }
      first = false;
      return false;
    },
  );
  const groups = new Map<string, number[]>();
  for (const [k, v] of members.entries()) {
    const key = `${hashes[2 * k]!},${hashes[2 * k + 1]!}`;
    const literal = 2 * v + phases[k]!;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [literal]);
    else group.push(literal);
  }
  return useful([...groups.values()].map(normalise));
}

/** The representative is positive. */
function normalise(group: number[]): number[] {
  const flip = group[0]! & 1;
  return flip === 0 ? group : group.map(literal => literal ^ 1);
}

function useful(classes: Classes): Classes {
  return classes.filter(group => group.length > 1);
}

/** Splits every class by the values of its literals. */
function split(classes: Classes, value: (literal: number) => number): Classes {
  const result: Classes = [];
  let changed = false;
  for (const group of classes) {
    const zero: number[] = [];
    const one: number[] = [];
    for (const literal of group) (value(literal) === 0 ? zero : one).push(literal);
    if (zero.length === 0 || one.length === 0) result.push(group);
    else {
      changed = true;
      result.push(normalise(zero), normalise(one));
    }
  }
  return changed ? useful(result) : classes;
}

function evaluator(system: System): {
  values: Uint8Array;
  run: () => void;
  value: (literal: number) => number;
} {
  const { aig } = system;
  const { fanin0, fanin1, firstAnd, andCount } = aig;
  const values = new Uint8Array(aig.variableCount);
  const value = (literal: number): number => values[literal >>> 1]! ^ (literal & 1);
  const run = (): void => {
    for (let i = 0; i < andCount; i++) values[firstAnd + i] = value(fanin0[i]!) & value(fanin1[i]!);
  };
  return { values, run, value };
}

/** Drops a literal from its class. */
function without(classes: Classes, literal: number): Classes {
  return useful(classes.map(group => group.filter(other => other !== literal)));
}

function refineBase(system: System, classes: Classes, limits: Limits, options: EquivalenceOptions): Classes {
  const { aig } = system;
  const first = (constrained: boolean): Frames => {
    const made = new Frames(aig, { start: 'reset', memoryLimit: limits.memoryLimit });
    made.extend();
    if (constrained) for (const c of system.constraints) made.assert(made.node(0, c));
    return made;
  };
  const plain = first(false);
  const constrained = first(true);
  // two latches without reset values that constraints make equal: merged, the reset states left are those that agree
  const undefinedLatch = (literal: number): boolean =>
    aig.isLatch(literal >>> 1) && aig.latchInit[(literal >>> 1) - 1 - aig.inputCount] === 2;
  const { values, run, value } = evaluator(system);
  for (let at = 0; at < classes.length; ) {
    const [root, ...others] = classes[at]!;
    const failing = others.find(literal => {
      const frames = undefinedLatch(root!) && undefinedLatch(literal) ? constrained : plain;
      const differ = frames.nodes.addXor(frames.node(0, root!), frames.node(0, literal));
      if (differ === 0) return false;
      const answer = frames.solver.solve([frames.encode(differ)], {
        ...limits.budget(),
        conflicts: options.conflicts ?? 2000,
      });
      if (answer === 'unsat') return false;
      if (answer === 'sat') {
        for (let v = 1; v < aig.firstAnd; v++) values[v] = frames.value(frames.node(0, 2 * v)) & 1;
      }
      return true;
    });
    if (failing === undefined) {
      at++;
      continue;
    }
    run();
    const next = split(classes, value);
    classes = next === classes || value(root!) === value(failing) ? without(next, failing) : next;
    // classes before `at` may have been split, never made larger: they stay proved
    at = 0;
  }
  return classes;
}

/**
 * One round: the classes are assumed in frame 0 (merged, so that equal cones become one) and checked in frame 1.
 * @returns the same classes when all hold, finer ones, or undefined when time ran out
 */
function refineStep(
  system: System,
  classes: Classes,
  limits: Limits,
  options: EquivalenceOptions,
): Classes | undefined {
  const { aig } = system;
  const { inputCount, firstAnd, fanin0, fanin1, latchNext } = aig;
  const rootOf = new Map<number, number>();
  for (const [root, ...others] of classes) {
    for (const literal of others) rootOf.set(literal >>> 1, root! ^ (literal & 1));
  }
  const frames = new Frames(aig, { start: 'free', memoryLimit: limits.memoryLimit });
  const { nodes, solver } = frames;
  const free: number[] = [];
  /** One frame over given latch values; `merge` reads every member as its representative. */
  const frame = (latches: (index: number) => number, merge: boolean): Uint32Array => {
    const map = new Uint32Array(aig.variableCount);
    for (let i = 0; i < inputCount; i++) map[1 + i] = nodes.free();
    const place = (v: number, node: number): void => {
      const root = merge ? rootOf.get(v) : undefined;
      if (root === undefined) {
        map[v] = node;
        return;
      }
      const merged = map[root >>> 1]! ^ (root & 1);
      map[v] = merged;
      if (v >= firstAnd && merged !== node) equalities.push(nodes.addXnor(merged, node));
    };
    const equalities: number[] = [];
    for (let i = 0; i < aig.latchCount; i++) place(1 + inputCount + i, latches(i));
    for (let v = firstAnd; v < aig.variableCount; v++) {
      const a = fanin0[v - firstAnd]!;
      const b = fanin1[v - firstAnd]!;
      place(v, nodes.addAnd(map[a >>> 1]! ^ (a & 1), map[b >>> 1]! ^ (b & 1)));
    }
    for (const equality of equalities) frames.assert(equality);
    return map;
  };
  const read = (map: Uint32Array, literal: number): number => map[literal >>> 1]! ^ (literal & 1);
  const zero = frame(i => (free[i] = nodes.free()), true);
  for (const c of system.constraints) frames.assert(read(zero, c));
  frames.assert(read(zero, system.bad) ^ 1);
  const one = frame(i => read(zero, latchNext[i]!), false);
  const { values, run, value } = evaluator(system);
  let refined = classes;
  for (let again = true; again; ) {
    again = false;
    for (const [root, ...others] of refined) {
      for (const literal of others) {
        if (limits.over() !== undefined) return undefined;
        const differ = nodes.addXor(read(one, root!), read(one, literal));
        if (differ === 0) continue;
        const answer = solver.solve([frames.encode(differ)], {
          ...limits.budget(),
          conflicts: options.conflicts ?? 2000,
        });
        if (answer === 'unsat') {
          frames.assert(differ ^ 1);
          continue;
        }
        let next = refined;
        if (answer === 'sat') {
          for (let v = 1; v < firstAnd; v++) values[v] = frames.value(zero[v]!) & 1;
          run();
          const state = Array.from(latchNext, value);
          values.set(state, 1 + inputCount);
          run();
          next = split(refined, value);
        }
        refined = next === refined || value(root!) === value(literal) ? without(next, literal) : next;
        again = true;
        break;
      }
      if (again) break;
    }
  }
  return refined;
}
