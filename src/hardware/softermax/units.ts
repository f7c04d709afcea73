// The two Softermax units: channels, golden models on streams, stimuli. The integers are those of src/format/softermax.

import type { Softermax } from '../../format/index.ts';
import { type Batch, type Channel, emptyBatch, type Unit, type UnitParameters } from '../unit.ts';
import { normalFiles } from './normal-rtl.ts';
import { normalOperands, normalRows, rowWidth, traceRows, tracesOf, unnormedOperands } from './operands.ts';
import { softermaxOf, spelled, stem } from './options.ts';
import { normalReference, unnormedReference } from './reference-rtl.ts';
import { normalStimuli, scoreRows } from './stimuli.ts';
import { maximumRange, unnormedFiles } from './unnormed-rtl.ts';

function maximumBits(model: Softermax): number {
  let bits = 2;
  while (2 ** (bits - 1) - 1 < maximumRange(model).high) bits++;
  return bits;
}

/** Parameters: see softermaxOf. In: x, last. Out: u, maximum, sum, last. @throws UsageError */
export function softermaxUnnormed(parameters: UnitParameters): Unit {
  const model = softermaxOf(parameters);
  const { vector, input: format, unnormed, sum } = model.parameters;
  const input: Channel = {
    ...{ name: 'in', direction: 'in' },
    fields: [
      { name: 'x', lanes: vector, bits: format.integerBits + format.fractionBits, signed: true },
      { name: 'last', lanes: 1, bits: 1, signed: false },
    ],
  };
  const output: Channel = {
    ...{ name: 'out', direction: 'out' },
    fields: [
      { name: 'u', lanes: vector, bits: unnormed.fractionBits + 1, signed: false },
      { name: 'maximum', lanes: 1, bits: maximumBits(model), signed: true },
      { name: 'sum', lanes: 1, bits: sum.integerBits + sum.fractionBits, signed: false },
      { name: 'last', lanes: 1, bits: 1, signed: false },
    ],
  };
  const name = `softermax_unnormed_${stem(model)}`;
  return {
    ...{ kind: 'softermax-unnormed', name, input, output, latency: 1, operationsPerTransaction: vector },
    title: `Softermax unnormalised unit, ${vector} lanes`,
    parameters: spelled(model),
    format: `fix${format.integerBits}.${format.fractionBits}`,
    files: unnormedFiles(name, model, input, output),
    golden: batch => unnormedGolden(model, batch, output),
    stimuli: (random, count) => scoreRows(model, input, random, count),
    operands: random => tracesOf(unnormedOperands(model, normalRows(random, traceRows, rowWidth))),
    reference: [unnormedReference(name, model, input, output)],
  };
}

/** The unnormalised unit on a stream of slices. */
function unnormedGolden(model: Softermax, batch: Batch, output: Channel): Batch {
  const { vector } = model.parameters;
  const out = emptyBatch(output, batch.count);
  const { x, last } = batch.fields as { x: Float64Array; last: Float64Array };
  const numerators = new Uint16Array(vector);
  let state = model.start();
  for (let t = 0; t < batch.count; t++) {
    model.slice(x.subarray(t * vector, (t + 1) * vector), 0, vector, state, numerators);
    out.fields['u']!.set(numerators, t * vector);
    out.fields['maximum']![t] = state.maximum;
    out.fields['sum']![t] = state.sum;
    out.fields['last']![t] = last[t]!;
    if (last[t] === 1) state = model.start();
  }
  return out;
}

/** Parameters: see softermaxOf. In: u, maximum, row_maximum, sum. Out: y. @throws UsageError */
export function softermaxNormal(parameters: UnitParameters): Unit {
  const model = softermaxOf(parameters);
  const { vector, unnormed, sum, output: format } = model.parameters;
  const input: Channel = {
    ...{ name: 'in', direction: 'in' },
    fields: [
      { name: 'u', lanes: vector, bits: unnormed.fractionBits + 1, signed: false },
      { name: 'maximum', lanes: 1, bits: maximumBits(model), signed: true },
      { name: 'row_maximum', lanes: 1, bits: maximumBits(model), signed: true },
      { name: 'sum', lanes: 1, bits: sum.integerBits + sum.fractionBits, signed: false },
    ],
  };
  const output: Channel = {
    ...{ name: 'out', direction: 'out' },
    fields: [{ name: 'y', lanes: vector, bits: format.fractionBits + 1, signed: false }],
  };
  const name = `softermax_normal_${stem(model)}`;
  return {
    ...{ kind: 'softermax-normal', name, input, output, latency: 1, operationsPerTransaction: vector },
    title: `Softermax normalisation unit, ${vector} lanes`,
    parameters: spelled(model),
    format: `ufix1.${format.fractionBits}`,
    files: normalFiles(name, model, input, output),
    golden: batch => normalGolden(model, batch, output),
    stimuli: (random, count) => normalStimuli(model, input, random, count),
    operands: random => tracesOf(normalOperands(model, normalRows(random, traceRows, rowWidth))),
    reference: [normalReference(name, model, input, output)],
  };
}

/** The normalisation unit on a stream of slices; an output past the top of its format keeps its low bits. */
function normalGolden(model: Softermax, batch: Batch, output: Channel): Batch {
  const { vector, output: format } = model.parameters;
  const out = emptyBatch(output, batch.count);
  const { u, maximum, row_maximum: top, sum } = batch.fields as Record<string, Float64Array>;
  const span = 2 ** (format.fractionBits + 1);
  const turn = 2 ** maximumBits(model);
  for (let t = 0; t < batch.count; t++) {
    const reciprocal = model.reciprocal(sum![t]!);
    // as wires do when the row's maximum is below the slice's, which no row has
    const rise = (top![t]! - maximum![t]! + 2 * turn) % turn;
    for (let lane = 0; lane < vector; lane++) {
      const at = t * vector + lane;
      out.fields['y']![at] = model.output(u![at]!, rise, reciprocal) % span;
    }
  }
  return out;
}
