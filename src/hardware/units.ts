// The units that can be generated, by name: one line each and one for each of their parameters, loaded when asked for.
// Refuses unknown names, of units and of parameters, with the nearest spelling.

import { unknownWord } from '../core/errors.ts';
import type { Unit, UnitParameters } from './unit.ts';

/** What a generator can be asked for: a line for each name. */
type ParameterTexts = Readonly<Record<string, string>>;

export interface UnitEntry {
  name: string;
  summary: string;
  /** The command line turns --some-name into someName. */
  parameters: ParameterTexts;
  load(): Promise<(parameters: UnitParameters) => Unit>;
}

const softermaxParameters: ParameterTexts = {
  vector: 'lanes: elements of a row that arrive together',
  width: 'the same',
  input: 'format of the scores',
  unnormed: 'format of 2^(x - max)',
  sum: 'format of the running sum',
  reciprocal: 'format of 1 / sum',
  output: 'format of the probabilities',
  powerSegments: 'linear pieces of 2^x',
  reciprocalSegments: 'linear pieces of 1 / x',
  reciprocalPlace: 'bits of the place within such a piece',
  operandFraction: 'fraction bits a numerator keeps for the normalising product',
  addendFraction: 'fraction bits a numerator keeps for the sum of its slice',
};
const softmaxParameters: ParameterTexts = {
  vector: 'lanes: elements of a row that arrive together',
  width: 'the same',
  pipeline: 'true, or false for one register stage and a slow clock',
};

export const units: UnitEntry[] = [
  {
    name: 'vector-mac',
    summary: 'dot product with per-vector integer scales and an accumulation collector',
    parameters: {
      format: 'W/A/ws/as, or WEIGHT,ACTIVATION in full notation',
      vector: 'lanes',
      depth: 'most vectors in one sum',
      scaleBits: 'bits the product of two scales is rounded to (default: whole)',
      fullRange: 'also take the code -2^(N-1)',
      inputRegister: 'register the operands first',
    },
    load: async () => (await import('./vector-mac/index.ts')).vectorMac,
  },
  {
    name: 'ppu',
    summary: 'coarse scaling, vector maximum, dynamic per-vector quantization',
    parameters: {
      format: 'output format intN@vV:uM or uintN@vV:uM, or W/A/ws/as',
      vector: 'lanes',
      inputBits: 'bits of an accumulator that comes in',
      multiplierBits: 'bits of the coarse scale',
      fraction: 'fraction bits kept below one code step',
    },
    load: async () => (await import('./ppu/index.ts')).ppu,
  },
  {
    name: 'lns-mac',
    summary: 'dot product of logarithmic numbers: exponent adders, remainder bins, integer accumulator',
    parameters: {
      format: 'logarithmic element, such as lns8g8',
      lanes: 'products a cycle',
      lut: 'entries of the conversion table, a power of two up to the base factor',
      accumulator: 'bits of each saturating accumulator',
      drop: 'lowest power of two a product keeps',
      constantBits: 'fraction bits of the constants 2^(m/L)',
      enables: '1: the upper bits of the bins have an enable, for flows with clock gates',
    },
    load: async () => (await import('./lns/index.ts')).lnsMac,
  },
  {
    name: 'lns-convert',
    summary: 'integer sum back to a logarithmic code: leading one and midpoints',
    parameters: {
      format: 'logarithmic element, such as lns8g8',
      accumulator: 'bits of the integer that comes in',
    },
    load: async () => (await import('./lns/convert.ts')).lnsConvertUnit,
  },
  {
    name: 'fp-mac',
    summary: 'dot product of floating-point numbers, fused or by a tree of adders: the baseline',
    parameters: {
      format: 'fp8e4m3, fp8e5m2, fp16, bf16 or fp32',
      accumulate: 'format of the accumulator',
      lanes: 'products a cycle',
      sum: 'fused (aligned integers) or tree (floating-point adders)',
      stages: 'fused: pipeline stages, 3 or 4',
      fraction: 'fused: fraction bits an aligned product keeps',
    },
    load: async () => (await import('./fp-mac/index.ts')).fpMac,
  },
  {
    name: 'sparsity-detector',
    summary: 'zeros of a channel counted and compared: dense or sparse',
    parameters: {
      lanes: 'codes that arrive together',
      bits: 'bits of a code',
      countBits: 'bits of the saturating count of zeros',
    },
    load: async () => (await import('./sparsity/detector.ts')).sparsityDetector,
  },
  {
    name: 'label-table',
    summary: 'labels of channels, double-buffered between network calls',
    parameters: {
      addressBits: 'the table holds 2^addressBits labels',
    },
    load: async () => (await import('./sparsity/label-table.ts')).labelTable,
  },
  {
    name: 'channel-walk',
    summary: 'label words to the list of dense or sparse channels with their addresses',
    parameters: {
      width: 'labels of a word',
      indexBits: 'bits of a channel number',
      addressBits: 'bits of an address',
    },
    load: async () => (await import('./sparsity/channel-walk.ts')).channelWalk,
  },
  {
    name: 'softermax-unnormed',
    summary: 'Softermax, first half: integer maximum, power of two, running sum',
    parameters: softermaxParameters,
    load: async () => (await import('./softermax/index.ts')).softermaxUnnormed,
  },
  {
    name: 'softermax-normal',
    summary: 'Softermax, second half: reciprocal once, a shift and a product in every lane',
    parameters: softermaxParameters,
    load: async () => (await import('./softermax/index.ts')).softermaxNormal,
  },
  {
    name: 'softmax-unnormed-fp16',
    summary: 'fp16 softmax, first half: maximum, exponential, sum: the baseline',
    parameters: softmaxParameters,
    load: async () => (await import('./softermax/index.ts')).softmaxUnnormed,
  },
  {
    name: 'softmax-normal-fp16',
    summary: 'fp16 softmax, second half: a division in every lane: the baseline',
    parameters: { ...softmaxParameters, division: 'divide, or reciprocal and product' },
    load: async () => (await import('./softermax/index.ts')).softmaxNormal,
  },
];

/** Generates a unit. @throws UsageError for an unknown name or a parameter the generator refuses */
export async function makeUnit(name: string, parameters: UnitParameters): Promise<Unit> {
  const entry = units.find(unit => unit.name === name);
  if (entry === undefined)
    throw unknownWord(
      'unit',
      name,
      units.map(unit => unit.name),
    );
  const names = Object.keys(entry.parameters);
  const other = Object.keys(parameters).find(key => !names.includes(key));
  if (other !== undefined) throw unknownWord(`parameter of ${name}`, other, names);
  return (await entry.load())(parameters);
}
