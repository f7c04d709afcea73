// SAT solver: its variables, clauses and counters. Literals are 2·variable + sign, variables from 0.

// ---- variables
export let variables: u32 = 0;
export let variableCapacity: u32 = 0;
export let values: usize = 0; // i8 a literal: 1 true, -1 false, 0 open
export let levels: usize = 0; // u32 a variable
export let reasons: usize = 0; // u32 a variable: clause reference or 0
export let phases: usize = 0; // u8 a variable: sign of the literal to decide
export let seen: usize = 0; // u8 a variable
export let activities: usize = 0; // f64 a variable
export let heap: usize = 0; // u32
export let heapIndex: usize = 0; // i32 a variable, -1 outside
export let heapSize: u32 = 0;
export let watches: usize = 0; // 12 bytes a literal: block, bytes used, bytes held
export let trail: usize = 0; // u32
export let trailSize: u32 = 0;
export let head: u32 = 0;
export let levelStarts: usize = 0; // u32 a level
export let decisionLevel: u32 = 0;
export let stamps: usize = 0; // u32 a level, for counting distinct levels
export let stamp: u32 = 0;
export let model: usize = 0; // i8 a variable

// ---- clauses: [size, flags | glue << 8, forward] then literals; references are byte offsets into the arena
export let arena: usize = 0;
export let arenaUsed: u32 = 8;
export let arenaHeld: u32 = 0;
export let wasted: u32 = 0;
export let learnts: usize = 0; // u32 references
export let learntCount: u32 = 0;
export let learntHeld: u32 = 0;
export let irredundantCount: u32 = 0;
export const LEARNT: u32 = 1;
export const DELETED: u32 = 2;
export const USED: u32 = 12; // two bits: reductions it will survive since last use
export const HEADER: u32 = 12;

// ---- scratch vectors of u32
export let learnt: usize = 0;
export let learntSize: u32 = 0;
export let toClear: usize = 0;
export let toClearSize: u32 = 0;
export let stack: usize = 0;
export let stackSize: u32 = 0;
export let input: usize = 0;
export let inputHeld: u32 = 0;
export let assumptions: usize = 0;
export let assumptionCount: u32 = 0;
export let core: usize = 0;
export let coreCount: u32 = 0;

// ---- proof: i32 words [±size, literals...]; negative size deletes
export let proof: usize = 0;
export let proofUsed: u32 = 0;
export let proofHeld: u32 = 0;
export let proofOn: bool = false;

// ---- search state
export let consistent: bool = true;
export let increment: f64 = 1;
export let decay: f64 = 0.95;
export let conflicts: f64 = 0;
export let decisions: f64 = 0;
export let propagations: f64 = 0;
export let restarts: f64 = 0;
export let reductions: f64 = 0;
export let learntLiterals: f64 = 0;
export let removedLiterals: f64 = 0;
export let collections: f64 = 0;
export let nextReduce: f64 = 2000;
export let reduceStep: f64 = 2000;
export let fast: f64 = 0;
export let slow: f64 = 0;
export let fastWeight: f64 = 1;
export let slowWeight: f64 = 1;
export let sinceRestart: u32 = 0;
export let stable: bool = false;
export let modeUntil: f64 = 1000;
export let modeCount: f64 = 0;
export let lubyIndex: u32 = 0;
export let lubyLeft: u32 = 0;
export let simplifiedAt: u32 = 0;

@inline export function value(literal: u32): i32 {
  return <i32>load<i8>(values + literal);
}
@inline export function levelOf(v: u32): u32 {
  return load<u32>(levels + (v << 2));
}
@inline export function reasonOf(v: u32): u32 {
  return load<u32>(reasons + (v << 2));
}

@inline export function external(literal: u32): i32 {
  const v = <i32>(literal >> 1) + 1;
  return literal & 1 ? -v : v;
}
@inline export function internal(literal: i32): u32 {
  return literal < 0 ? (<u32>(-literal - 1) << 1) | 1 : <u32>(literal - 1) << 1;
}
