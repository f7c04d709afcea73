// A folder of samples as a stream of batches that fit a model's inputs: .npy and .npz arrays, or PNG and JPEG pictures with
// a declared preprocessing. Files come in the order of their names, one batch is held at a time.
// Refuses folders that mix both kinds, and any sample that does not fit, naming file and expected shape.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../core/errors.ts';
import type { Graph } from '../graph.ts';
import type { GraphValue } from '../graph-types.ts';
import { checkFeed, type Feeds } from '../session.ts';
import { float32Tensor, type Tensor } from '../tensor.ts';
import { type ArraySource, checkArrays, NpySource, NpzSource, splitOf } from './arrays.ts';
import { readImage } from './image.ts';
import { type Label, type Labels, labelFiles, readLabels } from './labels.ts';
import { NpyFile } from './npy.ts';
import { type Preprocessing, preprocess, readPreprocessing, sampleDims } from './preprocess.ts';

export interface DataOptions {
  /** Samples of one batch, at most; a model whose first dimension is fixed gets that many. Default 8. */
  batch?: number | undefined;
  /** Most samples read. */
  samples?: number | undefined;
  /** Most bytes of one array or unpacked archive; default 1 GiB. */
  maxBytes?: number | undefined;
  /** Declaration of the preprocessing of pictures; default the folder's preprocess.yaml, .yml or .json. */
  preprocessing?: string | Preprocessing | undefined;
}

export interface DataBatch {
  inputs: Feeds;
  /** One a sample; undefined when the folder has no labels. */
  labels: readonly Label[] | undefined;
  /** Where each sample came from: a file name, with [index] when the file holds several. */
  names: readonly string[];
  /** Number of the first sample in the order of the folder. */
  first: number;
}

export interface DataSource {
  folder: string;
  kind: 'arrays' | 'images';
  files: number;
  /** Samples in all, or undefined where that takes unpacking every archive. */
  samples: number | undefined;
  labelled: boolean;
  /** The same batches in the same order every time. @throws InputError on the first sample that does not fit */
  batches(): AsyncGenerator<DataBatch, void, undefined>;
}

const declarations = ['preprocess.yaml', 'preprocess.yml', 'preprocess.json'];

/**
 * Opens a folder for a model. Headers of .npy arrays are checked here, other files when they are read.
 * @throws InputError naming folder or file, and the shape that was expected
 */
export function openData(folder: string, graph: Graph, options: DataOptions = {}): DataSource {
  let names: string[];
  try {
    names = readdirSync(folder).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  } catch (error) {
    throw new InputError(`cannot read folder (${(error as NodeJS.ErrnoException).code ?? 'error'})`, {
      file: folder,
    });
  }
  const ofKind = (pattern: RegExp): string[] =>
    names.filter(n => pattern.test(n) && !(labelFiles as readonly string[]).includes(n));
  const arrays = ofKind(/\.np[yz]$/i);
  const images = ofKind(/\.(png|jpe?g)$/i);
  if (arrays.length === 0 && images.length === 0) {
    throw new InputError('holds no data', { file: folder, expected: '.npy, .npz, .png or .jpg files' });
  }
  if (arrays.length > 0 && images.length > 0) {
    throw new InputError(`holds both arrays and pictures ('${arrays[0]}', '${images[0]}')`, { file: folder });
  }
  const labels = readLabels(folder);
  const inputs = graph.inputs.filter(x => graph.constant(x.name) === undefined);
  const settings: Settings = { folder, inputs, options, labels };
  return arrays.length > 0 ? arrayData(arrays, settings) : imageData(images, settings);
}

interface Settings {
  folder: string;
  inputs: readonly GraphValue[];
  options: DataOptions;
  labels: Labels | undefined;
}

function arrayData(files: readonly string[], settings: Settings): DataSource {
  const { folder, inputs, options, labels } = settings;
  const maxBytes = options.maxBytes ?? 2 ** 30;
  const limit = options.samples ?? Number.POSITIVE_INFINITY;
  let samples: number | undefined = 0;
  for (const name of files) {
    const path = join(folder, name);
    if (/\.npz$/i.test(name)) {
      samples = undefined;
      continue;
    }
    const array = new NpyFile(path, maxBytes);
    array.close();
    const split = splitOf(new Map([[onlyInput(inputs, path).name, array.header]]), inputs, path);
    if (samples !== undefined) samples += split.samples;
  }
  if (labels?.byFile !== undefined && samples !== files.length) {
    throw new InputError('labels files, but files hold several samples', {
      file: labels.file,
      expected: 'labels.npy or labels.txt, one a sample',
    });
  }
  checkCount(labels, samples);
  const open = (path: string): ArraySource => {
    if (!/\.npz$/i.test(path)) {
      return new NpySource(new NpyFile(path, maxBytes), onlyInput(inputs, path).name);
    }
    const { size } = statSync(path);
    if (size > maxBytes) {
      throw new InputError(`has ${size} bytes`, { file: path, expected: `at most ${maxBytes}` });
    }
    return new NpzSource(readFileSync(path), path, maxBytes);
  };
  return {
    ...{ folder, kind: 'arrays', files: files.length, labelled: labels !== undefined },
    samples: samples === undefined ? undefined : Math.min(samples, limit),
    async *batches() {
      let done = 0;
      for (const name of files) {
        if (done >= limit) return;
        const path = join(folder, name);
        const source = open(path);
        try {
          const split = splitOf(source.headers, inputs, path);
          const step = split.step ?? options.batch ?? 8;
          for (let at = 0; at < split.samples && done < limit; at += step) {
            const left = Math.min(split.samples - at, split.step === undefined ? limit - done : step);
            const count = Math.min(step, left);
            const fed = checkArrays(source, inputs, split, at, count, path);
            const several = split.samples > 1;
            yield {
              inputs: fed,
              labels: labelsOf(labels, done, new Array<string>(count).fill(name)),
              names: Array.from({ length: count }, (_, i) => (several ? `${name}[${at + i}]` : name)),
              first: done,
            };
            done += count;
          }
        } finally {
          source.close();
        }
      }
      if (done < limit) checkCount(labels, done);
    },
  };
}

function onlyInput(inputs: readonly GraphValue[], file: string): GraphValue {
  if (inputs.length === 1) return inputs[0]!;
  throw new InputError(`a .npy array cannot feed ${inputs.length} inputs`, {
    file,
    expected: `an .npz archive with ${inputs.map(x => x.name).join(', ')}`,
  });
}

function imageData(files: readonly string[], settings: Settings): DataSource {
  const { folder, inputs, options, labels } = settings;
  const input = onlyImageInput(inputs, folder);
  const { how, declaredIn } = declared(folder, options.preprocessing);
  const dims = sampleDims(how);
  const shape = input.type?.shape;
  const fixed = typeof shape?.[0] === 'number' ? shape[0] : undefined;
  checkFeed(
    input.name,
    { type: 'float32', dims: [fixed ?? 1, ...dims], data: new Float32Array() },
    ...([input.type?.type, shape, declaredIn] as const),
  );
  const step = fixed ?? options.batch ?? 8;
  const limit = Math.min(files.length, options.samples ?? files.length);
  const used = Math.floor(limit / (fixed ?? 1)) * (fixed ?? 1);
  if (used === 0) {
    throw new InputError(`holds ${files.length} pictures`, { file: folder, expected: `at least ${fixed}` });
  }
  checkCount(labels, files.length);
  const inner = dims.reduce((a, b) => a * b, 1);
  return {
    ...{ folder, kind: 'images', files: files.length, samples: used, labelled: labels !== undefined },
    async *batches() {
      for (let first = 0; first < used; first += step) {
        const names = files.slice(first, Math.min(first + step, used));
        const data = new Float32Array(names.length * inner);
        for (const [i, name] of names.entries()) {
          const path = join(folder, name);
          preprocess(await readImage(path), how, data, i * inner, path);
        }
        const tensor: Tensor = float32Tensor([names.length, ...dims], data);
        yield { inputs: { [input.name]: tensor }, labels: labelsOf(labels, first, names), names, first };
      }
    },
  };
}

function onlyImageInput(inputs: readonly GraphValue[], folder: string): GraphValue {
  const [input] = inputs;
  if (input !== undefined && inputs.length === 1) return input;
  throw new InputError(`pictures cannot feed ${inputs.length} inputs`, {
    file: folder,
    expected: '.npz archives',
  });
}

function declared(
  folder: string,
  given: string | Preprocessing | undefined,
): { how: Preprocessing; declaredIn: string } {
  if (typeof given === 'object') return { how: given, declaredIn: folder };
  const found = given ?? declarations.map(name => join(folder, name)).find(path => existsSync(path));
  if (found === undefined) {
    throw new InputError('holds pictures without a declared preprocessing', {
      file: folder,
      expected: 'preprocess.yaml with size, layout, channels, mean, std, scale and resize',
    });
  }
  return { how: readPreprocessing(found), declaredIn: found };
}

function labelsOf(labels: Labels | undefined, first: number, files: readonly string[]): Label[] | undefined {
  if (labels === undefined) return undefined;
  const { list, byFile } = labels;
  return files.map((name, i) => {
    const label = list === undefined ? byFile!.get(name) : list[first + i];
    if (label === undefined) {
      throw new InputError(`has no label for ${list === undefined ? `'${name}'` : `sample ${first + i}`}`, {
        file: labels.file,
      });
    }
    return label;
  });
}

function checkCount(labels: Labels | undefined, samples: number | undefined): void {
  if (labels?.list === undefined || samples === undefined || labels.list.length === samples) return;
  throw new InputError(`has ${labels.list.length} labels`, {
    file: labels.file,
    expected: `${samples}, one a sample`,
  });
}
