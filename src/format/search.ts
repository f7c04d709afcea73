// Better-than-max scales: for each group the neighbouring scales are tried and the least squared error kept.
// Refuses to change a given coarse scale. Deterministic: ties go to the larger scale.

import { codeValue, nearestCode } from './element.ts';
import { forEachGroup, type Geometry, vectorChannels } from './layout.ts';
import type { Element, Format, ScaleFormat } from './notation.ts';
import { powerScaleValue, scaleValue } from './scale-code.ts';
import type { ScaleSet } from './scales.ts';

/** Factors tried on an fp32 scale: 1 down to 1/2. */
const factors = Array.from({ length: 33 }, (_, k) => 1 - k / 64);

/** Improves the scales of `set` by trying others; group squared errors in float64, in element order. */
export function searchScales(
  data: Float32Array,
  g: Geometry,
  format: Format,
  set: ScaleSet,
  importance?: Float32Array | undefined,
): ScaleSet {
  const { element, scaling } = format;
  const scaleFormat: ScaleFormat = scaling.kind === 'vector' ? scaling.scale : { kind: 'fp32' };
  const effective = Float32Array.from(set.effective);
  const scaleCodes = set.scaleCodes?.slice();
  const channelOf = scaleCodes === undefined ? undefined : vectorChannels(g);
  forEachGroup(data, g, (values, group, channel) => {
    const weights = importance === undefined ? undefined : groupWeights(importance, g, group);
    let best = effective[group]!;
    let bestCode = scaleCodes?.[group] ?? 0;
    let bestError = groupError(values, element, best, weights);
    for (const [scale, code] of candidates(
      best,
      bestCode,
      scaleFormat,
      element,
      set.scales[channelOf?.[group] ?? channel] ?? 0,
    )) {
      const error = groupError(values, element, scale, weights);
      if (error < bestError) {
        bestError = error;
        best = scale;
        bestCode = code;
      }
    }
    effective[group] = best;
    if (scaleCodes !== undefined) scaleCodes[group] = bestCode;
  });
  const scales = scaleCodes === undefined ? effective : set.scales;
  return { scales, scaleCodes, effective, divisor: effective };
}

/** Scales to try, from large to small. */
function candidates(
  base: number,
  code: number,
  scaleFormat: ScaleFormat,
  element: Element,
  coarse: number,
): [number, number][] {
  if (scaleFormat.kind === 'fp32') return factors.map(f => [Math.fround(base * f), 0]);
  const list: [number, number][] = [];
  if (scaleFormat.kind === 'e8m0') {
    for (let c = Math.min(code + 1, 254); c >= Math.max(code - 1, 0); c--)
      list.push([powerScaleValue(c, element), c]);
    return list;
  }
  const top = scaleFormat.kind === 'uint' ? 2 ** scaleFormat.bits - 1 : 126;
  const high = Math.min(top, code + 1 + (scaleFormat.kind === 'uint' ? code >> 4 : 0));
  const low = scaleFormat.kind === 'uint' ? Math.floor(code * 0.55) : Math.max(0, code - 7);
  const step = scaleFormat.kind === 'uint' ? Math.max(1, Math.floor((high - low) / 48)) : 1;
  for (let c = high; c >= low; c -= step) list.push([scaleValue(c, coarse, scaleFormat), c]);
  return list;
}

function groupWeights(importance: Float32Array, g: Geometry, group: number): Float32Array {
  if (g.kind !== 'vector') return importance;
  const block = Math.floor(group / g.inner) % g.blocks;
  return importance.subarray(block * g.width, Math.min(g.reduction, (block + 1) * g.width));
}

function groupError(values: Float32Array, element: Element, scale: number, weights?: Float32Array): number {
  let sum = 0;
  for (let j = 0; j < values.length; j++) {
    const x = values[j]!;
    const y =
      scale > 0 ? Math.fround(codeValue(element, nearestCode(element, Math.fround(x / scale))) * scale) : 0;
    const d = x - y;
    sum += weights === undefined ? d * d : d * d * weights[j]!;
  }
  return sum;
}
