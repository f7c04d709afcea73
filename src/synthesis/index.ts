// Public face of the synthesis room: Yosys in a worker, and RTL read into an and-inverter graph.

export { type ModuleGates, RtlModules, readModuleGates } from './modules.ts';
export * from './rtl.ts';
export { readRtlFiles } from './source.ts';
export { closeYosys, runYosys, SynthesisTimeout, type YosysResult, type YosysRun } from './yosys.ts';
