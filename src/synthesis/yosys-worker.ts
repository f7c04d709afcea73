// Worker entry: runs Yosys compiled to WASM, which blocks its thread and cannot be interrupted from inside.
// Refuses nothing: the caller owns the timeout and terminates the worker.

import { parentPort } from 'node:worker_threads';
import { runYosys, type Tree } from '@yowasp/yosys';
import { growFilesByDoubling } from './growing-files.ts';

export interface YosysRequest {
  args: string[];
  /** Path (folders with '/') and content. */
  files: Record<string, string | Uint8Array>;
  /** Name of the file that standard output becomes. */
  captured?: string | undefined;
}

export interface YosysReply {
  files: Record<string, Uint8Array>;
  log: string;
  /** Exit code of Yosys; -1 when it crashed (WASM trap, out of memory). */
  code: number;
}

/** The last part of a log is what matters; a chatty pass must not fill the memory. */
const logLimit = 4 << 20;

function toTree(files: Record<string, string | Uint8Array>): Tree {
  const root: Tree = {};
  for (const [path, content] of Object.entries(files)) {
    const parts = path.split('/');
    let folder = root;
    for (const part of parts.slice(0, -1)) folder = (folder[part] ??= {}) as Tree;
    folder[parts[parts.length - 1]!] = content;
  }
  return root;
}

function fromTree(tree: Tree, prefix: string, into: Record<string, Uint8Array>): void {
  for (const [name, value] of Object.entries(tree)) {
    if (typeof value === 'string') into[prefix + name] = new TextEncoder().encode(value);
    // a message takes the whole buffer along, and that of a grown file is up to twice its size
    else if (value instanceof Uint8Array) into[prefix + name] = value.slice();
    else fromTree(value, `${prefix}${name}/`, into);
  }
}

async function run(request: YosysRequest): Promise<YosysReply> {
  const parts: string[] = [];
  let length = 0;
  const decoder = new TextDecoder();
  const take = (bytes: Uint8Array | null): void => {
    if (bytes === null) return;
    const text = decoder.decode(bytes, { stream: true });
    parts.push(text);
    length += text.length;
    while (length > logLimit && parts.length > 1) length -= parts.shift()!.length;
  };
  const files: Record<string, Uint8Array> = {};
  const chunks: Uint8Array[] = [];
  const capture = (bytes: Uint8Array | null): void => {
    if (bytes !== null) chunks.push(bytes.slice());
  };
  let code = 0;
  try {
    const tree = await runYosys(request.args, toTree(request.files), {
      stdout: request.captured === undefined ? take : capture,
      stderr: take,
      decodeASCII: false,
    });
    if (tree !== undefined) fromTree(tree, '', files);
  } catch (error) {
    const exit = error as { code?: unknown; files?: Tree };
    code = typeof exit.code === 'number' ? exit.code : -1;
    if (code === -1) parts.push(`\n${String((error as Error).message)}\n`);
  }
  for (const path of Object.keys(request.files)) delete files[path];
  if (request.captured !== undefined) {
    if (code === 0) files[request.captured] = Buffer.concat(chunks);
    else for (const chunk of chunks) take(chunk);
  }
  return { files, log: parts.join(''), code };
}

const ready = growFilesByDoubling();

parentPort!.on('message', (request: YosysRequest) => {
  void ready.then(() => run(request)).then(reply => parentPort!.postMessage(reply));
});
