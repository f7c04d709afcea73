// Loads a compiled kernel: dist/kernels/NAME.wasm, one instance with its own or a given memory.
// Refuses to compile sources at run time: the build does that.

import { readFileSync } from 'node:fs';
import { BitwrightError } from '../core/errors.ts';
import { distRoot } from '../core/places.ts';

const modules = new Map<string, WebAssembly.Module>();

/** The compiled module, cached per thread; it may be posted to a worker. */
export function kernelModule(name: string): WebAssembly.Module {
  let module = modules.get(name);
  if (module === undefined) {
    const url = new URL(`kernels/${name}.wasm`, distRoot);
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = readFileSync(url);
    } catch (error) {
      throw new BitwrightError(`kernel '${name}' is not built; run 'npm run build'`, {}, { cause: error });
    }
    module = new WebAssembly.Module(bytes);
    modules.set(name, module);
  }
  return module;
}

/**
 * Instantiates a kernel.
 * @param memory given when the kernel was compiled with --importMemory (shared or to be reused)
 * @returns its exports; `memory` among them
 */
export function loadKernel<Exports>(
  name: string,
  memory?: WebAssembly.Memory,
): Exports & { memory: WebAssembly.Memory } {
  const imports: WebAssembly.Imports = {
    env: {
      ...(memory === undefined ? {} : { memory }),
      abort: () => {
        throw new BitwrightError(`kernel '${name}' aborted`);
      },
    },
  };
  const instance = new WebAssembly.Instance(kernelModule(name), imports);
  return { ...(memory === undefined ? {} : { memory }), ...instance.exports } as Exports & {
    memory: WebAssembly.Memory;
  };
}

/** Grows `memory` so that at least `bytes` bytes exist. @throws BitwrightError past 4 GiB */
export function ensureMemory(memory: WebAssembly.Memory, bytes: number): void {
  const have = memory.buffer.byteLength;
  if (bytes <= have) return;
  if (bytes > 65536 * 65536)
    throw new BitwrightError(`a kernel needs ${bytes} bytes; WASM memory ends at 4 GiB`);
  memory.grow(Math.ceil((bytes - have) / 65536));
}
