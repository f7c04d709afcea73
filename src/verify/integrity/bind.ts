// From a design with channels to the stream block data integrity is asked of: payload fields of input and output are
// matched by name (tdata with tdata), else by position. Refuses unequal payloads, and several outputs at once.

import type { Design } from '../design.ts';
import { type Channel, type Interface, type SignalRef, signalBit, signalBits } from '../interface.ts';
import type { StreamChannel, StreamDesign } from './stream.ts';

/**
 * The stream block, or why there is none. The design must be settled: reset done, clock and reset ports gone.
 * Channels without ready get a constant one.
 * @param only the output to look at, the others being free to take or not; default: the only one
 */
export function bindStream(design: Design, found: Interface, only?: string): StreamDesign | string {
  const inputs = found.channels.filter(c => c.direction === 'in');
  const outputs = found.channels.filter(
    c => c.direction === 'out' && (only === undefined || c.name === only),
  );
  if (outputs.length !== 1) return `${outputs.length} output channels`;
  if (inputs.length === 0) return 'no input channel';
  const output = outputs[0]!;
  if (output.ready === undefined) return `output '${output.name}' has no ready`;
  const width = (c: Channel): number => c.payload.reduce((sum, p) => sum + p.width, 0);
  for (const c of inputs) {
    if (width(c) !== width(output) || width(c) === 0) {
      return `'${c.name}' carries ${width(c)} bits and '${output.name}' ${width(output)}`;
    }
  }
  const fields = fieldNames(output);
  const bind = (c: Channel): StreamChannel => {
    const names = fieldNames(c);
    const order = fields.map(name => names.indexOf(name));
    const byName =
      order.every((at, i) => at >= 0 && c.payload[at]!.width === output.payload[i]!.width) &&
      new Set(order).size === c.payload.length;
    const refs: readonly SignalRef[] = byName ? order.map(at => c.payload[at]!) : c.payload;
    return {
      name: c.name,
      valid: signalBit(design, c.valid),
      ready: c.ready === undefined ? 1 : signalBit(design, c.ready),
      payload: refs.flatMap(ref => signalBits(design, ref)),
    };
  };
  const rest = new Map<number, 0 | 1>();
  design.aig.names.latches?.forEach((name, i) => {
    const value = design.rest?.get(name ?? '');
    if (value !== undefined) rest.set(i, value);
  });
  return { aig: design.aig, inputs: inputs.map(bind), outputs: [bind(output)], rest };
}

/** Names of the fields without what names the channel: the longest common prefix of valid and field. */
function fieldNames(channel: Channel): string[] {
  const strip = (name: string): string => {
    const valid = channel.valid.port;
    let n = 0;
    while (n < name.length && n < valid.length && name[n] === valid[n]) n++;
    return name.slice(n);
  };
  return channel.payload.map(p => strip(p.port));
}
