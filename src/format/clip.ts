// Clipping: the largest magnitude one set of values keeps, by max, percentile, entropy, mse sweep or OCTAV.
// Refuses an unknown method and an empty percentile. Works on plain values; histogram.ts does it for streams.

import { requireObject, requireText } from '../core/arguments.ts';
import { UsageError, unknownWord } from '../core/errors.ts';
import { codeValue, elementMax, elementSigned, nearestCode } from './element.ts';
import { LaneSum } from './lanes.ts';
import { type Element, type ElementLike, elementOf } from './notation.ts';
import { magnitudesOf, octav, searchTolerance } from './octav.ts';
import { polishClip } from './polish.ts';
import { scanClip } from './scan.ts';

export type ClipMethod =
  | { method: 'max' }
  /** Magnitude below which `percent` of the values lie (nearest rank). */
  | { method: 'percentile'; percent: number }
  /** Threshold of least Kullback-Leibler divergence between the magnitudes and their quantized form. */
  | { method: 'entropy'; bins?: number | undefined }
  /** Best of k/points of the maximum, k = 1..points, by the true squared error. */
  | { method: 'mse'; points?: number | undefined }
  /** OCTAV's recursion, then the search of scan.ts, or where that cannot resolve the error the one of polish.ts. */
  | {
      method: 'octav';
      updates?: number | undefined;
      constant?: 'paper' | 'grid' | undefined;
      /** Default true. false: the recursion alone, which trusts its noise model. */
      polish?: boolean | undefined;
      /** Where scan.ts does not apply, sets of at most this many values try the 100 points of the sweep; default 512. */
      sweepBelow?: number | undefined;
    };

/** Default of `sweepBelow`: below it the error is so ragged in the clip that the local search of polish.ts is not enough. */
export const defaultSweepBelow = 512;

export const clipNames = ['max', 'percentile', 'entropy', 'mse', 'octav'] as const;

/**
 * Parses `max`, `percentile`, `percentile:99.99`, `99.99`, `entropy`, `mse`, `octav`.
 * @throws UsageError with the nearest spelling
 */
export function parseClip(text: string): ClipMethod {
  requireText('the clipping method', text, "text such as 'percentile:99.9'");
  const [word, argument, ...rest] = text.split(':');
  const percent = /^\d+(\.\d+)?$/.test(word!)
    ? word
    : word === 'percentile'
      ? (argument ?? '99.99')
      : undefined;
  if (percent !== undefined && rest.length === 0 && (word === 'percentile' || argument === undefined)) {
    const value = Number(percent);
    if (!(value > 0 && value <= 100)) {
      throw new UsageError(`percentile '${percent}'`, { expected: 'a percentage in (0, 100]' });
    }
    return { method: 'percentile', percent: value };
  }
  if (argument === undefined && (clipNames as readonly string[]).includes(word!)) {
    return { method: word as 'max' | 'entropy' | 'mse' | 'octav' };
  }
  throw unknownWord('clipping method', text, clipNames);
}

/** The spelling `parseClip` takes (options other than the percentage are not spelled). */
export function printClip(clip: ClipMethod): string {
  return clip.method === 'percentile' ? `percentile:${clip.percent}` : clip.method;
}

/**
 * The clipping magnitude of one set of values for elements of the given kind. Unsigned elements see max(x, 0).
 * @param notation an element, a format, or the notation of one
 * @param method as parsed, or as spelled
 * @returns a float32 of at least 0, which it is only when no value is representable but zero; at most max|x|, but that
 *   `octav` with `polish` may exceed it by a few percent where a wider grid fits the values better
 */
export function clipMagnitude(
  values: Float32Array,
  notation: ElementLike,
  method: ClipMethod | string,
): number {
  const element = elementOf(notation);
  const clip = typeof method === 'string' ? parseClip(method) : method;
  requireObject('the clipping method', clip, 'method', "what parseClip gives, or text such as 'mse'");
  const max = maxMagnitude(values, elementSigned(element));
  if (max === 0) return 0;
  switch (clip.method) {
    case 'max':
      return max;
    case 'percentile':
      return percentileMagnitude(values, element, clip.percent);
    case 'entropy':
      return entropyClip(values, element, clip.bins ?? 2048, max);
    case 'mse':
      return bestPoint(clip.points ?? 100, max, c => squaredError(values, element, scaleOfClip(c, element)));
    case 'octav': {
      if (element.kind !== 'int') {
        throw new UsageError('octav clips integer elements only', { nearest: 'mse' });
      }
      if (clip.polish === false) return octav(values, element, clip);
      const s = octav(values, element, { ...clip, tolerance: searchTolerance });
      if (s === 0) return 0;
      const near = scanClip(magnitudesOf(values, element.signed), element, s, max);
      if (near !== undefined) return near;
      const error = (c: number): number => squaredError(values, element, scaleOfClip(c, element));
      if (values.length > (clip.sweepBelow ?? defaultSweepBelow)) return polishClip(s, max, error);
      return bestPoint(100, max, error, s);
    }
  }
}

/** Largest |x| (signed) or largest x, at least 0. */
export function maxMagnitude(values: Float32Array, signed: boolean): number {
  let max = 0;
  for (const x of values) {
    const a = signed ? Math.abs(x) : x;
    if (a > max) max = a;
  }
  return max;
}

function percentileMagnitude(values: Float32Array, element: Element, percent: number): number {
  const signed = elementSigned(element);
  const magnitudes = values.map(x => (signed ? Math.abs(x) : Math.max(x, 0))).sort();
  const rank = Math.min(
    magnitudes.length,
    Math.max(1, Math.ceil((percent * magnitudes.length) / 100 - 1e-9)),
  );
  const value = magnitudes[rank - 1]!;
  // a percentile that lands on zero would erase the set
  return value > 0 ? value : magnitudes[magnitudes.length - 1]!;
}

/** Squared error of quantizing `values` with one scale: float32 terms, summed in the order of lanes.ts. */
export function squaredError(values: Float32Array, element: Element, scale: number): number {
  const sum = new LaneSum();
  for (const x of values) {
    const y =
      scale > 0 ? Math.fround(codeValue(element, nearestCode(element, Math.fround(x / scale))) * scale) : 0;
    const d = Math.fround(x - y);
    sum.add(Math.fround(d * d));
  }
  return sum.sum();
}

/** The scale that puts the clipping magnitude on the element's largest value. */
export function scaleOfClip(clip: number, element: Element): number {
  return Math.fround(clip / elementMax(element));
}

/** Best of k/points of the maximum, k = 1..points, and of `start` if given; the first of equals wins. */
export function bestPoint(
  points: number,
  max: number,
  error: (clip: number) => number,
  start?: number | undefined,
): number {
  let best = start ?? max;
  let least = start === undefined ? Number.POSITIVE_INFINITY : error(start);
  for (let k = 1; k <= points; k++) {
    const candidate = Math.fround((k / points) * max);
    const e = error(candidate);
    if (e < least) {
      least = e;
      best = candidate;
    }
  }
  return best;
}

/** KL-divergence calibration over a histogram of the non-zero magnitudes (zero is representable under every clip). */
function entropyClip(values: Float32Array, element: Element, bins: number, max: number): number {
  const signed = elementSigned(element);
  const counts = new Float64Array(bins);
  for (const x of values) {
    const a = signed ? Math.abs(x) : Math.max(x, 0);
    if (a > 0) counts[Math.min(bins - 1, Math.floor((a / max) * bins))]!++;
  }
  return entropyThreshold(counts, max, element);
}

/**
 * Threshold of least KL divergence: for every cut i >= levels, the first i bins with the tail added to the last,
 * against the same bins merged to the element's positive levels and spread back over the non-empty ones.
 */
export function entropyThreshold(counts: Float64Array, max: number, element: Element): number {
  const levels = Math.max(2, element.kind === 'int' ? elementMax(element) + 1 : 128);
  const bins = counts.length;
  let total = 0;
  for (const c of counts) total += c;
  if (bins <= levels || total === 0) return max;
  let best = bins;
  let bestDivergence = Number.POSITIVE_INFINITY;
  let inside = 0;
  for (let i = 0; i < levels - 1; i++) inside += counts[i]!;
  for (let i = levels; i <= bins; i++) {
    inside += counts[i - 1]!;
    const divergence = cutDivergence(counts, i, total - inside, levels, total);
    if (divergence < bestDivergence) {
      bestDivergence = divergence;
      best = i;
    }
  }
  return Math.fround((best / bins) * max);
}

function cutDivergence(
  counts: Float64Array,
  cut: number,
  tail: number,
  levels: number,
  total: number,
): number {
  let divergence = 0;
  for (let level = 0; level < levels; level++) {
    const from = Math.floor((level * cut) / levels);
    const to = Math.floor(((level + 1) * cut) / levels);
    let mass = 0;
    let occupied = 0;
    for (let i = from; i < to; i++) {
      mass += counts[i]!;
      const p = counts[i]! + (i === cut - 1 ? tail : 0);
      if (p > 0) occupied++;
    }
    if (occupied === 0) continue;
    const q = Math.max(mass / occupied, 1e-12) / Math.max(total - tail, 1e-12);
    for (let i = from; i < to; i++) {
      const p = (counts[i]! + (i === cut - 1 ? tail : 0)) / total;
      if (p > 0) divergence += p * Math.log(p / q);
    }
  }
  return divergence;
}
