// Data integrity (P5) of stream blocks.

export { bindStream } from './bind.ts';
export { searchBursts } from './bursts.ts';
export { checkIntegrity, type IntegrityResult } from './check.ts';
export { type Exploration, explore } from './explore.ts';
export { integrityProblem } from './monitor.ts';
export { type ProvenIntegrity, proveIntegrity } from './prove.ts';
export { findRoles, type StreamDesign } from './stream.ts';
export { integrityTable } from './table.ts';
