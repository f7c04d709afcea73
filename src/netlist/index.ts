// The netlist room for library users: and-inverter graphs, their files, simulation and generators.

export * from './aig.ts';
export * from './aiger-read.ts';
export { type AigerWriteOptions, aigerBytes, writeAiger, writeAigerFile } from './aiger-write.ts';
export * from './builder.ts';
export * from './generate/index.ts';
export * from './simulate.ts';
export * from './simulate-reference.ts';
export { MemorySink, type Sink, type SourceInput } from './source.ts';
export * from './strash.ts';
