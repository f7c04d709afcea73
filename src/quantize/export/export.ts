// A quantized model as an ONNX file that plain ONNX Runtime runs: codes and scales as integers, standard operators around.
// Refuses to leave a file whose codes, decoded weights or outputs are not those of the quantizer.

import { readFileSync, renameSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { ModelProtoSchema, StringStringEntryProtoSchema } from 'onnx-buf';
import { requireObject } from '../../core/arguments.ts';
import { BitwrightError, InputError, requireOptions, UsageError } from '../../core/errors.ts';
import { packageVersion } from '../../core/places.ts';
import { claimTemporary, releaseTemporary } from '../../core/temporary.ts';
import {
  type Feeds,
  type Graph,
  messageLimit,
  readModel,
  readModelFile,
  serializeModel,
  weightBytes,
  writeModelFile,
} from '../../model/index.ts';
import type { QuantizedModel } from '../quantize.ts';
import { compareSoftmax, type SoftmaxComparison } from '../softmax/verify.ts';
import { type ActivationStatistics, writeActivation } from './activations.ts';
import { type CodeComparison, compareCodes } from './compare.ts';
import { functionDomain, LocalFunctions } from './functions.ts';
import { appliesNowhere, type NBits, nbitsOf, writeNBits } from './matmulnbits.ts';
import { compareDecoded, compareRuns, type OutputComparison } from './verify.ts';
import { type WeightStatistics, writeWeight } from './weights.ts';

export const exportFormats = ['qdq', 'matmulnbits'] as const;
/** `qdq`: standard operators and local functions. `matmulnbits`: besides, com.microsoft.MatMulNBits where it applies. */
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportOptions {
  /** Where to write; without it the bytes are only returned. */
  path?: string | undefined;
  format?: ExportFormat | undefined;
  /** Of MatMulNBits: 4 (default) computes with 8-bit activations inside, 0 in float32. */
  accuracyLevel?: 0 | 4 | undefined;
  /** Samples to compare outputs on; default none. */
  samples?: readonly Feeds[] | undefined;
  /** Largest output difference allowed, as a share of the largest output; default 0 (bit for bit), MatMulNBits 0.001 at level 0, 0.25 at level 4. */
  tolerance?: number | undefined;
  threads?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Bytes of weights beyond which they go to `path` + '.data' beside the model; default what one ONNX message holds, 2 GiB. */
  messageLimit?: number | undefined;
}

const optionNames: readonly (keyof ExportOptions)[] = [
  ...([
    'path',
    'format',
    'accuracyLevel',
    'samples',
    'tolerance',
    'threads',
    'signal',
    'messageLimit',
  ] as const),
];

export interface ExportStatistics {
  path: string | undefined;
  /** The file of the weights where they did not fit into the model. */
  dataPath: string | undefined;
  format: ExportFormat;
  /** Size of the file or files, and of its weights as codes, scales and tables. */
  bytes: number;
  weightBytes: number;
  weights: WeightStatistics[];
  activations: ActivationStatistics[];
  /** Calls of each local function. */
  functions: Record<string, number>;
  /** Weights MatMulNBits could not take, with the reason. */
  refused: { constant: string; reason: string }[];
  /** What was compared after reading the file again. */
  compared: CodeComparison & {
    decoded: number;
    outputs: OutputComparison | undefined;
    softmax: SoftmaxComparison | undefined;
  };
  seconds: number;
}

export interface ExportResult {
  /** As read from the file or bytes written. */
  graph: Graph;
  bytes: Uint8Array<ArrayBuffer>;
  statistics: ExportStatistics;
}

/**
 * Exports a quantized model, reads the result again and compares it; the model given is not changed.
 * @throws UsageError for an unknown format or one that applies to no layer
 * @throws BitwrightError when the file is not what was quantized; it is then removed
 */
export async function exportModel(model: QuantizedModel, options: ExportOptions = {}): Promise<ExportResult> {
  requireObject('the model to export', model, 'graph', 'the model that quantize gives');
  requireOptions('exportModel', options, optionNames);
  const start = performance.now();
  const format = options.format ?? 'qdq';
  if (!exportFormats.includes(format))
    throw new UsageError(`export format '${format}'`, { expected: exportFormats.join(' or ') });
  const built = buildGraph(model, format, options.accuracyLevel ?? 4);
  const { path } = options;
  const external = path !== undefined && weightBytes(built.graph) > (options.messageLimit ?? messageLimit);
  // files get their final names in a folder of their own, so that the model finds its weights wherever both are
  const staging = path === undefined ? undefined : claimTemporary(path, 'unchecked');
  const staged = staging === undefined ? undefined : join(staging, basename(path!));
  try {
    let bytes: Uint8Array<ArrayBuffer>;
    if (staged === undefined) bytes = serializeModel(built.graph);
    else {
      writeModelFile(built.graph, staged, { externalData: external ? 'always' : 'never' });
      bytes = readFileSync(staged);
    }
    const graph = staged === undefined ? readModel(bytes) : readModelFile(staged);
    const codes = compareCodes(graph, model.weights, built.nbits);
    const decoded = await compareDecoded(graph, model, options);
    const samples = options.samples ?? [];
    const { softmax: replaced = [] } = model;
    const softmax =
      replaced.length === 0 ? undefined : await compareSoftmax(graph, replaced, samples, options);
    const loose = options.accuracyLevel === 0 ? 0.001 : 0.25;
    const tolerance = options.tolerance ?? (built.nbits.size > 0 ? loose : 0);
    const outputs =
      samples.length === 0 ? undefined : await compareRuns(graph, model, samples, { ...options, tolerance });
    const dataBytes = external ? statSync(`${staged}.data`).size : 0;
    if (external) move(`${staged}.data`, `${path}.data`);
    if (path !== undefined) move(staged!, path);
    graph.file = path;
    const { weights, activations, functions, refused } = built;
    return {
      ...{ graph, bytes },
      statistics: {
        ...{ path, dataPath: external ? `${path}.data` : undefined, format },
        ...{ bytes: bytes.length + dataBytes, weights, activations, functions, refused },
        weightBytes: weights.reduce((a, w) => a + w.bytes, 0),
        compared: { ...codes, decoded, outputs, softmax },
        seconds: (performance.now() - start) / 1000,
      },
    };
  } catch (error) {
    if (staged !== undefined && error instanceof BitwrightError) nameFile(error, staged, path!);
    throw error;
  } finally {
    if (staging !== undefined) releaseTemporary(staging);
  }
}

/** In an error, the file the user knows in place of the one it grew as. */
function nameFile(error: BitwrightError, staged: string, path: string): void {
  error.message = error.message.replaceAll(staged, path);
  if (error.place.file !== undefined) error.place.file = error.place.file.replace(staged, path);
}

function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    throw new InputError(`cannot write (${(error as NodeJS.ErrnoException).code ?? 'error'})`, { file: to });
  }
}

/** Calls of each function of our domain. */
function callsOf(graph: Graph): Record<string, number> {
  const calls: Record<string, number> = {};
  for (const node of graph.order()) {
    if (node.domain === functionDomain) calls[node.op] = (calls[node.op] ?? 0) + 1;
  }
  return calls;
}

interface Built {
  graph: Graph;
  weights: WeightStatistics[];
  activations: ActivationStatistics[];
  functions: Record<string, number>;
  nbits: Map<string, NBits>;
  refused: { constant: string; reason: string }[];
}

function buildGraph(model: QuantizedModel, format: ExportFormat, accuracyLevel: 0 | 4): Built {
  const graph = model.graph.clone();
  const functions = new LocalFunctions(graph);
  const nbits = new Map<string, NBits>();
  const refused: Built['refused'] = [];
  const weights: WeightStatistics[] = [];
  for (const weight of model.weights) {
    const form = format === 'matmulnbits' ? nbitsOf(graph, weight) : 'not asked for';
    if (typeof form === 'string') {
      if (format === 'matmulnbits') refused.push({ constant: weight.constant, reason: form });
      weights.push(writeWeight(graph, weight, functions));
    } else {
      nbits.set(weight.constant, form);
      weights.push(writeNBits(graph, weight, form, accuracyLevel));
    }
  }
  if (format === 'matmulnbits' && nbits.size === 0) throw appliesNowhere(refused[0]);
  const activations = model.activations.map(a => writeActivation(graph, a, functions));
  graph.removeUnused();
  const source = graph.modelSource ?? { producerName: 'bitwright', producerVersion: packageVersion() };
  graph.modelSource = Object.assign(create(ModelProtoSchema), source, {
    metadataProps: [
      ...(graph.modelSource?.metadataProps ?? []).filter(p => p.key !== 'bitwright.formats'),
      create(StringStringEntryProtoSchema, {
        key: 'bitwright.formats',
        value: JSON.stringify(Object.fromEntries(weights.map(w => [w.constant, w.format]))),
      }),
    ],
  });
  return { graph, weights, activations, functions: callsOf(graph), nbits, refused };
}
