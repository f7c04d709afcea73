// Trains a model: seeded batches of whole circuits, Adam with a cosine rate, checkpoints that resume to the same bytes.
// Refuses to look at circuits it was not given; evaluation on wider ones is the caller's.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AbortedError, InputError, UsageError } from '../../core/errors.ts';
import { writeFileAtomic } from '../../core/files.ts';
import type { ProgressFactory } from '../../core/progress.ts';
import { noProgress } from '../../core/progress.ts';
import { Random } from '../../core/random.ts';
import { type Architecture, heads, initialParameters, layout } from './architecture.ts';
import type { Batch } from './buffers.ts';
import type { TrainingCircuit } from './circuits.ts';
import { buildGraph, type GnnGraph } from './graph.ts';
import { type GnnKernels, wasmKernels } from './kernels.ts';
import { circuitLabels, graphLabels } from './labels.ts';
import type { Model } from './model.ts';
import { Network } from './network.ts';

export interface TrainOptions {
  /** Passes over all circuits. Default 150. */
  epochs?: number | undefined;
  /** Adam's rate at the start; it follows a half cosine down to a fiftieth. Default 0.008. */
  rate?: number | undefined;
  /** L2 weight decay. Default 5e-5 as published for gamora, 1e-5 otherwise. */
  decay?: number | undefined;
  /** Dropout after each layer. Default 0.5 as published for gamora, 0 otherwise. */
  dropout?: number | undefined;
  /** Nodes of a batch: whole circuits are added until it is reached. Default 4096. */
  batchNodes?: number | undefined;
  /** Nodes whose loss counts in a step, drawn at random; 0: all. Default 20 for gamora (as published), 0 otherwise. */
  sampleNodes?: number | undefined;
  /** Class weights are (mean count / count)^power, 0 to 1. Default 0 for gamora, 0.5 otherwise. */
  balance?: number | undefined;
  seed?: number | undefined;
  /** Folder of the checkpoint; training resumes from one that fits. */
  checkpointFolder?: string | undefined;
  /** Epochs between checkpoints. Default 10. */
  checkpointEvery?: number | undefined;
  kernels?: GnnKernels | undefined;
  progress?: ProgressFactory | undefined;
  signal?: AbortSignal | undefined;
}

export interface TrainResult {
  model: Model;
  /** Mean loss of each epoch run in this call. */
  losses: number[];
  seconds: number;
  nodes: number;
  steps: number;
  /** Epoch the run started from: above 0 when it resumed. */
  resumedAt: number;
}

interface Sample {
  graph: GnnGraph;
  labels: Uint8Array[];
}

/** λ of each head: the published 1, 1, 2; the origin head of the default model weighs 2. */
function lambdas(a: Architecture): number[] {
  return heads.map(h => (h === 'root' ? 2 : h === 'origin' ? (a.name === 'gamora' ? 1 : 2) : 1));
}

/** @throws UsageError for options out of range, AbortedError (after a checkpoint) when the signal fires */
export async function trainModel(
  a: Architecture,
  circuits: TrainingCircuit[],
  options: TrainOptions = {},
): Promise<TrainResult> {
  const published = a.name === 'gamora';
  const o = {
    epochs: options.epochs ?? 150,
    rate: options.rate ?? 0.008,
    decay: options.decay ?? (published ? 5e-5 : 1e-5),
    dropout: options.dropout ?? (published ? 0.5 : 0),
    batchNodes: options.batchNodes ?? 4096,
    sampleNodes: options.sampleNodes ?? (published ? 20 : 0),
    balance: options.balance ?? (published ? 0 : 0.5),
    seed: options.seed ?? 1,
    checkpointEvery: options.checkpointEvery ?? 10,
  };
  if (circuits.length === 0) throw new UsageError('no training circuits');
  range('epochs', o.epochs, 1, 100000);
  range('rate', o.rate, 0, 1);
  range('dropout', o.dropout, 0, 0.95);
  range('balance', o.balance, 0, 1);
  const begin = performance.now();
  const samples: Sample[] = circuits.map(c => {
    options.signal?.throwIfAborted();
    const graph = buildGraph(c.aig, a);
    return { graph, labels: graphLabels(circuitLabels(c.aig, c.original), graph, a) };
  });
  const weights = heads.map((_, h) => classWeights(samples, h, o.balance));
  const network = new Network(a, options.kernels ?? wasmKernels(), initialParameters(a, o.seed));
  const file = options.checkpointFolder && join(options.checkpointFolder, 'checkpoint.bin');
  const key = JSON.stringify({ a, o, circuits: circuits.map(c => [c.name, c.aig.andCount]) });
  let step = 0;
  let resumedAt = 0;
  if (file && existsSync(file)) [resumedAt, step] = restore(network, file, key);
  const progress = (options.progress ?? noProgress)('train', o.epochs, ' epochs');
  const losses: number[] = [];
  for (let epoch = resumedAt; epoch < o.epochs; epoch++) {
    if (options.signal?.aborted) {
      if (file) checkpoint(network, file, key, epoch, step);
      progress.end();
      throw new AbortedError(file ? 'stopped; run again to resume' : 'stopped');
    }
    const random = new Random(o.seed * 1000003 + epoch);
    const rate = o.rate * (0.02 + 0.98 * 0.5 * (1 + Math.cos((Math.PI * epoch) / o.epochs)));
    let loss = 0;
    const batches = draw(samples, random, o.batchNodes, o.sampleNodes);
    for (const batch of batches) {
      const dropout = o.dropout > 0 ? { rate: o.dropout, seed: random.uint32() } : undefined;
      loss += network.pass(batch, weights, lambdas(a), dropout);
      network.step(++step, rate, o.decay);
    }
    losses.push(loss / batches.length);
    progress.update(epoch + 1, `loss ${(loss / batches.length).toFixed(4)}`);
    if (file && (epoch + 1) % o.checkpointEvery === 0) checkpoint(network, file, key, epoch + 1, step);
    await new Promise(resolve => setImmediate(resolve));
  }
  progress.end();
  const model: Model = {
    architecture: a,
    parameters: network.parameters.slice(),
    running: network.running.slice(),
    training: { ...o, circuits: circuits.map(c => c.name) },
  };
  if (file) rmSync(file, { force: true });
  const nodes = samples.reduce((n, s) => n + s.graph.nodes, 0);
  return { model, losses, seconds: (performance.now() - begin) / 1000, nodes, steps: step, resumedAt };
}

function range(name: string, value: number, low: number, high: number): void {
  if (!(value >= low && value <= high)) {
    throw new UsageError(`training option ${name} is ${value}`, { expected: `${low} to ${high}` });
  }
}

function classWeights(samples: Sample[], head: number, power: number): Float32Array {
  const counts = [0, 0, 0];
  for (const s of samples) for (const label of s.labels[head]!) if (label !== 255) counts[label]!++;
  const total = counts[0]! + counts[1]! + counts[2]!;
  return Float32Array.from([...counts.map(c => (c > 0 ? (total / 3 / c) ** power : 0)), 0]);
}

/** The batches of an epoch: shuffled circuits, or each circuit once for every `sampleNodes` of its nodes. */
function draw(samples: Sample[], random: Random, batchNodes: number, sampleNodes: number): Batch[] {
  const batches: Batch[] = [];
  const order = random.shuffle([...samples]);
  if (sampleNodes > 0) {
    for (const { graph, labels } of order) {
      const nodes = random.shuffle(Array.from({ length: graph.nodes }, (_, i) => i));
      for (let at = 0; at < nodes.length; at += sampleNodes) {
        const masked = labels.map(() => new Uint8Array(graph.nodes).fill(255));
        for (const v of nodes.slice(at, at + sampleNodes)) {
          for (let h = 0; h < labels.length; h++) masked[h]![v] = labels[h]![v]!;
        }
        batches.push({ graphs: [graph], labels: [masked] });
      }
    }
    return random.shuffle(batches);
  }
  let batch: Batch = { graphs: [], labels: [] };
  let size = 0;
  for (const { graph, labels } of order) {
    batch.graphs.push(graph);
    batch.labels.push(labels);
    size += graph.nodes;
    if (size >= batchNodes) {
      batches.push(batch);
      batch = { graphs: [], labels: [] };
      size = 0;
    }
  }
  if (size > 0) batches.push(batch);
  return batches;
}

/** A line of JSON (key, epoch, step), then parameters, moments and running statistics as they lie in memory. */
function checkpoint(network: Network, file: string, key: string, epoch: number, step: number): void {
  const head = Buffer.from(`${JSON.stringify({ key, epoch, step })}\n`, 'utf8');
  const parts = [network.parameters, network.moments, network.running].map(f =>
    Buffer.from(f.buffer, f.byteOffset, f.byteLength),
  );
  writeFileAtomic(file, Buffer.concat([head, ...parts]));
}

function restore(network: Network, file: string, key: string): [number, number] {
  const bytes = readFileSync(file);
  const end = bytes.indexOf(10);
  let head: { key: string; epoch: number; step: number } | undefined;
  try {
    head = JSON.parse(bytes.toString('utf8', 0, end));
  } catch {
    head = undefined;
  }
  const size = layout(network.architecture).size;
  const floats = 3 * size + network.running.length;
  if (head === undefined || bytes.length - end - 1 !== 4 * floats) {
    throw new InputError('not a checkpoint', {
      file,
      expected: 'a file of an interrupted training; remove it to start anew',
    });
  }
  if (head.key !== key) {
    throw new InputError('the checkpoint is of another training', {
      file,
      expected: 'the same options; remove it to start anew',
    });
  }
  const numbers = new Float32Array(
    bytes.buffer.slice(bytes.byteOffset + end + 1, bytes.byteOffset + bytes.length),
  );
  network.parameters.set(numbers.subarray(0, size));
  network.moments.set(numbers.subarray(size, 3 * size));
  network.running.set(numbers.subarray(3 * size));
  return [head.epoch, head.step];
}
