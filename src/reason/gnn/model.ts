// A trained model and its file: a JSON header (architecture, how it was trained) and f32 parameters.
// Refuses files whose header does not describe exactly the bytes that follow.

import { readFileSync, statSync } from 'node:fs';
import { InputError } from '../../core/errors.ts';
import { writeFileAtomic } from '../../core/files.ts';
import { packageRoot } from '../../core/places.ts';
import { type Architecture, architecture, layout } from './architecture.ts';

export interface Model {
  architecture: Architecture;
  /** Flat parameters as `layout` says. */
  parameters: Float32Array;
  /** Running mean and variance of batch normalisation (2 × last width). */
  running: Float32Array;
  /** How it was trained: circuits, epochs, seed. */
  training: Record<string, unknown>;
}

const magic = 'bitwright-gnn 1';
const largest = 64 << 20;

/** The file's bytes: a line of magic, a line of JSON, then parameters and running statistics, little-endian f32. */
export function modelBytes(model: Model): Uint8Array {
  const header = { architecture: model.architecture, training: model.training };
  const text = Buffer.from(`${magic}\n${JSON.stringify(header)}\n`, 'utf8');
  const bytes = new Uint8Array(text.length + 4 * (model.parameters.length + model.running.length));
  bytes.set(text);
  const view = new DataView(bytes.buffer);
  let at = text.length;
  for (const array of [model.parameters, model.running]) {
    for (const x of array) {
      view.setFloat32(at, x, true);
      at += 4;
    }
  }
  return bytes;
}

export function saveModel(model: Model, path: string): void {
  writeFileAtomic(path, modelBytes(model));
}

/**
 * Reads a model file; without a path the committed default.
 * @throws InputError naming the file and what is wrong with it
 */
export function loadModel(path?: string | undefined): Model {
  const place = path ?? new URL('assets/gnn/default.model', packageRoot);
  const file = path ?? 'assets/gnn/default.model';
  let bytes: Buffer;
  try {
    if (statSync(place).size > largest) throw new InputError('not a model (too large)', { file });
    bytes = readFileSync(place);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`cannot read (${(error as NodeJS.ErrnoException).code ?? 'error'})`, { file });
  }
  return parseModel(bytes, file);
}

/** @throws InputError when the bytes are not a model */
export function parseModel(bytes: Uint8Array, file: string): Model {
  const first = bytes.indexOf(10);
  const second = bytes.indexOf(10, first + 1);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (first < 0 || second < 0 || text.toString('utf8', 0, first) !== magic) {
    throw new InputError('not a model', { file, byte: 0, expected: `'${magic}' on the first line` });
  }
  let header: { architecture: Architecture; training: Record<string, unknown> };
  try {
    header = JSON.parse(text.toString('utf8', first + 1, second));
  } catch {
    throw new InputError('the model header is not JSON', { file, line: 2 });
  }
  const a = checkArchitecture(header?.architecture, file);
  const size = layout(a).size;
  const width = a.widths.at(-1)!;
  const expected = 4 * (size + 2 * width);
  if (bytes.length - second - 1 !== expected) {
    throw new InputError(`${bytes.length - second - 1} bytes of parameters`, {
      file,
      expected: `${expected}`,
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + second + 1, expected);
  const numbers = new Float32Array(expected / 4);
  for (let i = 0; i < numbers.length; i++) {
    numbers[i] = view.getFloat32(4 * i, true);
    if (!Number.isFinite(numbers[i]))
      throw new InputError('a parameter is not a number', { file, byte: second + 1 + 4 * i });
  }
  return {
    architecture: a,
    parameters: numbers.slice(0, size),
    running: numbers.slice(size),
    training: header.training ?? {},
  };
}

/** Architecture fields may be chosen freely within these bounds. */
function checkArchitecture(a: Architecture | undefined, file: string): Architecture {
  const good = (w: unknown): boolean =>
    Number.isInteger(w) && (w as number) >= 4 && (w as number) <= 128 && (w as number) % 4 === 0;
  const ok =
    a !== undefined &&
    a !== null &&
    (a.name === 'default' || a.name === 'gamora') &&
    a.input === architecture(a.name).input &&
    a.normalised === architecture(a.name).normalised &&
    typeof a.simulate === 'boolean' &&
    Array.isArray(a.relations) &&
    a.relations.length <= 4 &&
    a.relations.every(r => ['fanin', 'plain', 'complemented', 'fanout'].includes(r)) &&
    good(a.inputWidth) &&
    Array.isArray(a.widths) &&
    a.widths.length >= 1 &&
    a.widths.length <= 16 &&
    a.widths.every(good) &&
    Number.isInteger(a.fanoutLimit) &&
    a.fanoutLimit >= 0 &&
    a.fanoutLimit <= 64 &&
    (a.input === 'local' || a.inputWidth === 4);
  if (!ok)
    throw new InputError('the model header describes no architecture of this version', { file, line: 2 });
  return a as Architecture;
}
