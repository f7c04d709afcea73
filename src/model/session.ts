// Running a model with ONNX Runtime in a worker thread, so that the caller's thread stays free and can stop it.
// Refuses models our reader refuses, feeds that do not fit the inputs, and shared memory (the runtime does not take it).

import { InputError } from '../core/errors.ts';
import { nearestSpelling } from '../core/spelling.ts';
import { Graph } from './graph.ts';
import type { Dimension } from './graph-types.ts';
import { readModel } from './read.ts';
import { WorkerLink } from './session-link.ts';
import type { SessionReply, SessionValue, WireTensor } from './session-worker.ts';
import { type DataType, elementCount, makeTensor, type NumericArray, type Tensor } from './tensor.ts';
import { serializeModel } from './write.ts';

export interface SessionOptions {
  /** Threads inside one operator; default 1. */
  threads?: number | undefined;
  /** Values inside the graph to be fetched beside its outputs. */
  extraOutputs?: readonly string[] | undefined;
  /** Graph optimizations of the runtime; default 'all'. */
  optimization?: 'disabled' | 'basic' | 'extended' | 'all' | undefined;
  /** Session configuration entries of ONNX Runtime without the `session.` prefix. */
  config?: Record<string, string> | undefined;
  /** Ends the worker when aborted: runs under way are rejected with AbortedError at once, the thread leaves after them. */
  signal?: AbortSignal | undefined;
  /** Name of the model in errors; default the graph's file. */
  file?: string | undefined;
}

export interface RunOptions {
  /** Outputs to fetch; default all, extra outputs included. */
  fetches?: readonly string[] | undefined;
  /** Moves the arrays of the feeds into the worker (they are empty afterwards) instead of copying them. */
  transfer?: boolean | undefined;
}

export type Feeds = Readonly<Record<string, Tensor>>;
export type Results = Record<string, Tensor>;

export interface SessionStatistics {
  runs: number;
  /** Seconds spent inside the runtime. */
  seconds: number;
}

export interface SessionInput {
  name: string;
  type: DataType | undefined;
  shape: readonly Dimension[];
}

/** A loaded model. Runs queue up in order; `close` ends the worker. */
export class Session {
  readonly inputs: readonly SessionInput[];
  readonly outputs: readonly SessionInput[];
  readonly statistics: SessionStatistics = { runs: 0, seconds: 0 };
  private readonly link: WorkerLink;
  private readonly file: string | undefined;

  private constructor(link: WorkerLink, created: SessionReply, file: string | undefined) {
    this.link = link;
    this.file = file;
    const { inputs = [], outputs = [] } = created as { inputs?: SessionValue[]; outputs?: SessionValue[] };
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /**
   * Loads a model.
   * @param model a graph, or the bytes of a model (they are read and checked first)
   * @throws InputError when our reader or ONNX Runtime refuses the model, AbortedError on abort
   */
  static async create(model: Graph | Uint8Array, options: SessionOptions = {}): Promise<Session> {
    const file = options.file ?? (model instanceof Graph ? model.file : undefined);
    const bytes = modelBytes(model, options.extraOutputs ?? [], file);
    const link = new WorkerLink(options.signal);
    try {
      const created = await link.ask(
        {
          kind: 'create',
          model: bytes,
          threads: options.threads ?? 1,
          optimization: options.optimization ?? 'all',
          config: { 'intra_op.allow_spinning': '0', ...options.config },
        },
        [bytes.buffer],
        text => new InputError(`ONNX Runtime refuses the model: ${tidy(text)}`, { file }),
      );
      return new Session(link, created, file);
    } catch (error) {
      await link.end();
      throw error;
    }
  }

  /**
   * Runs the model once.
   * @throws InputError for a feed that is missing, unknown or of another type or shape, or when the runtime fails on it
   */
  async run(feeds: Feeds, options: RunOptions = {}): Promise<Results> {
    this.checkFeeds(feeds);
    const fetches = options.fetches ?? this.outputs.map(x => x.name);
    for (const name of fetches) {
      if (!this.outputs.some(x => x.name === name)) {
        throw new InputError(`the model has no output '${name}'`, {
          file: this.file,
          nearest: nearestSpelling(
            name,
            this.outputs.map(x => x.name),
          ),
        });
      }
    }
    const transfer = new Set<ArrayBuffer>();
    const wire: Record<string, WireTensor> = {};
    for (const [name, tensor] of Object.entries(feeds))
      wire[name] = toWire(tensor, options.transfer === true, transfer);
    const reply = await this.link.ask(
      { kind: 'run', feeds: wire, fetches },
      [...transfer],
      text => new InputError(`running the model failed: ${tidy(text)}`, { file: this.file }),
    );
    const { results, seconds } = reply as { results: Record<string, WireTensor>; seconds: number };
    this.statistics.runs++;
    this.statistics.seconds += seconds;
    const out: Results = {};
    for (const [name, value] of Object.entries(results)) out[name] = fromWire(value);
    return out;
  }

  /** Ends the worker. Runs under way are rejected. May be called twice. */
  async close(): Promise<void> {
    await this.link.end();
  }

  private checkFeeds(feeds: Feeds): void {
    for (const name of Object.keys(feeds)) {
      if (this.inputs.some(x => x.name === name)) continue;
      const names = this.inputs.map(x => x.name);
      throw new InputError(`the model has no input '${name}'`, {
        file: this.file,
        expected: `one of ${names.join(', ')}`,
        nearest: nearestSpelling(name, names),
      });
    }
    for (const { name, type, shape } of this.inputs) {
      const feed = feeds[name];
      if (feed === undefined) throw new InputError(`input '${name}' is not fed`, { file: this.file });
      checkFeed(name, feed, type, shape, this.file);
    }
  }
}

/** @throws InputError when a tensor does not fit an input of the model */
export function checkFeed(
  name: string,
  feed: Tensor,
  type: DataType | undefined,
  shape: readonly Dimension[] | undefined,
  file?: string,
): void {
  const fits =
    shape === undefined ||
    (feed.dims.length === shape.length &&
      shape.every((d, i) => typeof d !== 'number' || d < 0 || d === feed.dims[i]));
  if ((type === undefined || feed.type === type) && fits) return;
  throw new InputError(`input '${name}' got ${feed.type}[${feed.dims.join(',')}]`, {
    file,
    expected: `${type ?? 'any type'}[${shape?.map(d => d ?? '?').join(',') ?? '...'}]`,
  });
}

/** Loads, runs once and ends: for checks, not for loops. */
export async function runGraphOnce(
  model: Graph | Uint8Array,
  feeds: Feeds,
  options: SessionOptions & RunOptions = {},
): Promise<Results> {
  const session = await Session.create(model, options);
  try {
    return await session.run(feeds, options);
  } finally {
    await session.close();
  }
}

function modelBytes(
  model: Graph | Uint8Array,
  extraOutputs: readonly string[],
  file: string | undefined,
): Uint8Array<ArrayBuffer> {
  const graph = model instanceof Graph ? model.clone() : readModel(model, { file });
  for (const name of extraOutputs) graph.addOutput(name);
  return serializeModel(graph);
}

function toWire(tensor: Tensor, move: boolean, transfer: Set<ArrayBuffer>): WireTensor {
  const { type, dims } = tensor;
  if (type === 'string') {
    const decoder = new TextDecoder();
    return { type, dims, data: (tensor.data as Uint8Array[]).map(s => decoder.decode(s)) };
  }
  const source = tensor.data as NumericArray;
  const whole = source.byteOffset === 0 && source.byteLength === source.buffer.byteLength;
  const data = move && whole && source.buffer instanceof ArrayBuffer ? source : source.slice();
  transfer.add(data.buffer as ArrayBuffer);
  return { type, dims, data };
}

function fromWire({ type, dims, data }: WireTensor): Tensor {
  if (!Array.isArray(data)) return { type, dims, data };
  const encoder = new TextEncoder();
  const bytes = data.map(s => encoder.encode(s));
  return makeTensor(
    'string',
    dims.length === 0 && elementCount(dims) !== bytes.length ? [bytes.length] : dims,
    bytes,
  );
}

/** Runtime messages without source paths and newlines. */
function tidy(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/\/\S*\/onnxruntime\/\S+ /g, '')
    .trim();
}
