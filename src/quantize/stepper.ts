// Runs a graph piece by piece over all calibration batches: asked for some values, it computes what they depend on and has not
// been run yet, then forgets what nobody needs any more. The graph may be changed in its part not yet run. Live activations
// beyond a budget wait in a temporary file, so that memory does not grow with the number of batches.
// Refuses feeds that do not fit the graph's inputs.

import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { AbortedError, InputError } from '../core/errors.ts';
import {
  checkFeed,
  type DataType,
  type Feeds,
  Graph,
  type GraphNode,
  GraphNode as Node,
  serializeModel,
} from '../model/index.ts';
import type { InputBatch } from './input-batch.ts';
import { type Extent, SpillFile } from './spill.ts';

export interface StepperOptions {
  threads?: number | undefined;
  /** Bytes of live activations kept in memory; default 16 MiB. */
  maxBytes?: number | undefined;
  signal?: AbortSignal | undefined;
}

type Bytes = Exclude<OrtTensor['data'], string[]>;

interface ArrayConstructor {
  new (buffer: ArrayBuffer, offset: number, length: number): Bytes;
  readonly BYTES_PER_ELEMENT: number;
}

/** A tensor in memory, or its place in the spill file. */
type Slot = { type: OrtTensor['type']; dims: readonly number[]; bytes: number } & (
  | { tensor: OrtTensor }
  | { extent: Extent; array: ArrayConstructor }
);

export class Stepper {
  readonly graph: Graph;
  private readonly live: Map<string, Slot>[] = [];
  private readonly done = new Set<string>();
  private readonly options: StepperOptions;
  private spill: SpillFile | undefined;
  private resident = 0;
  private buffer = new ArrayBuffer(0);

  constructor(graph: Graph, options: StepperOptions = {}) {
    this.graph = graph;
    this.options = options;
  }

  get batches(): number {
    return this.live.length;
  }

  /** Bytes of live activations in memory and on disk. */
  get held(): { memory: number; disk: number } {
    return { memory: this.resident, disk: this.spill?.size ?? 0 };
  }

  /** Adds a batch. @throws InputError when it does not fit the graph's inputs */
  feed(feeds: Feeds): void {
    const record = new Map<string, Slot>();
    for (const { name, type } of this.graph.inputs) {
      if (this.graph.constant(name) !== undefined) continue;
      const feed = feeds[name];
      if (feed === undefined) throw new InputError(`input '${name}' is not fed`, { file: this.graph.file });
      checkFeed(name, feed, type?.type, type?.shape, this.graph.file);
      record.set(name, this.keep(new OrtTensor(feed.type as never, feed.data as never, feed.dims), false));
    }
    this.live.push(record);
  }

  /**
   * Batches of a value that has been computed; each reads its data when asked for them, anew each time. What was spilled is
   * read into one buffer, so data is good only until that of another batch or value is asked for.
   */
  get(value: string): InputBatch[] {
    return this.live.map(record => {
      const slot = record.get(value);
      if (slot === undefined)
        throw new InputError(`value '${value}' is not at hand`, { file: this.graph.file });
      const load = (): OrtTensor => this.load(slot, this.shared);
      return {
        dims: slot.dims,
        get data() {
          return load().data as Float32Array;
        },
      };
    });
  }

  /** One buffer that grows: memory given back to the system piece by piece would not come back. */
  private readonly shared = (bytes: number): Uint8Array<ArrayBuffer> => {
    if (this.buffer.byteLength < bytes) this.buffer = new ArrayBuffer(bytes);
    return new Uint8Array(this.buffer, 0, bytes);
  };

  /** Gives up all activations and the temporary file. */
  close(): void {
    this.live.length = 0;
    this.resident = 0;
    this.spill?.close();
    this.spill = undefined;
  }

  /** Computes values and whatever they need. */
  async reach(values: readonly string[]): Promise<void> {
    const { graph, options } = this;
    const needed = this.pending(values);
    if (needed.length === 0) return;
    const names = new Set(needed.map(n => n.name));
    const piece = new Graph();
    piece.name = 'piece';
    piece.opsets = new Map(graph.opsets);
    piece.functions = [...graph.functions];
    piece.modelSource = graph.modelSource;
    const made = new Set(needed.flatMap(n => n.outputs));
    const inputs: string[] = [];
    for (const node of needed) {
      for (const input of [...node.inputs, ...node.captures]) {
        if (input === '' || made.has(input) || piece.has(input)) continue;
        const constant = graph.constant(input);
        if (constant !== undefined) piece.setConstant(input, constant);
        else {
          const type = this.live[0]?.get(input)?.type as DataType | undefined;
          piece.inputs.push({ name: input, type: { type: type ?? 'float32' } });
          inputs.push(input);
        }
      }
    }
    for (const node of needed) piece.insert(new Node(node));
    const wanted = new Set(values);
    const needLater = (value: string): boolean =>
      wanted.has(value) ||
      graph.isOutput(value) ||
      graph.consumers(value).some(n => !this.done.has(n.name) && !names.has(n.name));
    const outputs = [...made].filter(v => v !== '' && needLater(v));
    for (const name of outputs) piece.outputs.push({ name, type: undefined });
    const session = await InferenceSession.create(serializeModel(piece), {
      executionProviders: ['cpu'],
      intraOpNumThreads: options.threads ?? 1,
      logSeverityLevel: 4,
    });
    for (const name of names) this.done.add(name);
    // One buffer an input, used again for every batch: the runtime reads feeds only while it runs.
    const buffers = new Map<string, ArrayBuffer>();
    const scratch =
      (name: string) =>
      (bytes: number): Uint8Array<ArrayBuffer> => {
        let buffer = buffers.get(name);
        if (buffer === undefined || buffer.byteLength < bytes) {
          buffer = new ArrayBuffer(bytes);
          buffers.set(name, buffer);
        }
        return new Uint8Array(buffer, 0, bytes);
      };
    try {
      for (const record of this.live) {
        if (options.signal?.aborted === true) throw new AbortedError('stopped');
        const feeds: Record<string, OrtTensor> = {};
        for (const name of inputs) feeds[name] = this.load(record.get(name)!, scratch(name));
        const results = await session.run(feeds, outputs);
        for (const [name, slot] of record) {
          if (needLater(name)) continue;
          record.delete(name);
          this.forget(slot);
        }
        for (const name of outputs) record.set(name, this.keep(results[name]!, true));
        await new Promise(resolve => setImmediate(resolve)); // lets signals in
      }
    } finally {
      await session.release();
    }
  }

  /** @param owned the tensor was made here, so its memory may be given back */
  private keep(tensor: OrtTensor, owned: boolean): Slot {
    const { data, type, dims } = tensor;
    const bytes = Array.isArray(data) ? 0 : data.byteLength;
    const base = { type, dims, bytes };
    if (Array.isArray(data) || this.resident + bytes <= (this.options.maxBytes ?? 16 * 2 ** 20)) {
      this.resident += bytes;
      return { ...base, tensor };
    }
    this.spill ??= new SpillFile();
    const extent = this.spill.write(new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, bytes));
    if (owned) tensor.dispose();
    return { ...base, extent, array: data.constructor as unknown as ArrayConstructor };
  }

  private load(
    slot: Slot,
    allocate: (bytes: number) => Uint8Array<ArrayBuffer> = bytes => new Uint8Array(bytes),
  ): OrtTensor {
    if ('tensor' in slot) return slot.tensor;
    const bytes = allocate(slot.bytes);
    this.spill!.read(slot.extent, bytes);
    const length = slot.bytes / slot.array.BYTES_PER_ELEMENT;
    return new OrtTensor(slot.type as never, new slot.array(bytes.buffer, 0, length) as never, slot.dims);
  }

  private forget(slot: Slot): void {
    if ('tensor' in slot) this.resident -= slot.bytes;
    else this.spill!.release(slot.extent);
  }

  private pending(values: readonly string[]): GraphNode[] {
    const needed = new Set<GraphNode>();
    const stack = [...values];
    while (stack.length > 0) {
      const node = this.graph.producer(stack.pop()!);
      if (node === undefined || needed.has(node) || this.done.has(node.name)) continue;
      needed.add(node);
      stack.push(...node.inputs, ...node.captures);
    }
    return this.graph.order().filter(n => needed.has(n));
  }
}
