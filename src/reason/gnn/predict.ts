// Predictions for a whole circuit of any size: windows over the topological order, on this thread or on workers.
// Refuses to confirm anything: a prediction is a proposal for the exact check.

import { Worker } from 'node:worker_threads';
import { AbortedError, BitwrightError, UsageError } from '../../core/errors.ts';
import { distModule } from '../../core/places.ts';
import { noProgress, type ProgressFactory } from '../../core/progress.ts';
import { requireAig } from '../../netlist/aig.ts';
import type { Aig } from '../../netlist/index.ts';
import { featureSource } from './features.ts';
import type { InferenceOutput, InferenceSource } from './inference.ts';
import { loadModel, type Model } from './model.ts';
import { WindowModel } from './window.ts';

export interface PredictOptions {
  /** Default: the committed model. */
  model?: Model | undefined;
  /** Threads, 1 to 64, the calling thread among them. Default 1. */
  threads?: number | undefined;
  /** Variables a thread takes at once, 64 to 1048576. Default an eighth of its share, 16384 to 262144. */
  windowNodes?: number | undefined;
  progress?: ProgressFactory | undefined;
  signal?: AbortSignal | undefined;
}

export interface Prediction {
  /** By variable, 0 carry, 1 sum, 2 other: sums and carries of adders the exact detector sees on this netlist. */
  root: Uint8Array;
  /** By variable, 0 carry, 1 sum, 2 other: sums and carries of the adders before mapping. */
  origin: Uint8Array;
  /** By variable, 0 plain, 1 maj, 2 xor, 3 shared: both shared heads combined. */
  shared: Uint8Array;
  /** By variable, the two shared heads' own classes. */
  xor: Uint8Array;
  maj: Uint8Array;
  /** Probability, in 255ths, that the variable is a carry or a sum of an original adder. */
  carryProbability: Uint8Array;
  sumProbability: Uint8Array;
  statistics: {
    nodes: number;
    seconds: number;
    prepareSeconds: number;
    distinctShare: number;
    threads: number;
  };
}

/** Message to a worker; see predict-worker.ts. */
export interface PredictTask {
  model: Model;
  source: InferenceSource;
  output: InferenceOutput;
  windowNodes: number;
  /** [next window, windows done, stop]. */
  counters: Int32Array;
}

/**
 * Predicts every variable of `aig`. Memory: about 40 bytes a variable and 30 MB a thread.
 * @throws UsageError for options out of range, AbortedError when the signal fires
 */
export async function predict(aig: Aig, options: PredictOptions = {}): Promise<Prediction> {
  requireAig('the netlist of predict', aig);
  const model = options.model ?? loadModel();
  const threads = options.threads ?? 1;
  const windowNodes = options.windowNodes ?? defaultWindow(aig.variableCount, threads);
  if (!Number.isInteger(threads) || threads < 1 || threads > 64) {
    throw new UsageError(`threads ${threads}`, { expected: '1 to 64' });
  }
  if (!Number.isInteger(windowNodes) || windowNodes < 64 || windowNodes > 1 << 20) {
    throw new UsageError(`window of ${windowNodes} nodes`, { expected: '64 to 1048576' });
  }
  const begin = performance.now();
  const n = aig.variableCount;
  // Workers load their modules while this thread prepares the graph.
  const workers = threads === 1 || options.signal?.aborted === true ? [] : startWorkers(threads - 1);
  let source: InferenceSource;
  let output: InferenceOutput;
  try {
    source = inferenceSource(aig, model);
    output = { classes: sharedBytes(n), carry: sharedBytes(n), sum: sharedBytes(n) };
  } catch (error) {
    for (const worker of workers) void worker.terminate();
    throw error;
  }
  const counters = new Int32Array(new SharedArrayBuffer(12));
  const task: PredictTask = { model, source, output, windowNodes, counters };
  const prepared = performance.now();
  const windows = Math.ceil(n / windowNodes);
  const progress = (options.progress ?? noProgress)('predict', windows, ' windows');
  let computed = 0;
  // The calling thread takes windows too, so its warm code is used and one worker less has to start.
  const others = onWorkers(task, workers, options.signal);
  others.catch(() => {}); // A failed worker is reported where `others` is awaited.
  try {
    const runner = new WindowModel(model, source);
    while (options.signal?.aborted !== true && nextWindow(task, runner)) {
      progress.update(counters[1]!);
      await new Promise(resolve => setImmediate(resolve));
    }
    computed = runner.computed + (await others);
    if (options.signal?.aborted) throw new AbortedError('stopped');
  } finally {
    Atomics.store(counters, 2, 1);
    progress.end();
  }
  const classes = unpack(output.classes);
  const end = performance.now();
  return {
    ...classes,
    carryProbability: output.carry,
    sumProbability: output.sum,
    statistics: {
      nodes: n - 1,
      seconds: (end - begin) / 1000,
      prepareSeconds: (prepared - begin) / 1000,
      distinctShare: computed / n,
      threads,
    },
  };
}

/** Scores of every variable as the sum of an original adder, 0..1: a scorer for the hybrid search of findAdders. */
export function sumScorer(options: PredictOptions = {}): (aig: Aig) => Promise<Float32Array> {
  return async aig => Float32Array.from((await predict(aig, options)).sumProbability, p => p / 255);
}

/** Runs the next window nobody took. @returns false when none is left */
export function nextWindow(task: PredictTask, runner: WindowModel): boolean {
  if (Atomics.load(task.counters, 2) !== 0) return false;
  const from = Atomics.add(task.counters, 0, 1) * task.windowNodes;
  if (from >= task.source.variableCount) return false;
  runner.run(from, Math.min(from + task.windowNodes, task.source.variableCount), task.output);
  Atomics.add(task.counters, 1, 1);
  return true;
}

function startWorkers(threads: number): Worker[] {
  return Array.from({ length: threads }, () => new Worker(distModule('reason/gnn/predict-worker')));
}

async function onWorkers(
  task: PredictTask,
  workers: Worker[],
  signal: AbortSignal | undefined,
): Promise<number> {
  const stop = (): void => void Atomics.store(task.counters, 2, 1);
  signal?.addEventListener('abort', stop);
  try {
    const counts = await Promise.all(
      workers.map(worker => {
        return new Promise<number>((resolve, reject) => {
          worker.once('message', resolve);
          worker.once('error', error => {
            stop();
            reject(error);
          });
          worker.once('exit', code =>
            reject(new BitwrightError(`a prediction worker ended with code ${code}`)),
          );
          worker.postMessage(task);
        });
      }),
    );
    return counts.reduce((x, y) => x + y, 0);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** Large windows: at their borders two threads look at the same neighbourhoods. */
function defaultWindow(n: number, threads: number): number {
  return Math.min(262144, Math.max(16384, Math.ceil(n / (8 * threads))));
}

function sharedBytes(n: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(n));
}

function shared32(a: Uint32Array): Uint32Array {
  if (a.buffer instanceof SharedArrayBuffer) return a;
  const copy = new Uint32Array(new SharedArrayBuffer(a.byteLength));
  copy.set(a);
  return copy;
}

/** Features' sources and, when a layer needs them, the consumers of nets with few of them. */
function inferenceSource(aig: Aig, model: Model): InferenceSource {
  const a = model.architecture;
  const base = featureSource(aig, a.simulate);
  const n = aig.variableCount;
  const codes = new Int32Array(new SharedArrayBuffer(4 * n));
  const source = { ...base, codes, fanin0: shared32(aig.fanin0), fanin1: shared32(aig.fanin1) };
  const none = new Uint32Array(0);
  if (!a.relations.includes('fanout')) {
    return { ...source, variableCount: n, fanoutOffsets: none, fanoutIndices: none };
  }
  const counted = (v: number): number =>
    v < aig.firstAnd || base.fanouts[v]! > a.fanoutLimit ? 0 : base.fanouts[v]!;
  const offsets = new Uint32Array(new SharedArrayBuffer(4 * (n + 1)));
  for (let v = 0; v < n; v++) offsets[v + 1] = offsets[v]! + counted(v);
  const indices = new Uint32Array(new SharedArrayBuffer(4 * offsets[n]!));
  const filled = new Uint8Array(n);
  for (let i = 0; i < aig.andCount; i++) {
    const u = aig.fanin0[i]! >>> 1;
    const v = aig.fanin1[i]! >>> 1;
    if (counted(u) > 0) indices[offsets[u]! + filled[u]!++] = aig.firstAnd + i;
    if (counted(v) > 0) indices[offsets[v]! + filled[v]!++] = aig.firstAnd + i;
  }
  return { ...source, variableCount: n, fanoutOffsets: offsets, fanoutIndices: indices };
}

function unpack(classes: Uint8Array): Pick<Prediction, 'xor' | 'maj' | 'root' | 'origin' | 'shared'> {
  const n = classes.length;
  const [xor, maj, root, origin, shared] = [0, 0, 0, 0, 0].map(() => new Uint8Array(n)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  for (let v = 0; v < n; v++) {
    const c = classes[v]!;
    const x = (xor[v] = c & 3);
    const m = (maj[v] = (c >> 2) & 3);
    root[v] = (c >> 4) & 3;
    origin[v] = c >> 6;
    // Equal heads: that class; maj against xor: shared; one plain: the other head's claim stands.
    shared[v] = x === m ? x : x !== 0 && m !== 0 ? 3 : x === 0 ? m : x;
  }
  return { xor, maj, root, origin, shared };
}
