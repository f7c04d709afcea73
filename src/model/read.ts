// Reading ONNX: bytes are checked as protobuf, decoded by the library, then checked as a graph.
// Refuses opsets before 7, sparse tensors, values made twice or never, cycles, and anything over the limits.

import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { type ModelProto, ModelProtoSchema } from 'onnx-buf';
import { requireText, shown } from '../core/arguments.ts';
import { InputError, UsageError } from '../core/errors.ts';
import { ExternalData } from './external.ts';
import type { Graph } from './graph.ts';
import { graphFromProto } from './read-graph.ts';
import { checkWire, defaultWireLimits, type WireLimits } from './wire.ts';

export interface ReadOptions {
  /** Name used in errors. */
  file?: string | undefined;
  /** The model's folder: external data is read from it and nowhere else. Without it external data is refused. */
  folder?: string | undefined;
  /** Largest file accepted, in bytes; default 2 GiB, the protobuf limit. */
  maxBytes?: number | undefined;
  limits?: Partial<WireLimits> | undefined;
}

export const lowestOpset = 7;
export const highestOpset = 30;

/**
 * Reads a model from a file, external data included.
 * @throws InputError naming the file and the byte, tensor or node of the first problem
 */
export function readModelFile(path: string, options: Omit<ReadOptions, 'file' | 'folder'> = {}): Graph {
  requireText('the path of the model', path, 'an ONNX file');
  let bytes: Uint8Array;
  try {
    const status = statSync(path);
    if (!status.isFile()) throw new InputError('is not a file', { file: path, expected: 'an ONNX file' });
    checkSize(status.size, path, options.maxBytes);
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`cannot read (${(error as NodeJS.ErrnoException).code ?? 'error'})`, { file: path });
  }
  return readModel(bytes, { ...options, file: path, folder: dirname(path) });
}

/** Reads a model from bytes. Tensors may be views of `bytes`, which must then stay as they are. */
export function readModel(bytes: Uint8Array, options: ReadOptions = {}): Graph {
  if (!(bytes instanceof Uint8Array))
    throw new UsageError(`the bytes of the model are ${shown(bytes)}`, {
      expected: 'a Uint8Array; readModelFile takes a path',
    });
  const { file } = options;
  checkSize(bytes.length, file, options.maxBytes);
  if (bytes.length === 0) throw new InputError('is empty', { file, expected: 'an ONNX file' });
  checkWire(bytes, ModelProtoSchema, file, { ...defaultWireLimits, ...options.limits });
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    throw new InputError(`not a well-formed ONNX file: ${(error as Error).message}`, { file });
  }
  const external = options.folder === undefined ? undefined : new ExternalData(options.folder);
  try {
    return graphOfModel(model, file, external);
  } finally {
    external?.close();
  }
}

function checkSize(size: number, file: string | undefined, maxBytes = 2 ** 31): void {
  if (size > maxBytes)
    throw new InputError(`has ${size} bytes`, { file, expected: `at most ${maxBytes} bytes` });
}

function graphOfModel(
  model: ModelProto,
  file: string | undefined,
  external: ExternalData | undefined,
): Graph {
  if (model.graph === undefined) throw new InputError('has no graph', { file, expected: 'an ONNX model' });
  const opsets = new Map<string, number>();
  for (const entry of model.opsetImport) {
    const domain = entry.domain === 'ai.onnx' ? '' : entry.domain;
    const version = Number(entry.version);
    if (opsets.has(domain) && opsets.get(domain) !== version) {
      throw new InputError(`imports two versions of operator set '${domain || 'ai.onnx'}'`, { file });
    }
    opsets.set(domain, version);
  }
  const opset = opsets.get('');
  if (opset === undefined) {
    throw new InputError('imports no version of the standard operator set', { file });
  }
  if (opset < lowestOpset || opset > highestOpset) {
    throw new InputError(`uses operator set ${opset}`, {
      file,
      expected: `${lowestOpset} to ${highestOpset}`,
    });
  }
  const graph = graphFromProto(model.graph, { file, opsets, functions: model.functions, external });
  const { graph: _, ...header } = model;
  graph.modelSource = header as ModelProto;
  return graph;
}
