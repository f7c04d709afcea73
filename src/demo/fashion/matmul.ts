// fp32 matrix products over arrays that live in one WASM memory, and the plain TypeScript they equal bit for bit.

import { BitwrightError } from '../../core/errors.ts';
import { ensureMemory, loadKernel } from '../../kernels/load.ts';

interface Exports {
  heapBase(): number;
  multiply(a: number, b: number, c: number, m: number, n: number, k: number, scratch: number): void;
  multiplyTransposed(a: number, b: number, c: number, m: number, n: number, k: number): void;
}

/** An instance of the kernel with room for `floats` fp32 values, handed out once and kept. */
export class MatrixArena {
  private readonly kernel: Exports & { memory: WebAssembly.Memory };
  private next: number;
  private readonly end: number;
  private readonly scratch: number;
  private readonly deepest: number;

  /** @param deepest the longest inner dimension `multiply` will meet */
  constructor(floats: number, deepest: number) {
    this.kernel = loadKernel<Exports>('matmul');
    this.deepest = deepest;
    this.scratch = (this.kernel.heapBase() + 15) & ~15;
    this.next = this.scratch + deepest * 64;
    this.end = this.next + floats * 4;
    ensureMemory(this.kernel.memory, this.end + 64);
  }

  /** A zeroed array, aligned to 16 bytes. @throws BitwrightError when the arena is full */
  array(length: number): Float32Array {
    const at = this.next;
    this.next += (length * 4 + 15) & ~15;
    if (this.next > this.end + 15) throw new BitwrightError('the matrix arena is full');
    return new Float32Array(this.kernel.memory.buffer, at, length);
  }

  /** c[m×n] = a[m×k]·b[k×n]; all three are arrays of this arena. */
  multiply(a: Float32Array, b: Float32Array, c: Float32Array, m: number, n: number, k: number): void {
    this.check(a, m * k, b, k * n, c, m * n);
    if (k > this.deepest) throw new BitwrightError(`inner dimension ${k} is past ${this.deepest}`);
    this.kernel.multiply(a.byteOffset, b.byteOffset, c.byteOffset, m, n, k, this.scratch);
  }

  /** c[m×n] = a[m×k]·b[n×k]ᵀ; all three are arrays of this arena. */
  multiplyTransposed(
    a: Float32Array,
    b: Float32Array,
    c: Float32Array,
    m: number,
    n: number,
    k: number,
  ): void {
    this.check(a, m * k, b, n * k, c, m * n);
    this.kernel.multiplyTransposed(a.byteOffset, b.byteOffset, c.byteOffset, m, n, k);
  }

  private check(a: Float32Array, na: number, b: Float32Array, nb: number, c: Float32Array, nc: number): void {
    const { buffer } = this.kernel.memory;
    const fits = (x: Float32Array, n: number): boolean => x.buffer === buffer && x.length >= n;
    if (!fits(a, na) || !fits(b, nb) || !fits(c, nc))
      throw new BitwrightError('matrix outside its arena or too short');
  }
}

const { fround } = Math;

/** The reference of `multiply`: sums from first to last, every step rounded to fp32. */
export function multiplyReference(
  a: Float32Array,
  b: Float32Array,
  m: number,
  n: number,
  k: number,
): Float32Array {
  const c = new Float32Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let t = 0; t < k; t++) sum = fround(sum + fround(a[i * k + t]! * b[t * n + j]!));
      c[i * n + j] = sum;
    }
  }
  return c;
}

/** The reference of `multiplyTransposed`: four interleaved sums, then the last k mod 4 products. */
export function multiplyTransposedReference(
  a: Float32Array,
  b: Float32Array,
  m: number,
  n: number,
  k: number,
): Float32Array {
  const c = new Float32Array(m * n);
  const whole = k - (k % 4);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      const s = [0, 0, 0, 0];
      const product = (t: number): number => fround(a[i * k + t]! * b[j * k + t]!);
      for (let t = 0; t < whole; t++) s[t % 4] = fround(s[t % 4]! + product(t));
      let sum = fround(fround(s[0]! + s[1]!) + fround(s[2]! + s[3]!));
      for (let t = whole; t < k; t++) sum = fround(sum + product(t));
      c[i * n + j] = sum;
    }
  }
  return c;
}
