// Choosing the scales of a tensor under a format: one level, or two (a coded scale per vector times a coarse fp32).
// Refuses values that are not finite, naming tensor and index.

import { shown } from '../core/arguments.ts';
import { InputError, requireOptions, UsageError, unknownWord } from '../core/errors.ts';
import { type ClipMethod, clipMagnitude, clipNames } from './clip.ts';
import { elementMax, elementSigned, exponentOf } from './element.ts';
import {
  forEachGroup,
  forEachRun,
  type Geometry,
  geometry,
  label,
  type TensorLayout,
  vectorChannels,
} from './layout.ts';
import {
  type Element,
  type Format,
  type FormatLike,
  formatOf,
  printFormat,
  type ScaleFormat,
} from './notation.ts';
import { elementTopExponent, powerScaleValue, scaleCode, scaleTop, scaleValue } from './scale-code.ts';
import { searchScales } from './search.ts';

export interface EncodeOptions {
  /** How the largest kept magnitude of each scale group is chosen; default max. */
  clipping?: ClipMethod | undefined;
  /**
   * Two-level scales. 'requant' (default): elements are rounded with the rounded scale (code x coarse).
   * 'paper': elements are rounded with the exact vector scale first (VS-Quant eq 7a-7j).
   */
  order?: 'requant' | 'paper' | undefined;
  /** 'clip' (default): scales follow from the clipping magnitude. 'search': neighbouring scales are tried by squared error. */
  scaleChoice?: 'clip' | 'search' | undefined;
  /** Given coarse scales (static calibration): one, or one per channel; tensor and channel formats: the scales themselves. */
  coarse?: Float32Array | number | undefined;
  /** Weight of the squared error along the reduction axis (length shape[reductionAxis]); only 'search' uses it. */
  importance?: Float32Array | undefined;
}

const optionNames = ['clipping', 'order', 'scaleChoice', 'coarse', 'importance'];

/** @throws UsageError for an option or a value of one that does not exist */
export function checkEncodeOptions(options: EncodeOptions): void {
  requireOptions('encode', options, optionNames);
  const { clipping, order, scaleChoice } = options;
  if (clipping !== undefined) {
    const method = (clipping as { method?: string }).method;
    if (method === undefined)
      throw new UsageError(`clipping is ${JSON.stringify(clipping)}`, {
        expected: "an object such as { method: 'mse' }",
      });
    if (method !== 'percentile' && !(clipNames as readonly string[]).includes(method))
      throw unknownWord('clipping method', method, clipNames);
  }
  if (order !== undefined && order !== 'requant' && order !== 'paper')
    throw unknownWord('order', String(order), ['requant', 'paper']);
  if (scaleChoice !== undefined && scaleChoice !== 'clip' && scaleChoice !== 'search')
    throw unknownWord('scale choice', String(scaleChoice), ['clip', 'search']);
}

/** The scales of one tensor. */
export interface ScaleSet {
  /**
   * fp32 scales. tensor / channel / vector of fp32: the scale of each group. Two-level: the coarse scale of each
   * channel (one when the layout has no channel axis). none and e8m0: empty.
   */
  scales: Float32Array;
  /** Scale code of each vector (unsigned integer, fp8e4m3 bits or e8m0 bits); undefined when single-level. */
  scaleCodes: Uint8Array | Uint16Array | undefined;
  /** float32 multiplier of each group on decoding. Length: the number of groups; 1 for none. */
  effective: Float32Array;
  /** float32 divisor of each group on encoding; `effective` itself unless the order is 'paper'. */
  divisor: Float32Array;
}

/**
 * Chooses the scales of a tensor.
 * @throws InputError when the data does not fill the shape or holds NaN or infinity
 */
export function chooseScales(
  data: Float32Array,
  layout: TensorLayout,
  notation: FormatLike,
  options: EncodeOptions = {},
): ScaleSet {
  const format = formatOf(notation);
  checkEncodeOptions(options);
  const g = geometry(layout, format);
  checkData(data, layout, g);
  const clips = (): Float32Array =>
    groupClips(data, g, format.element, options.clipping ?? { method: 'max' });
  const set = scalesOfClips(clips, g, layout, format, options);
  if (options.scaleChoice !== 'search' || format.scaling.kind === 'none') return set;
  if (options.order === 'paper') throw new UsageError("scale search needs the order 'requant'");
  // given fp32 scales are not searched; neither is a given coarse scale, but the codes over it are
  if (set.scaleCodes === undefined && options.coarse !== undefined) return set;
  return searchScales(data, g, format, set, options.importance);
}

/** The scales that follow from the clipping magnitude of each group; `clips` is called unless the scales are given. */
export function scalesOfClips(
  clipsOf: () => Float32Array,
  g: Geometry,
  layout: TensorLayout,
  format: Format,
  options: EncodeOptions,
): ScaleSet {
  const { element, scaling } = format;
  if (scaling.kind === 'none') {
    const one = Float32Array.of(1);
    return { scales: new Float32Array(0), scaleCodes: undefined, effective: one, divisor: one };
  }
  const scaleFormat: ScaleFormat = scaling.kind === 'vector' ? scaling.scale : { kind: 'fp32' };
  const given = givenCoarse(options.coarse, g, scaleFormat, layout, format);
  if (scaleFormat.kind === 'fp32' && given !== undefined) {
    return { scales: given, scaleCodes: undefined, effective: given, divisor: given };
  }
  const clips = clipsOf();
  if (scaleFormat.kind === 'fp32') {
    const scales = clips.map(c => c / elementMax(element));
    return { scales, scaleCodes: undefined, effective: scales, divisor: scales };
  }
  if (scaleFormat.kind === 'e8m0') return powerScales(clips, element);
  return twoLevel(clips, g, element, scaleFormat, given, options.order ?? 'requant');
}

/** @throws InputError on a wrong element count, NaN or infinity */
export function checkData(data: Float32Array, layout: TensorLayout, g: Geometry): void {
  checkCount(data, layout, g);
  for (let i = 0; i < data.length; i++) {
    const x = data[i]!;
    if (x - x !== 0) refuseNonFinite(x, i, layout);
  }
}

/** @throws InputError on a wrong element count */
export function checkCount(data: Float32Array, layout: TensorLayout, g: Geometry): void {
  if (Object.prototype.toString.call(data) !== '[object Float32Array]')
    throw new UsageError(`the values of ${label(layout)} are ${shown(data)}`, { expected: 'a Float32Array' });
  if (data.length !== g.count) {
    throw new InputError(`${label(layout)} has ${data.length} values`, {
      expected: `${g.count} for its shape`,
    });
  }
}

/** @throws InputError naming the tensor, the index along each axis and the value */
function refuseNonFinite(x: number, index: number, layout: TensorLayout): never {
  const at: number[] = [];
  let rest = index;
  for (let k = layout.shape.length - 1; k >= 0; k--) {
    at.unshift(rest % layout.shape[k]!);
    rest = Math.floor(rest / layout.shape[k]!);
  }
  throw new InputError(`${label(layout)} holds ${x} at [${at.join(', ')}]`, { expected: 'finite values' });
}

function givenCoarse(
  coarse: Float32Array | number | undefined,
  g: Geometry,
  scaleFormat: ScaleFormat,
  layout: TensorLayout,
  format: Format,
): Float32Array | undefined {
  if (coarse === undefined) return undefined;
  const wanted = scaleFormat.kind === 'fp32' ? g.groups : scaleFormat.kind === 'e8m0' ? -1 : g.channels;
  if (wanted < 0) throw new UsageError(`${printFormat(format)} has no coarse scale to be given`);
  const list = typeof coarse === 'number' ? new Float32Array(wanted).fill(coarse) : coarse;
  if (list.length !== wanted) {
    throw new UsageError(`${label(layout)}: ${list.length} coarse scales given`, { expected: `${wanted}` });
  }
  for (const s of list) {
    if (!(s >= 0 && s < Number.POSITIVE_INFINITY)) {
      throw new UsageError(`${label(layout)}: coarse scale ${s}`, { expected: 'finite and not negative' });
    }
  }
  return list;
}

/** Clipping magnitude of each group. */
export function groupClips(
  data: Float32Array,
  g: Geometry,
  element: Element,
  clip: ClipMethod,
): Float32Array {
  const clips = new Float32Array(g.groups);
  if (clip.method === 'max') {
    const signed = elementSigned(element);
    forEachRun(g, (start, step, length, group) => {
      let max = clips[group]!;
      for (let j = 0, p = start; j < length; j++, p += step) {
        const a = signed ? Math.abs(data[p]!) : data[p]!;
        if (a > max) max = a;
      }
      clips[group] = max;
    });
    return clips;
  }
  forEachGroup(data, g, (values, group) => {
    clips[group] = clipMagnitude(values, element, clip);
  });
  return clips;
}

function twoLevel(
  clips: Float32Array,
  g: Geometry,
  element: Element,
  scaleFormat: ScaleFormat,
  given: Float32Array | undefined,
  order: 'requant' | 'paper',
): ScaleSet {
  const exact = clips.map(c => c / elementMax(element)); // 7b
  const channelOf = vectorChannels(g);
  let coarse = given;
  if (coarse === undefined) {
    coarse = new Float32Array(g.channels);
    for (let v = 0; v < g.groups; v++) {
      const c = channelOf[v]!;
      if (exact[v]! > coarse[c]!) coarse[c] = exact[v]!; // 7e
    }
    const top = scaleTop(scaleFormat);
    for (let c = 0; c < coarse.length; c++) coarse[c] = coarse[c]! / top; // 7f
  }
  const wide = scaleFormat.kind === 'uint' && scaleFormat.bits > 8;
  const scaleCodes = wide ? new Uint16Array(g.groups) : new Uint8Array(g.groups);
  const effective = new Float32Array(g.groups);
  for (let v = 0; v < g.groups; v++) {
    const gamma = coarse[channelOf[v]!]!;
    const code = scaleCode(exact[v]!, gamma, scaleFormat); // 7g
    scaleCodes[v] = code;
    effective[v] = scaleValue(code, gamma, scaleFormat);
  }
  return { scales: coarse, scaleCodes, effective, divisor: order === 'paper' ? exact : effective };
}

function powerScales(clips: Float32Array, element: Element): ScaleSet {
  const scaleCodes = new Uint8Array(clips.length);
  const effective = new Float32Array(clips.length);
  for (let v = 0; v < clips.length; v++) {
    const e = clips[v]! > 0 ? exponentOf(clips[v]!) - elementTopExponent(element) : -127;
    scaleCodes[v] = Math.min(Math.max(e, -127), 127) + 127;
    effective[v] = powerScaleValue(scaleCodes[v]!, element);
  }
  return { scales: new Float32Array(0), scaleCodes, effective, divisor: effective };
}
