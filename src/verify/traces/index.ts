// Renderers of counterexamples: VCD, timing diagram, WaveJSON, Verilog test bench, report blocks.

export { benchOf, replayNatively } from './native.ts';
export { traceBlocks } from './page.ts';
export { writeTestbench } from './testbench.ts';
export { writeVcd } from './vcd.ts';
export { drawWaveform } from './waveform.ts';
export { waveJson } from './wavejson.ts';
