// Runs a two-operand (or one-operand) module over packed operands through Yosys and the simulator.
// Refuses more than 32 bits of result.

import { Simulator } from '../../netlist/simulate.ts';
import { type RtlFile, readRtl } from '../../synthesis/rtl.ts';

/** Results of module `file` for operands of `bits` bits; `edges` clock edges with en = 1 and operands held. */
export async function runModule(
  file: RtlFile,
  operands: Record<string, Float64Array>,
  bits: number,
  edges = 0,
): Promise<{ y: Float64Array; ands: number }> {
  const top = file.name.replace(/\.v$/, '');
  const { aig, warnings } = await readRtl({ files: [file], top });
  if (warnings.length > 0) throw new Error(warnings.join('\n'));
  const count = Object.values(operands)[0]!.length;
  const words = Math.ceil(count / 32);
  const inputs = new Uint32Array(aig.inputCount * words);
  aig.names.inputs!.forEach((name, row) => {
    const match = /^(\w+)\[(\d+)\]$/.exec(name!);
    if (match === null) {
      if (name === 'en') inputs.fill(0xffffffff, row * words, (row + 1) * words);
      return;
    }
    const values = operands[match[1]!]!;
    const weight = 2 ** Number(match[2]);
    for (let v = 0; v < count; v++) {
      if (Math.floor(values[v]! / weight) % 2 === 1) inputs[row * words + (v >>> 5)]! |= 1 << (v & 31);
    }
  });
  const simulator = new Simulator(aig);
  let latches = new Uint32Array(aig.latchCount * words);
  for (let k = 0; k < edges; k++)
    latches = simulator.run(inputs, words, latches, aig.latchNext) as typeof latches;
  const out = simulator.run(inputs, words, latches);
  const y = new Float64Array(count);
  aig.names.outputs!.forEach((name, row) => {
    const weight = 2 ** Number(/\[(\d+)\]$/.exec(name!)![1]);
    for (let v = 0; v < count; v++) {
      if ((out[row * words + (v >>> 5)]! >>> (v & 31)) & 1) y[v]! += weight;
    }
  });
  if (aig.outputs.length !== bits) throw new Error(`${aig.outputs.length} output bits`);
  return { y, ands: aig.andCount };
}
