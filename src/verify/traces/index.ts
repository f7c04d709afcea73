// Renderers of counterexamples: VCD, timing diagram, WaveJSON, Verilog test bench, report blocks.

export { benchOf, replayNatively } from './native.ts';
export { traceBlocks } from './page.ts';
export { type TestbenchOptions, writeTestbench } from './testbench.ts';
export { writeVcd } from './vcd.ts';
export { drawWaveform, type Waveform, type WaveformOptions } from './waveform.ts';
export { type WaveJson, waveJson } from './wavejson.ts';
