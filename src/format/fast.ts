// The entry functions. Integer elements up to 8 bits go through the SIMD kernels, other elements and the scale search
// through the TypeScript reference; the results are the same to the bit. Refuses NaN and infinity like the reference.

import { fastGroupClips } from './clip-kernel.ts';
import {
  decodeReference,
  effectiveScales,
  encodeReference,
  type Quantized,
  requireQuantized,
} from './codec.ts';
import { type CodeArray, codeArray, codeRange, elementMax } from './element.ts';
import { formatKernel, magnitudeMask, nonFiniteBits } from './kernel.ts';
import { type Geometry, geometry, type TensorLayout } from './layout.ts';
import { type Format, type FormatLike, formatOf, type IntElement } from './notation.ts';
import { chunkElements, chunksOf, type Plan, planOf, rowsPerChannel } from './plan.ts';
import { scaleTop } from './scale-code.ts';
import {
  checkCount,
  checkData,
  checkEncodeOptions,
  chooseScales,
  type EncodeOptions,
  type ScaleSet,
  scalesOfClips,
} from './scales.ts';

/**
 * Encodes a tensor.
 * @param data row-major float32 values; as many as the layout's shape holds
 * @param notation a parsed format, or its notation
 * @throws InputError on NaN, infinity or a wrong element count; UsageError on a layout the format cannot use
 */
export function encode(
  data: Float32Array,
  layout: TensorLayout,
  notation: FormatLike,
  options: EncodeOptions = {},
): Quantized {
  const format = formatOf(notation);
  const { element } = format;
  if (element.kind !== 'int' || element.bits > 8) return encodeReference(data, layout, format, options);
  checkEncodeOptions(options);
  const g = geometry(layout, format);
  checkCount(data, layout, g);
  const method = options.clipping?.method ?? 'max';
  const searched = options.scaleChoice === 'search';
  const simple = method === 'max' && !searched;
  const rows = rowsPerChannel(g);
  if (simple && rows !== undefined && g.channelStride <= 16 * chunkElements) {
    const quantized = encodeChannels(data, g, rows, layout, format, element, options);
    if (quantized !== undefined) return quantized;
  }
  const plan = planOf(g);
  let set: ScaleSet;
  let checked = true;
  if (searched) set = chooseScales(data, layout, format, options);
  else if (simple) {
    let clipped = false;
    const clips = (): Float32Array => {
      clipped = true;
      return groupMaxima(data, g, plan, layout, element);
    };
    set = scalesOfClips(clips, g, layout, format, options);
    checked = clipped;
  } else {
    checkData(data, layout, g);
    const clips = (): Float32Array => fastGroupClips(data, g, element, options.clipping!);
    set = scalesOfClips(clips, g, layout, format, options);
  }
  const codes = quantizePlan(data, g, plan, layout, element, set.divisor, !checked);
  return { format, layout, codes, scales: set.scales, scaleCodes: set.scaleCodes };
}

/** Decodes to float32: fl(code value * scale), the scale fl(scaleCode * coarse). */
export function decode(q: Quantized): Float32Array {
  requireQuantized(q);
  const { element } = q.format;
  if (element.kind !== 'int' || element.bits > 8) return decodeReference(q);
  const g = geometry(q.layout, q.format);
  const rows = rowsPerChannel(g);
  if (rows !== undefined && g.channelStride <= 16 * chunkElements) {
    const decoded = decodeChannels(q, g, rows, element);
    if (decoded !== undefined) return decoded;
  }
  const plan = planOf(g);
  const scales = runScales(effectiveScales(q), plan);
  const out = new Float32Array(g.count);
  const kernel = formatKernel();
  const bytes = new Uint8Array(q.codes.buffer, q.codes.byteOffset, q.codes.length);
  for (const c of chunksOf(plan)) {
    const [src, dst, s] = kernel.layOut(c.count, 4 * c.count, 4 * c.runs) as [number, number, number];
    kernel.bytes(src, c.count).set(bytes.subarray(c.start, c.start + c.count));
    kernel.floats(s, c.runs).set(scales.subarray(c.firstRun, c.firstRun + c.runs));
    kernel.run.dequantize(src, c.rows, c.reduction, plan.inner, plan.width, s, element.signed ? 1 : 0, dst);
    out.set(kernel.floats(dst, c.count), c.start);
  }
  return out;
}

/** decode(encode(data)): what a tensor becomes in a format. Activations: pass the static `coarse` scale, if any. */
export function quantizeDequantize(
  data: Float32Array,
  layout: TensorLayout,
  format: FormatLike,
  options: EncodeOptions = {},
): Float32Array {
  return decode(encode(data, layout, format, options));
}

/** Codes of all elements under given divisors (see quantizeElements), by the kernel. Elements: integers to 8 bits. */
function quantizePlan(
  data: Float32Array,
  g: Geometry,
  plan: Plan,
  layout: TensorLayout,
  element: IntElement,
  divisor: Float32Array,
  check: boolean,
): CodeArray {
  const kernel = formatKernel();
  const codes = codeArray(element, g.count);
  const out = new Uint8Array(codes.buffer);
  const divisors = runScales(divisor, plan);
  const { low, high } = codeRange(element);
  for (const c of chunksOf(plan)) {
    const [src, dst, s] = kernel.layOut(4 * c.count, c.count, 4 * c.runs) as [number, number, number];
    kernel.floats(src, c.count).set(data.subarray(c.start, c.start + c.count));
    const { inner, width } = plan;
    if (check && kernel.run.maxima(src, c.rows, c.reduction, inner, width, -1, s) >= nonFiniteBits) {
      checkData(data, layout, g);
    }
    kernel.floats(s, c.runs).set(divisors.subarray(c.firstRun, c.firstRun + c.runs));
    kernel.run.quantize(src, c.rows, c.reduction, inner, width, s, low, high, dst);
    out.set(kernel.bytes(dst, c.count), c.start);
  }
  return codes;
}

/** Largest magnitude of each group, as groupClips gives it for the method 'max'. @throws InputError on NaN, infinity */
function groupMaxima(
  data: Float32Array,
  g: Geometry,
  plan: Plan,
  layout: TensorLayout,
  element: IntElement,
): Float32Array {
  const kernel = formatKernel();
  const mask = magnitudeMask(element.signed);
  const maxima = new Float32Array(plan.runs);
  for (const c of chunksOf(plan)) {
    const [src, out] = kernel.layOut(4 * c.count, 4 * c.runs) as [number, number];
    kernel.floats(src, c.count).set(data.subarray(c.start, c.start + c.count));
    const all = kernel.run.maxima(src, c.rows, c.reduction, plan.inner, plan.width, mask, out);
    if (all >= nonFiniteBits) checkData(data, layout, g);
    maxima.set(kernel.floats(out, c.runs), c.firstRun);
  }
  const { groupOfRun } = plan;
  if (groupOfRun === undefined) return maxima;
  const clips = new Float32Array(g.groups);
  for (let r = 0; r < maxima.length; r++) {
    const group = groupOfRun[r]!;
    if (maxima[r]! > clips[group]!) clips[group] = maxima[r]!;
  }
  return clips;
}

function runScales(scales: Float32Array, plan: Plan): Float32Array {
  const { groupOfRun } = plan;
  return groupOfRun === undefined ? scales : Float32Array.from(groupOfRun, group => scales[group]!);
}

/** Max scaling with unsigned integer scale codes, channel after channel; undefined when the format is another one. */
function encodeChannels(
  data: Float32Array,
  g: Geometry,
  rows: number,
  layout: TensorLayout,
  format: Format,
  element: IntElement,
  options: EncodeOptions,
): Quantized | undefined {
  const { scaling } = format;
  if (scaling.kind !== 'vector' || scaling.scale.kind !== 'uint' || options.coarse !== undefined)
    return undefined;
  const kernel = formatKernel();
  const wide = scaling.scale.bits > 8;
  const scaleCodes = wide ? new Uint16Array(g.groups) : new Uint8Array(g.groups);
  const scaleBytes = new Uint8Array(scaleCodes.buffer);
  const codes = codeArray(element, g.count);
  const codeBytes = new Uint8Array(codes.buffer);
  const coarse = new Float32Array(g.channels);
  const perChannel = rows * g.blocks * g.inner;
  const codeSize = wide ? 2 : 1;
  const step = Math.max(1, Math.floor(chunkElements / g.channelStride));
  for (let c = 0; c < g.channels; c += step) {
    const n = Math.min(step, g.channels - c);
    const count = n * g.channelStride;
    const start = c * g.channelStride;
    const groupBytes = n * perChannel * codeSize;
    const [src, dst, scale, gamma, clips, effective, divisors] = kernel.layOut(
      4 * count,
      count,
      groupBytes,
      4 * n,
      4 * perChannel,
      4 * perChannel,
      4 * perChannel,
    ) as [number, number, number, number, number, number, number];
    kernel.floats(src, count).set(data.subarray(start, start + count));
    const all = kernel.run.encodeTwoLevel(
      src,
      n,
      rows,
      g.reduction,
      g.inner,
      g.width,
      magnitudeMask(element.signed),
      codeRange(element).low,
      elementMax(element),
      scaleTop(scaling.scale),
      0,
      options.order === 'paper' ? 1 : 0,
      wide ? 1 : 0,
      gamma,
      scale,
      dst,
      clips,
      effective,
      divisors,
    );
    if (all >= nonFiniteBits) checkData(data, layout, g);
    codeBytes.set(kernel.bytes(dst, count), start);
    scaleBytes.set(kernel.bytes(scale, groupBytes), c * perChannel * codeSize);
    coarse.set(kernel.floats(gamma, n), c);
  }
  return { format, layout, codes, scales: coarse, scaleCodes };
}

/** Decodes unsigned integer scale codes over a coarse scale, channel after channel; undefined when the format is another one. */
function decodeChannels(
  q: Quantized,
  g: Geometry,
  rows: number,
  element: IntElement,
): Float32Array | undefined {
  const { scaling } = q.format;
  if (scaling.kind !== 'vector' || scaling.scale.kind !== 'uint') return undefined;
  const kernel = formatKernel();
  const scaleCodes = q.scaleCodes!;
  const size = scaleCodes.BYTES_PER_ELEMENT;
  const scaleBytes = new Uint8Array(scaleCodes.buffer, scaleCodes.byteOffset, scaleCodes.byteLength);
  const codes = new Uint8Array(q.codes.buffer, q.codes.byteOffset, q.codes.length);
  const out = new Float32Array(g.count);
  const perChannel = rows * g.blocks * g.inner;
  const step = Math.max(1, Math.floor(chunkElements / g.channelStride));
  for (let c = 0; c < g.channels; c += step) {
    const n = Math.min(step, g.channels - c);
    const count = n * g.channelStride;
    const start = c * g.channelStride;
    const bytes = n * perChannel * size;
    const [src, scale, gamma, dst, scratch] = kernel.layOut(
      count,
      bytes + 8,
      4 * n,
      4 * count,
      4 * perChannel + 16,
    ) as [number, number, number, number, number];
    kernel.bytes(src, count).set(codes.subarray(start, start + count));
    const from = c * perChannel * size;
    kernel.bytes(scale, bytes).set(scaleBytes.subarray(from, from + bytes));
    kernel.floats(gamma, n).set(q.scales.subarray(c, c + n));
    kernel.run.decodeTwoLevel(
      ...([src, n, rows, g.reduction, g.inner, g.width] as const),
      ...([element.signed ? 1 : 0, size === 2 ? 1 : 0, gamma, scale, dst, scratch] as const),
    );
    out.set(kernel.floats(dst, count), start);
  }
  return out;
}
