// The number format kernels with their memory: an arena whose regions are reused from call to call and grow on demand.
// Refuses nothing: callers (fast.ts, the bench) hand sizes that fit. Source: kernels/assembly/format.ts.

import { ensureMemory, loadKernel } from '../kernels/load.ts';

/** What dist/kernels/format.wasm exports; pointers and sizes are byte addresses and element counts. */
export interface FormatExports {
  maxima(
    src: number,
    rows: number,
    reduction: number,
    inner: number,
    width: number,
    mask: number,
    out: number,
  ): number;
  quantize(
    src: number,
    rows: number,
    reduction: number,
    inner: number,
    width: number,
    divisors: number,
    low: number,
    high: number,
    dst: number,
  ): void;
  encodeTwoLevel(
    src: number,
    channels: number,
    rows: number,
    reduction: number,
    inner: number,
    width: number,
    mask: number,
    low: number,
    high: number,
    top: number,
    given: number,
    paper: number,
    wide: number,
    coarse: number,
    scaleCodes: number,
    dst: number,
    clips: number,
    effective: number,
    divisors: number,
  ): number;
  dequantize(
    src: number,
    rows: number,
    reduction: number,
    inner: number,
    width: number,
    scales: number,
    signed: number,
    dst: number,
  ): void;
  decodeTwoLevel(
    src: number,
    channels: number,
    rows: number,
    reduction: number,
    inner: number,
    width: number,
    signed: number,
    wide: number,
    coarse: number,
    scaleCodes: number,
    dst: number,
    scales: number,
  ): void;
  pack(src: number, count: number, dst: number): void;
  unpack(src: number, count: number, signed: number, dst: number): void;
}

/** Mask of a float32's bits that leaves the magnitude the maxima compare: |x|, or max(x, 0) of unsigned elements. */
export const magnitudeMask = (signed: boolean): number => (signed ? 0x7fffffff : -1);

/** Bit pattern from which on a magnitude is not finite. */
export const nonFiniteBits = 0x7f800000;

/** Bytes a kernel may read or write past the end of a region. */
const slack = 64;
/** Past the static data of the module. */
const arenaStart = 4096;

/**
 * One kernel instance and its memory. `layOut` gives regions by byte length; their addresses stay valid until the next
 * `layOut`, views until the memory grows. One instance serves one thread.
 */
export class FormatKernel {
  readonly run: FormatExports & { memory: WebAssembly.Memory };

  constructor() {
    this.run = loadKernel<FormatExports>('format');
  }

  /** Addresses of regions of the given byte lengths, 64-byte aligned. @throws BitwrightError past 4 GiB */
  layOut(...bytes: number[]): number[] {
    let top = arenaStart;
    const addresses = bytes.map(n => {
      const at = top;
      top = Math.ceil((top + n + slack) / 64) * 64;
      return at;
    });
    ensureMemory(this.run.memory, top);
    return addresses;
  }

  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.run.memory.buffer, address, length);
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.run.memory.buffer, address, length);
  }
}

let shared: FormatKernel | undefined;

/** The instance the entry functions of this thread share. */
export function formatKernel(): FormatKernel {
  shared ??= new FormatKernel();
  return shared;
}
