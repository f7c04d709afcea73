// The verify room for library users: load RTL, run properties, read verdicts and traces, check certificates.

export * from '../engines/index.ts';
export type { VerifyConfig } from './config.ts';
export { readConfig } from './config.ts';
export type { Design } from './design.ts';
export { designFromAig } from './design.ts';
export type { Channel, Interface } from './interface.ts';
export { type LoadedDesign, type LoadOptions, loadDesign } from './load.ts';
export { type PropertyKind, type PropertyResult, propertyKinds, propertyTitles } from './results.ts';
export { plannedProperties, type VerifyOptions, verifyDesign } from './run.ts';
export type { TraceSignal, TraceTable, TraceValue } from './trace.ts';
