// Worker entry: one ONNX Runtime session, whose blocking calls would otherwise stop the main thread.
// Refuses to look at models: the session class has read and checked them.

import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { DataType, NumericArray } from './tensor.ts';

/** A tensor on its way between threads; strings travel as JavaScript strings. */
export interface WireTensor {
  type: DataType;
  dims: readonly number[];
  data: NumericArray | string[];
}

export type SessionRequest =
  | {
      id: number;
      kind: 'create';
      model: Uint8Array;
      threads: number;
      optimization: 'disabled' | 'basic' | 'extended' | 'all';
      config: Record<string, string>;
    }
  | { id: number; kind: 'run'; feeds: Record<string, WireTensor>; fetches: readonly string[] }
  | { id: number; kind: 'close' };

export interface SessionValue {
  name: string;
  type: DataType | undefined;
  shape: readonly (number | string)[];
}

export type SessionReply =
  | { id: number; error: string }
  | {
      id: number;
      error?: undefined;
      inputs?: SessionValue[];
      outputs?: SessionValue[];
      results?: Record<string, WireTensor>;
      seconds?: number;
    };

let session: InferenceSession | undefined;

async function answer(request: SessionRequest): Promise<{ reply: SessionReply; transfer: ArrayBuffer[] }> {
  const { id } = request;
  if (request.kind === 'create') {
    session = await InferenceSession.create(request.model, {
      executionProviders: ['cpu'],
      intraOpNumThreads: request.threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: request.optimization,
      logSeverityLevel: 4,
      extra: { session: nested(request.config) },
    });
    return {
      reply: {
        id,
        inputs: session.inputMetadata.map(describe),
        outputs: session.outputMetadata.map(describe),
      },
      transfer: [],
    };
  }
  if (request.kind === 'close') {
    await session?.release();
    session = undefined;
    parentPort!.close();
    return { reply: { id }, transfer: [] };
  }
  if (session === undefined) throw new Error('the model was not loaded');
  const feeds: Record<string, OrtTensor> = {};
  for (const [name, { type, data, dims }] of Object.entries(request.feeds)) {
    feeds[name] = new OrtTensor(type as never, data as never, dims);
  }
  const start = performance.now();
  const outputs = await session.run(feeds, request.fetches);
  const seconds = (performance.now() - start) / 1000;
  const results: Record<string, WireTensor> = {};
  const transfer = new Set<ArrayBuffer>();
  for (const name of request.fetches) {
    const tensor = outputs[name]!;
    const data = tensor.data as NumericArray | string[];
    results[name] = { type: tensor.type as DataType, dims: tensor.dims, data };
    if (!Array.isArray(data)) transfer.add(data.buffer as ArrayBuffer);
  }
  return { reply: { id, results, seconds }, transfer: [...transfer] };
}

/** `{ 'a.b': v }` as `{ a: { b: v } }`, which is how the binding takes session configuration entries. */
function nested(flat: Record<string, string>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(flat)) {
    const parts = key.split('.');
    let at = root;
    for (const part of parts.slice(0, -1)) at = (at[part] ??= {}) as Record<string, unknown>;
    at[parts.at(-1)!] = value;
  }
  return root;
}

function describe(value: InferenceSession.ValueMetadata): SessionValue {
  return value.isTensor
    ? { name: value.name, type: value.type as DataType, shape: value.shape }
    : { name: value.name, type: undefined, shape: [] };
}

const { stop } = workerData as { stop: Int32Array };
let queue: Promise<void> = Promise.resolve();

parentPort!.on('message', (request: SessionRequest) => {
  queue = queue.then(async () => {
    if (Atomics.load(stop, 0) !== 0 && request.kind !== 'close') return;
    try {
      const { reply, transfer } = await answer(request);
      parentPort!.postMessage(reply, transfer);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      parentPort!.postMessage({ id: request.id, error: text });
    }
  });
});
