// The units that can be generated, by name: one line each, loaded when asked for.
// Refuses unknown names with the nearest spelling.

import { unknownWord } from '../core/errors.ts';
import type { Unit, UnitParameters } from './unit.ts';

export interface UnitEntry {
  name: string;
  summary: string;
  /** Options the generator takes besides nothing: the command line turns --some-name into someName. */
  load(): Promise<(parameters: UnitParameters) => Unit>;
}

export const units: UnitEntry[] = [
  {
    name: 'vector-mac',
    summary: 'dot product with per-vector integer scales and an accumulation collector',
    load: async () => (await import('./vector-mac/index.ts')).vectorMac,
  },
  {
    name: 'ppu',
    summary: 'coarse scaling, vector maximum, dynamic per-vector quantization',
    load: async () => (await import('./ppu/index.ts')).ppu,
  },
  {
    name: 'lns-mac',
    summary: 'dot product of logarithmic numbers: exponent adders, remainder bins, integer accumulator',
    load: async () => (await import('./lns/index.ts')).lnsMac,
  },
  {
    name: 'lns-convert',
    summary: 'integer sum back to a logarithmic code: leading one and midpoints',
    load: async () => (await import('./lns/convert.ts')).lnsConvertUnit,
  },
  {
    name: 'fp-mac',
    summary: 'dot product of floating-point numbers, fused or by a tree of adders: the baseline',
    load: async () => (await import('./fp-mac/index.ts')).fpMac,
  },
  {
    name: 'sparsity-detector',
    summary: 'zeros of a channel counted and compared: dense or sparse',
    load: async () => (await import('./sparsity/detector.ts')).sparsityDetector,
  },
  {
    name: 'label-table',
    summary: 'labels of channels, double-buffered between network calls',
    load: async () => (await import('./sparsity/label-table.ts')).labelTable,
  },
  {
    name: 'channel-walk',
    summary: 'label words to the list of dense or sparse channels with their addresses',
    load: async () => (await import('./sparsity/channel-walk.ts')).channelWalk,
  },
  {
    name: 'softermax-unnormed',
    summary: 'Softermax, first half: integer maximum, power of two, running sum',
    load: async () => (await import('./softermax/index.ts')).softermaxUnnormed,
  },
  {
    name: 'softermax-normal',
    summary: 'Softermax, second half: reciprocal once, a shift and a product in every lane',
    load: async () => (await import('./softermax/index.ts')).softermaxNormal,
  },
  {
    name: 'softmax-unnormed-fp16',
    summary: 'fp16 softmax, first half: maximum, exponential, sum: the baseline',
    load: async () => (await import('./softermax/index.ts')).softmaxUnnormed,
  },
  {
    name: 'softmax-normal-fp16',
    summary: 'fp16 softmax, second half: a division in every lane: the baseline',
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
  return (await entry.load())(parameters);
}
