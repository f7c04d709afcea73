// Operand streams for MAC units from a real layer of the demo recogniser: its weights and the activation patches it sees
// on calibration lines, encoded in the unit's own format. Refuses evaluation lines, and units that are no MAC.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../core/errors.ts';
import { writeFileAtomic } from '../../core/files.ts';
import { Random } from '../../core/random.ts';
import { createTask } from '../../demo/index.ts';
import {
  decode,
  encode,
  type Format,
  isShorthand,
  parseFormat,
  parseShorthand,
  sqnr,
} from '../../format/index.ts';
import { quantizable, readModelFile, Session } from '../../model/index.ts';
import { layerOf, readRow } from '../../quantize/layers.ts';
import { prepareGraph } from '../../quantize/prepare.ts';
import { type Batch, emptyBatch, type Unit } from '../unit.ts';

/** Weight rows and activation patches of one layer, features in (tap, channel) order. */
export interface LayerOperands {
  node: string;
  taps: number;
  channels: number;
  /** rows × (taps · channels) */
  weights: Float32Array;
  rows: number;
  /** patches × (taps · channels) */
  patches: Float32Array;
  patchCount: number;
}

const version = 2;
/** Rows and patches kept of a layer. */
const keep = 64;

/**
 * Operands of the demo's layers: the four convolutions and products with the most multiply-accumulates whose reduction
 * is at least 64 long, cached in `cache`.
 */
export async function demoLayers(cache: string, signal?: AbortSignal): Promise<LayerOperands[]> {
  const path = join(cache, `operands-${version}.bin`);
  if (existsSync(path)) {
    const read = unpack(readFileSync(path));
    if (read !== undefined) return read;
  }
  const task = createTask('recogniser');
  const { graph } = await prepareGraph(readModelFile(task.model), signal);
  const candidates = quantizable(graph)
    .nodes.filter(n => n.weight !== undefined && !n.depthwise && n.group === 1)
    .map(n => layerOf(graph, n))
    .filter(l => l.rows !== undefined && l.rows.features >= 64 && l.rows.rows >= 32);
  const size = (l: (typeof candidates)[number]): number => l.rows!.features * l.rows!.rows;
  // spread over the network: the largest layer of each quarter
  const quarter = Math.ceil(candidates.length / 4);
  const layers = [0, 1, 2, 3].flatMap(q =>
    candidates
      .slice(q * quarter, (q + 1) * quarter)
      .sort((a, b) => size(b) - size(a))
      .slice(0, 1),
  );
  const values = layers.map(l => l.found.activations[0]!.value);
  const inputs = new Set(values.filter(v => !graph.inputs.some(i => i.name === v)));
  const session = await Session.create(graph, { extraOutputs: [...inputs], signal });
  const found: LayerOperands[] = [];
  try {
    for await (const batch of task.calibration({ samples: 4, batch: 4 })) {
      const results = await session.run(batch.inputs, { fetches: [...inputs] });
      layers.forEach((layer, index) => {
        const form = layer.rows!;
        const tensor = results[values[index]!] ?? batch.inputs[values[index]!];
        if (tensor === undefined) return;
        const random = new Random(17 + index);
        const data = tensor.data as Float32Array;
        const dims = tensor.dims;
        const { channels, taps, features, window } = form;
        const patches = new Float32Array(keep * features);
        if (window === undefined) {
          const rows = data.length / features;
          for (let p = 0; p < keep; p++) {
            const row = random.below(rows);
            patches.set(data.subarray(row * features, (row + 1) * features), p * features);
          }
        } else {
          const [n, , h, w] = dims as [number, number, number, number];
          const [kh, kw] = window.kernel;
          const outH = outputSize(
            h,
            kh,
            window.strides[0],
            window.dilations[0],
            window.pads[0] + window.pads[2],
          );
          const outW = outputSize(
            w,
            kw,
            window.strides[1],
            window.dilations[1],
            window.pads[1] + window.pads[3],
          );
          for (let p = 0; p < keep; p++) {
            const b = random.below(n);
            const y = random.below(outH) * window.strides[0] - window.pads[0];
            const x = random.below(outW) * window.strides[1] - window.pads[1];
            for (let t = 0; t < taps; t++) {
              const yy = y + Math.floor(t / kw) * window.dilations[0];
              const xx = x + (t % kw) * window.dilations[1];
              if (yy < 0 || yy >= h || xx < 0 || xx >= w) continue;
              for (let c = 0; c < channels; c++)
                patches[p * features + t * channels + c] = data[((b * channels + c) * h + yy) * w + xx]!;
            }
          }
        }
        const weight = graph.constant(layer.weight)!.data as Float32Array;
        const rows = Math.min(keep, form.rows);
        const weights = new Float32Array(rows * features);
        const step = form.rows / rows;
        for (let r = 0; r < rows; r++) {
          readRow(form, weight, Math.floor(r * step), weights.subarray(r * features, (r + 1) * features));
        }
        found.push({ node: layer.found.node.name, taps, channels, weights, rows, patches, patchCount: keep });
      });
      break;
    }
  } finally {
    await session.close();
  }
  writeFileAtomic(path, pack(found));
  return found;
}

function outputSize(size: number, kernel: number, stride: number, dilation: number, pad: number): number {
  return Math.floor((size + pad - dilation * (kernel - 1) - 1) / stride) + 1;
}

/** JSON head, then the floats. */
function pack(layers: readonly LayerOperands[]): Uint8Array {
  const head = Buffer.from(
    JSON.stringify(layers.map(({ weights: _w, patches: _p, ...rest }) => rest)).padEnd(4096 - 4, ' '),
  );
  const size = Buffer.alloc(4);
  size.writeUInt32LE(head.length);
  const parts = layers
    .flatMap(l => [l.weights, l.patches])
    .map(f => Buffer.from(f.buffer, f.byteOffset, f.byteLength));
  return Buffer.concat([size, head, ...parts]);
}

function unpack(bytes: Buffer): LayerOperands[] | undefined {
  try {
    const length = bytes.readUInt32LE(0);
    const head = JSON.parse(bytes.subarray(4, 4 + length).toString()) as Omit<
      LayerOperands,
      'weights' | 'patches'
    >[];
    let at = 4 + length;
    const take = (count: number): Float32Array => {
      const slice = bytes.subarray(at, at + 4 * count);
      if (slice.length !== 4 * count) throw new Error('short');
      at += 4 * count;
      return new Float32Array(slice.buffer.slice(slice.byteOffset, slice.byteOffset + slice.length));
    };
    return head.map(l => ({
      ...l,
      weights: take(l.rows * l.taps * l.channels),
      patches: take(l.patchCount * l.taps * l.channels),
    }));
  } catch {
    return undefined;
  }
}

/** SHA-256 of the operands, for cache keys. */
export function operandsHash(layers: readonly LayerOperands[]): string {
  const hash = createHash('sha256');
  for (const l of layers) hash.update(l.weights).update(l.patches);
  return hash.digest('hex');
}

/** Rows padded with zeros so that every tap is a whole number of vectors. */
function padded(
  data: Float32Array,
  rows: number,
  taps: number,
  channels: number,
  vector: number,
): Float32Array {
  const wide = Math.ceil(channels / vector) * vector;
  if (wide === channels) return data;
  const out = new Float32Array(rows * taps * wide);
  for (let i = 0; i < rows * taps; i++) out.set(data.subarray(i * channels, (i + 1) * channels), i * wide);
  return out;
}

interface Encoded {
  codes: ArrayLike<number>;
  scaleCodes: ArrayLike<number> | undefined;
  /** Values back again. */
  values: Float32Array;
  exact: Float32Array;
  /** Elements of a row after padding. */
  features: number;
}

function encodeRows(
  data: Float32Array,
  rows: number,
  layer: LayerOperands,
  vector: number,
  format: Format,
  coarse: 'row' | 'tensor',
): Encoded {
  const exact = padded(data, rows, layer.taps, layer.channels, vector);
  const features = exact.length / rows;
  const layout =
    coarse === 'row'
      ? { shape: [rows, features], channelAxis: 0, reductionAxis: 1 }
      : { shape: [1, rows, features], channelAxis: 0, reductionAxis: 2 };
  const q = encode(exact, layout, format);
  return { codes: q.codes, scaleCodes: q.scaleCodes, values: decode(q), exact, features };
}

/** Whether a unit is fed weights and activations. */
export function takesOperands(unit: Unit): boolean {
  const names = unit.input.fields.map(f => f.name);
  return names.includes('w') && names.includes('a') && unit.format !== '';
}

/** Weight and activation formats of a MAC unit, from its parameters. */
export function macFormats(unit: Unit): { weight: Format; activation: Format; vector: number } {
  const vector = unit.input.fields.find(f => f.name === 'w')?.lanes;
  if (vector === undefined || !takesOperands(unit)) {
    throw new UsageError(`unit '${unit.kind}' takes no weights and activations`, {
      expected: '--operands random',
    });
  }
  if (isShorthand(unit.format)) return { ...parseShorthand(unit.format, { vector }), vector };
  const [w, a = w] = unit.format.split(',');
  const scaled = (text: string, scaling: string): Format => {
    const format = parseFormat(text);
    const { element } = format;
    // wide floats need no scale; narrower elements use their whole range
    if (element.kind === 'float' && !element.name.startsWith('fp8') && !/^fp[46]/.test(element.name))
      return format;
    return format.scaling.kind === 'none' && element.kind !== 'fixed'
      ? parseFormat(`${text}@${scaling}`)
      : format;
  };
  return { weight: scaled(w!, 'channel'), activation: scaled(a!, 'tensor'), vector };
}

export interface OperandStream {
  batch: Batch;
  /** First transaction of each trace, and the count at the end. */
  starts: Uint32Array;
  /** Signal to quantization noise of the dot products the unit computes, dB. */
  sqnr: number;
}

/**
 * Transactions of a MAC unit: each trace computes outputs one after another, an output being one weight row times one
 * patch, vector after vector, as an output-stationary array feeds it. The same outputs whatever the format.
 * @param outputs outputs a trace
 */
export function macOperands(
  unit: Unit,
  layers: readonly LayerOperands[],
  options: { traces?: number; vectors?: number } = {},
): OperandStream {
  const { traces = 256, vectors = 48 } = options;
  const { weight, activation, vector } = macFormats(unit);
  const random = new Random(5);
  const encoded = layers.map(layer => ({
    layer,
    w: encodeRows(layer.weights, layer.rows, layer, vector, weight, 'row'),
    a: encodeRows(layer.patches, layer.patchCount, layer, vector, activation, 'tensor'),
  }));
  const width = (name: string): number => unit.input.fields.find(f => f.name === name)?.lanes ?? 0;
  const batch = emptyBatch(unit.input, traces * vectors);
  const starts = Uint32Array.from({ length: traces + 1 }, (_, t) => t * vectors);
  const exact: number[] = [];
  const approximate: number[] = [];
  const bits = unit.input.fields.find(f => f.name === 'w')!;
  const aField = unit.input.fields.find(f => f.name === 'a')!;
  for (let t = 0, at = 0; t < traces; t++) {
    const { layer, w, a } = encoded[t % encoded.length]!;
    for (let done = 0; done < vectors; ) {
      const row = random.below(layer.rows);
      const patch = random.below(layer.patchCount);
      const blocks = w.features / vector;
      const count = Math.min(blocks, vectors - done);
      let sum = 0;
      let approximateSum = 0;
      for (let k = 0; k < blocks * vector; k++) {
        sum += w.exact[row * w.features + k]! * a.exact[patch * a.features + k]!;
        approximateSum += w.values[row * w.features + k]! * a.values[patch * a.features + k]!;
      }
      exact.push(sum);
      approximate.push(approximateSum);
      for (let v = 0; v < count; v++, at++) {
        for (let lane = 0; lane < vector; lane++) {
          batch.fields['w']![at * vector + lane] = field(
            w.codes[row * w.features + v * vector + lane]!,
            bits,
          );
          batch.fields['a']![at * vector + lane] = field(
            a.codes[patch * a.features + v * vector + lane]!,
            aField,
          );
        }
        if (width('ws') > 0) batch.fields['ws']![at] = w.scaleCodes![row * blocks + v]!;
        if (width('as') > 0) batch.fields['as']![at] = a.scaleCodes![patch * blocks + v]!;
        if (width('last') > 0) batch.fields['last']![at] = v === count - 1 ? 1 : 0;
      }
      done += count;
    }
  }
  return { batch, starts, sqnr: sqnr(exact, approximate) };
}

/** A code as a value of its field: bit patterns are made unsigned when the field is. */
function field(code: number, { bits, signed }: { bits: number; signed: boolean }): number {
  return !signed && code < 0 ? code + 2 ** bits : code;
}
