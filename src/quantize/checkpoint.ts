// What a quantization has worked out, appended to a file layer by layer, so that a run that was stopped goes on where it was.
// A file belongs to one model, one set of options and one stream of data (by hash); another run's is not read. Refuses
// records that are cut short or changed: they and all after them are worked out again.

import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmdirSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { InputError } from '../core/errors.ts';
import { makeFolder } from '../core/files.ts';
import { packageVersion } from '../core/places.ts';
import { type Feeds, type Graph, serializeModel } from '../model/index.ts';

export interface CheckpointOptions {
  /** Where the file lies while the run lasts; it is made when first needed and removed at the end. */
  folder: string;
  /** Seconds of work after which what is known is written; default 5. 0: after every layer. */
  seconds?: number | undefined;
}

/** The identity of a run: everything its result depends on. */
export class RunKey {
  private readonly hash: Hash = createHash('sha256');

  constructor(graph: Graph, settings: unknown) {
    this.hash.update(JSON.stringify([packageVersion(), process.version, process.arch, settings]));
    // piece by piece: a network may be larger than one message
    for (const [name, { type, dims, data }] of graph.constants) {
      this.hash.update(JSON.stringify([name, type, dims]));
      if (ArrayBuffer.isView(data)) this.hash.update(data);
      else this.hash.update(JSON.stringify(data));
    }
    const bare = graph.clone();
    for (const name of [...bare.constants.keys()]) bare.removeConstant(name);
    this.hash.update(serializeModel(bare));
  }

  /** Takes in a batch; its place in the stream counts. */
  add(feeds: Feeds): void {
    for (const name of Object.keys(feeds).sort()) {
      const { type, dims, data } = feeds[name]!;
      this.hash.update(JSON.stringify([name, type, dims]));
      if (ArrayBuffer.isView(data)) this.hash.update(data);
      else this.hash.update(JSON.stringify(data));
    }
  }

  /** The key in hexadecimal; nothing can be added after. */
  finish(): string {
    return this.hash.digest('hex');
  }
}

/** Bytes before each record: its length and the first 8 of its hash. */
const head = 12;

export class Checkpoint {
  /** Layers' results that the file held when it was opened. */
  readonly resumed: number;
  private readonly path: string;
  private readonly folder: string;
  private readonly every: number;
  private readonly known = new Map<string, unknown>();
  private waiting: Uint8Array[] = [];
  private last = performance.now();
  private descriptor: number | undefined;

  constructor(key: string, options: CheckpointOptions) {
    this.folder = options.folder;
    this.every = (options.seconds ?? 5) * 1000;
    this.path = join(options.folder, `quantize-${key.slice(0, 24)}.checkpoint`);
    this.load();
    this.resumed = this.known.size;
  }

  get<T>(name: string): T | undefined {
    return this.known.get(name) as T | undefined;
  }

  /** Remembers a result; it is on disk at the latest `seconds` of work later. */
  put(name: string, value: unknown): void {
    const body = serialize([name, value]);
    const front = new Uint8Array(head);
    new DataView(front.buffer).setUint32(0, body.length, true);
    front.set(digest(body), 4);
    this.waiting.push(front, body);
    if (performance.now() - this.last >= this.every) this.flush();
  }

  /** Writes what waits. @throws InputError when the folder cannot be written */
  flush(): void {
    this.last = performance.now();
    if (this.waiting.length === 0) return;
    try {
      if (this.descriptor === undefined) {
        makeFolder(this.folder);
        this.descriptor = openSync(this.path, 'a');
      }
      const bytes = Buffer.concat(this.waiting);
      for (let at = 0; at < bytes.length; ) at += writeSync(this.descriptor, bytes, at);
    } catch (error) {
      throw new InputError(`cannot write (${(error as NodeJS.ErrnoException).code ?? 'error'})`, {
        file: this.path,
      });
    }
    this.waiting = [];
  }

  /** The run is stopping: keeps what is known. */
  close(): void {
    this.flush();
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }

  /** The run is done: leaves nothing behind, not even the folder when it is empty. */
  remove(): void {
    this.waiting = [];
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
    rmSync(this.path, { force: true });
    try {
      rmdirSync(this.folder);
    } catch {
      // not there, or not empty
    }
  }

  private load(): void {
    let bytes: Buffer;
    try {
      bytes = readFileSync(this.path);
    } catch {
      return;
    }
    let at = 0;
    while (at + head <= bytes.length) {
      const length = bytes.readUInt32LE(at);
      const body = bytes.subarray(at + head, at + head + length);
      if (body.length < length || !bytes.subarray(at + 4, at + head).equals(digest(body))) break;
      const [name, value] = deserialize(body) as [string, unknown];
      this.known.set(name, value);
      at += head + length;
    }
    if (at < bytes.length) truncateSync(this.path, at);
  }
}

function digest(body: Uint8Array): Buffer {
  return createHash('sha256').update(body).digest().subarray(0, 8);
}
