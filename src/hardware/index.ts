// The hardware room for library users: units by name, their RTL and golden models, equivalence, area, timing and energy.

export { type CostOptions, type CostResult, type CostRow, costOf, type OperandKind } from './cost/cost.ts';
export { findLibrary } from './cost/find-library.ts';
export { parseTimingLibrary, readTimingLibrary } from './cost/library-read.ts';
export { analyseTiming, type CriticalPath, type Timing, type TimingOptions } from './cost/timing.ts';
export * from './equivalence.ts';
export { type ReadUnit, readUnit, type WrittenUnit, writeUnit } from './manifest.ts';
export * from './stream.ts';
export * from './unit.ts';
export * from './units.ts';
