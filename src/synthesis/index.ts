// Public face of the synthesis room: Yosys in a worker, and RTL read into an and-inverter graph.

export * from './rtl.ts';
export { closeYosys, runYosys, SynthesisTimeout, type YosysResult, type YosysRun } from './yosys.ts';
