// The end of a normalising half: one register stage between the input stream and the output y.
// Refuses to be a pipeline: halves with more stages write their own.

import { type Module, type Net, stage } from '../rtl/index.ts';

type Ports = Readonly<Record<string, Net>>;

/** Registers `y`, worked out from the input channel, and hands it on as the field y of the output channel. */
export function holdResult(m: Module, input: Ports, output: Ports, y: Net): void {
  const held = stage(m, {
    ...{ name: 'slice', valid: input['valid']!, ready: output['ready']! },
    registers: [{ name: 'held_y', value: y }],
  });
  m.assign(input['ready']!, held.ready);
  m.assign(output['valid']!, held.valid);
  m.assign(output['y']!, held.out[0]!);
}
