// Exact adder detection: every full and half adder that 3-feasible cuts show, labels, and the adder tree.

export { AdderList, adderWords, carryTable, sumTable } from './adders.ts';
export { type DetectOptions, type DetectResult, type DetectStatistics, detectAdders } from './detect.ts';
export * from './labels.ts';
export { findAddersReference, type ReferenceResult } from './reference.ts';
export { type AdderTree, buildAdderTree } from './tree.ts';
