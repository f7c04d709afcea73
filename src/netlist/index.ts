// The netlist room for library users: and-inverter graphs, their files, simulation and generators.

export * from './aig.ts';
export * from './aiger-read.ts';
export { type AigerWriteOptions, aigerBytes, writeAiger, writeAigerFile } from './aiger-write.ts';
export * from './bench.ts';
export * from './bench-write.ts';
export * from './blif.ts';
export * from './blif-write.ts';
export * from './boolean-expression.ts';
export * from './builder.ts';
export * from './cell-library.ts';
export * from './circuit.ts';
export { copyAnds } from './copy.ts';
export * from './formats.ts';
export * from './generate/index.ts';
export * from './liberty.ts';
export * from './place-cell.ts';
export * from './sat/index.ts';
export * from './simulate.ts';
export * from './simulate-reference.ts';
export { MemorySink, type Sink, type SourceInput } from './source.ts';
export * from './stimulus.ts';
export * from './strash.ts';
export * from './verilog.ts';
export * from './verilog-write.ts';
export * from './yosys-cells.ts';
export * from './yosys-json.ts';
export * from './yosys-json-write.ts';
