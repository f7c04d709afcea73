// Files that Yosys writes grow by doubling: @yowasp/yosys copies a whole file at every 4 KiB written, which is half of the time
// of a large netlist (ABC is handed and hands back megabytes of BLIF). Refuses anything but appending, which stays as it was.

import { runYosys } from '@yowasp/yosys';

/** What the streams of the runtime have in common; files have the last two. */
interface Stream {
  blockingWriteAndFlush(contents: Uint8Array): void;
  file?: { data?: unknown };
  offset?: unknown;
}

/**
 * Changes how the runtime of this thread appends to files; what files hold stays the same. Does nothing where the runtime is
 * not built as expected.
 */
export async function growFilesByDoubling(): Promise<void> {
  let stream: Stream | undefined;
  const take = function (this: Stream): void {
    stream = this;
  };
  // the only way to the class of the streams: one of them calls back
  await runYosys(['--version'], {}, { stdout: take, stderr: take, decodeASCII: false });
  const shared: unknown = stream && Object.getPrototypeOf(Object.getPrototypeOf(stream));
  if (isStream(shared)) replaceAppend(shared);
}

function isStream(x: unknown): x is Stream {
  return typeof x === 'object' && x !== null && Object.hasOwn(x, 'blockingWriteAndFlush');
}

/** Exported for its test. */
export function replaceAppend(prototype: Stream): void {
  const original = prototype.blockingWriteAndFlush;
  /** Buffers made here: each is one file's, and what lies behind its end is free. */
  const growing = new WeakSet<ArrayBufferLike>();
  prototype.blockingWriteAndFlush = function (contents: Uint8Array): void {
    const { file, offset } = this;
    const data = file?.data;
    if (!(data instanceof Uint8Array) || offset !== BigInt(data.length)) {
      original.call(this, contents);
      return;
    }
    const length = data.length + contents.length;
    let { buffer } = data;
    if (!growing.has(buffer) || length > buffer.byteLength) {
      buffer = new ArrayBuffer(Math.max(16_384, 2 * length));
      growing.add(buffer);
      new Uint8Array(buffer).set(data);
    }
    const grown = new Uint8Array(buffer, 0, length);
    grown.set(contents, data.length);
    file!.data = grown;
    this.offset = BigInt(length);
  };
}
