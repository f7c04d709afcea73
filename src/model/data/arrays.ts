// How array files are cut into batches: along the first axis where the model leaves it open, whole where it does not.
// Refuses arrays whose other axes, type or names are not the model's, naming the file and what was expected.

import { InputError } from '../../core/errors.ts';
import { nearestSpelling } from '../../core/spelling.ts';
import type { Dimension, GraphValue } from '../graph-types.ts';
import { checkFeed } from '../session.ts';
import {
  type DataType,
  makeTensor,
  requireFinite,
  reshaped,
  type Tensor,
  toFloat32,
  toNumbers,
} from '../tensor.ts';
import { type NpyFile, sliceTensor } from './npy.ts';
import { readNpz } from './npz.ts';

export interface ArrayHeader {
  readonly type: DataType;
  readonly dims: readonly number[];
}

/** Arrays by input name, read part by part. */
export interface ArraySource {
  headers: ReadonlyMap<string, ArrayHeader>;
  slice(name: string, start: number, count: number): Tensor;
  read(name: string): Tensor;
  close(): void;
}

export class NpySource implements ArraySource {
  readonly headers: ReadonlyMap<string, ArrayHeader>;
  private readonly array: NpyFile;

  constructor(array: NpyFile, name: string) {
    this.array = array;
    this.headers = new Map([[name, array.header]]);
  }

  slice(_name: string, start: number, count: number): Tensor {
    return this.array.slice(start, count);
  }

  read(): Tensor {
    return this.array.read();
  }

  close(): void {
    this.array.close();
  }
}

export class NpzSource implements ArraySource {
  readonly headers: ReadonlyMap<string, Tensor>;

  constructor(bytes: Uint8Array, file: string, maxBytes: number) {
    this.headers = readNpz(bytes, file, maxBytes);
  }

  slice(name: string, start: number, count: number): Tensor {
    return sliceTensor(this.headers.get(name)!, start, count);
  }

  read(name: string): Tensor {
    return this.headers.get(name)!;
  }

  close(): void {}
}

export interface Split {
  /** Samples in the file. */
  samples: number;
  /** Samples of a batch when the model fixes them; undefined when any number will do. */
  step: number | undefined;
  /** whole: the arrays are one batch; cut: the first axis counts samples; one: the first axis is left out. */
  how: 'whole' | 'cut' | 'one';
}

/**
 * How the arrays of one file are cut. All inputs are cut the same way; arrays whose first axes differ are one batch.
 * @throws InputError when an array is missing or does not fit its input
 */
export function splitOf(
  headers: ReadonlyMap<string, ArrayHeader>,
  inputs: readonly GraphValue[],
  file: string,
): Split {
  const found = inputs.map(input => {
    const header = headers.get(input.name);
    if (header !== undefined) return { input, dims: header.dims, shape: input.type?.shape };
    throw new InputError(`holds no array '${input.name}'`, {
      file,
      expected: inputs.map(x => x.name).join(', '),
      nearest: nearestSpelling(input.name, [...headers.keys()]),
    });
  });
  const agrees = (dims: readonly number[], shape: readonly Dimension[]): boolean =>
    dims.length === shape.length && shape.every((d, i) => typeof d !== 'number' || d === dims[i]);
  if (found.every(({ shape }) => shape !== undefined && shape.length > 0)) {
    const open = found.map(({ shape, ...x }) => ({ ...x, first: shape![0]!, rest: shape!.slice(1) }));
    const steps = new Set(open.flatMap(x => (typeof x.first === 'number' ? [x.first] : [])));
    const [step] = steps;
    const counts = new Set(open.map(x => x.dims[0] ?? 0));
    const [samples = 0] = counts;
    const cut = open.every(x => agrees(x.dims.slice(1), x.rest) && x.dims.length === x.rest.length + 1);
    const even = step === undefined || (step > 0 && samples % step === 0);
    if (cut && counts.size === 1 && steps.size <= 1 && samples > 0 && even)
      return { samples, step, how: 'cut' };
    if (open.every(x => agrees(x.dims, x.rest)) && (step === undefined || step === 1) && steps.size <= 1) {
      return { samples: 1, step, how: 'one' };
    }
  }
  for (const { input, dims } of found) {
    const type = input.type?.type ?? 'float32';
    checkFeed(input.name, { type, dims, data: new Float32Array() }, type, input.type?.shape, file);
    if (dims.includes(0)) throw new InputError(`array '${input.name}' is empty`, { file });
  }
  return { samples: 1, step: 1, how: 'whole' };
}

/** Feeds for `count` samples from `start`. @throws InputError when a type cannot become the model's */
export function checkArrays(
  source: ArraySource,
  inputs: readonly GraphValue[],
  split: Split,
  start: number,
  count: number,
  file: string,
): Record<string, Tensor> {
  const out: Record<string, Tensor> = {};
  for (const { name, type } of inputs) {
    let tensor = split.how === 'cut' ? source.slice(name, start, count) : source.read(name);
    if (split.how === 'one') tensor = reshaped(tensor, [1, ...tensor.dims]);
    const wanted = type?.type ?? tensor.type;
    const fed = converted(tensor, wanted, name, file);
    checkFeed(name, fed, wanted, type?.shape, file);
    const perSample = fed.data.length / Math.max(1, fed.dims[0] ?? 1);
    const sampleOf = (element: number): string => `in sample ${start + Math.floor(element / perSample)}`;
    requireFinite(`array '${name}'`, fed.data, file, sampleOf);
    out[name] = fed;
  }
  return out;
}

const integers = new Set(['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'bool']);

/** Widens floats and integers to float32 or float64, and integers to int32 or int64; other changes are left to the check. */
function converted(tensor: Tensor, wanted: DataType, name: string, file: string): Tensor {
  const { type, dims } = tensor;
  if (type === wanted) return tensor;
  if (wanted === 'float32') return makeTensor('float32', dims, toFloat32(tensor));
  if (wanted === 'float64') return makeTensor('float64', dims, Float64Array.from(toNumbers(tensor)));
  if ((wanted !== 'int32' && wanted !== 'int64') || !integers.has(type)) return tensor;
  const values = Array.from(tensor.data as ArrayLike<number | bigint>, BigInt);
  const bits = wanted === 'int32' ? 32 : 64;
  const bad = values.findIndex(v => BigInt.asIntN(bits, v) !== v);
  if (bad >= 0) {
    throw new InputError(`input '${name}' has ${values[bad]} at element ${bad}`, {
      file,
      expected: `values of ${wanted}`,
    });
  }
  const data = wanted === 'int32' ? Int32Array.from(values, Number) : BigInt64Array.from(values);
  return makeTensor(wanted, dims, data);
}
