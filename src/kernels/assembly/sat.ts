// CDCL SAT solver: search with glue-driven and Luby restarts under assumptions; what the caller sees of it.
// Parts in _sat-*.ts. Refuses memory past its limit: it traps, and the caller gives the solver up.
// Literals inside are 2·variable + sign, variables from 0; the boundary uses DIMACS integers.

import { analyse, analyseFinal, countLevels } from './_sat-analyse';
import { attach, emit, newClause } from './_sat-clauses';
import { allocate, bump, freeLists, limitPages, regrow, release, top } from './_sat-memory';
import { heapPop } from './_sat-order';
import { cancelUntil, enqueue, propagate } from './_sat-propagate';
import { reduce } from './_sat-reduce';
import {
  LEARNT, arena, arenaHeld, assumptionCount, assumptions, collections, conflicts, consistent, core,
  coreCount, decay, decisionLevel, decisions, external, fast, fastWeight, heapSize, increment, input,
  inputHeld, internal, irredundantCount, learnt, learntCount, learntHeld, learntLiterals, learntSize,
  learnts, levelStarts, lubyIndex, lubyLeft, modeCount, modeUntil, model, nextReduce, phases, proof, proofOn,
  proofUsed, propagations, reductions, removedLiterals, restarts, seen, sinceRestart, slow, slowWeight,
  stable, trailSize, value, values, variables,
} from './_sat-state';

export { newVariable } from './_sat-order';

export function init(pages: i32): void {
  limitPages = pages;
  if (memory.size() == 0) memory.grow(1);
  freeLists = (__heap_base + 15) & ~15;
  bump = freeLists + 256;
  top = <usize>memory.size() << 16;
  memory.fill(freeLists, 0, 256);
  arenaHeld = 1 << 16;
  arena = allocate(arenaHeld);
  learntHeld = 4096;
  learnts = allocate(learntHeld);
}

// ---- boundary
/** Room for `count` literals; @returns its address */
export function buffer(count: u32): usize {
  const bytes = max<u32>(count << 2, 64);
  if (bytes > inputHeld) {
    input = regrow(input, 0, inputHeld, bytes);
    inputHeld = bytes;
  }
  return input;
}

/** Adds the clause in the buffer (DIMACS literals). @returns 0 when the clauses became contradictory */
export function addClause(count: u32): i32 {
  if (!consistent) return 0;
  // seen is used as a mark of polarity: 1 positive, 2 negative
  let kept: u32 = 0;
  let trivial = false;
  for (let i: u32 = 0; i < count; i++) {
    const literal = internal(load<i32>(input + (i << 2)));
    const mark: u8 = literal & 1 ? 2 : 1;
    const have = load<u8>(seen + (literal >> 1));
    if (value(literal) > 0 || (have != 0 && have != mark)) {
      trivial = true;
      break;
    }
    if (have == mark || value(literal) < 0) continue;
    store<u8>(seen + (literal >> 1), mark);
    store<u32>(input + (kept++ << 2), literal);
  }
  for (let i: u32 = 0; i < kept; i++) store<u8>(seen + (load<u32>(input + (i << 2)) >> 1), 0);
  if (trivial) return 1;
  if (kept == 0) {
    consistent = false;
    if (proofOn) emit(input, 0, false);
    return 0;
  }
  if (proofOn && kept < count) emit(input, kept, false);
  if (kept == 1) {
    enqueue(load<u32>(input), 0);
    if (propagate() != 0) {
      consistent = false;
      if (proofOn) emit(input, 0, false);
      return 0;
    }
    return 1;
  }
  irredundantCount++;
  attach(newClause(input, kept, 0));
  return 1;
}

/** Starts a search under the assumptions in the buffer, which must not repeat a literal. */
export function begin(count: u32): void {
  cancelUntil(0);
  const bytes = max<u32>(count << 2, 16);
  if (assumptions != 0) release(assumptions, max<u32>(assumptionCount << 2, 16));
  assumptions = allocate(bytes);
  for (let i: u32 = 0; i < count; i++) {
    store<u32>(assumptions + (i << 2), internal(load<i32>(input + (i << 2))));
  }
  assumptionCount = count;
  coreCount = 0;
  fast = 0;
  fastWeight = 1;
  sinceRestart = 0;
}

export function finish(): void {
  cancelUntil(0);
}

function luby(i: u32): u32 {
  let size: u32 = 1;
  let k: u32 = 0;
  while (size < i + 1) {
    size = 2 * size + 1;
    k++;
  }
  while (size - 1 != i) {
    size = (size - 1) >> 1;
    k--;
    i %= size;
  }
  return 1 << k;
}

function shouldRestart(): bool {
  if (stable) return lubyLeft == 0;
  return sinceRestart >= 10 && fast / (1 - fastWeight) > 1.15 * (slow / (1 - slowWeight));
}

function restart(): void {
  restarts += 1;
  sinceRestart = 0;
  if (conflicts >= modeUntil) {
    stable = !stable;
    if (!stable) modeCount += 1;
    modeUntil = conflicts + 1000 * (modeCount + 1) * (modeCount + 1);
  }
  if (stable) lubyLeft = luby(lubyIndex++) * 256;
  cancelUntil(min(assumptionCount, decisionLevel));
}

/**
 * Searches until an answer or a limit. @returns 1 satisfiable, 2 unsatisfiable, 0 a limit was reached (call again
 * to go on, or finish)
 */
export function search(conflictLimit: f64, propagationLimit: f64): i32 {
  if (!consistent) return 2;
  const conflictEnd = conflicts + conflictLimit;
  const propagationEnd = propagations + propagationLimit;
  for (;;) {
    const conflict = propagate();
    if (conflict != 0) {
      conflicts += 1;
      if (decisionLevel == 0) {
        consistent = false;
        if (proofOn) emit(input, 0, false);
        return 2;
      }
      const level = analyse(conflict);
      const glue = countLevels(learnt, learntSize);
      sinceRestart++;
      if (lubyLeft > 0) lubyLeft--;
      fast += (<f64>glue - fast) * 0.03;
      fastWeight *= 0.97;
      slow += (<f64>glue - slow) * 0.0003;
      slowWeight *= 0.9997;
      cancelUntil(level);
      if (proofOn) emit(learnt, learntSize, false);
      if (learntSize == 1) enqueue(load<u32>(learnt), 0);
      else {
        const reference = newClause(learnt, learntSize, LEARNT | (glue << 8) | (glue <= 6 ? 8 : 4));
        attach(reference);
        if (learntCount << 2 == learntHeld) {
          learnts = regrow(learnts, learntHeld, learntHeld, learntHeld * 2);
          learntHeld *= 2;
        }
        store<u32>(learnts + (learntCount++ << 2), reference);
        enqueue(load<u32>(learnt), reference);
      }
      increment /= decay;
      continue;
    }
    if (conflicts >= conflictEnd || propagations >= propagationEnd) return 0;
    if (shouldRestart()) {
      restart();
      if (conflicts >= nextReduce) {
        cancelUntil(0);
        reduce();
      }
      continue;
    }
    if (conflicts >= nextReduce) reduce();
    // assumptions first, one level each
    let next: u32 = 0xffffffff;
    while (decisionLevel < assumptionCount) {
      const p = load<u32>(assumptions + (decisionLevel << 2));
      const v = value(p);
      if (v > 0) {
        openLevel();
        continue;
      }
      if (v < 0) {
        analyseFinal(p ^ 1);
        // the literal itself is an assumption, and it is the false one
        store<u32>(core, p);
        return 2;
      }
      next = p;
      break;
    }
    if (next == 0xffffffff) {
      for (;;) {
        if (heapSize == 0) {
          for (let v: u32 = 0; v < variables; v++) store<i8>(model + v, load<i8>(values + (v << 1)));
          return 1;
        }
        const v = heapPop();
        if (value(v << 1) == 0) {
          next = (v << 1) | load<u8>(phases + v);
          break;
        }
      }
      decisions += 1;
    }
    openLevel();
    enqueue(next, 0);
  }
  return 0;
}

function openLevel(): void {
  store<u32>(levelStarts + (decisionLevel << 2), trailSize);
  decisionLevel++;
}

/** 1 true, -1 false in the last model. */
export function modelValue(variable: u32): i32 {
  return <i32>load<i8>(model + (variable - 1));
}

export function coreSize(): u32 {
  return coreCount;
}
export function coreLiteral(i: u32): i32 {
  return external(load<u32>(core + (i << 2)));
}

/** Value fixed at level 0 of a DIMACS literal: 1, -1, or 0. Valid between searches. */
export function fixedValue(literal: i32): i32 {
  return value(internal(literal));
}

export function setPhase(literal: i32): void {
  const l = internal(literal);
  store<u8>(phases + (l >> 1), <u8>(l & 1));
}

export function setProof(on: bool): void {
  proofOn = on;
}
export function proofAddress(): usize {
  return proof;
}
/** Words waiting; the caller copies them, then clears. */
export function proofWords(): u32 {
  return proofUsed >> 2;
}
export function clearProof(): void {
  proofUsed = 0;
}

export function statistic(which: i32): f64 {
  switch (which) {
    case 0:
      return conflicts;
    case 1:
      return decisions;
    case 2:
      return propagations;
    case 3:
      return restarts;
    case 4:
      return reductions;
    case 5:
      return <f64>learntCount;
    case 6:
      return <f64>irredundantCount;
    case 7:
      return learntLiterals;
    case 8:
      return removedLiterals;
    case 9:
      return <f64>bump;
    case 10:
      return collections;
    default:
      return <f64>variables;
  }
}
