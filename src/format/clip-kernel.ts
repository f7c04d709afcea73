// Clipping of every group of a tensor by the SIMD kernel: mse and octav for integer elements; max, percentile and entropy
// by the reference. Equal to groupClips of scales.ts to the bit. Takes finite values only (callers check).

import { ensureMemory, loadKernel } from '../kernels/load.ts';
import { type ClipMethod, defaultSweepBelow } from './clip.ts';
import { codeRange } from './element.ts';
import { forEachGroup, type Geometry } from './layout.ts';
import type { Element, IntElement } from './notation.ts';
import { octavConstant } from './octav.ts';
import { chunkElements } from './plan.ts';
import { groupClips } from './scales.ts';

/** What dist/kernels/clip.wasm exports; pointers are byte addresses. */
export interface ClipExports {
  octav(
    src: number,
    rows: number,
    reduction: number,
    width: number,
    signed: number,
    constant: number,
    updates: number,
    polish: number,
    sweepBelow: number,
    low: number,
    high: number,
    scratch: number,
    out: number,
  ): void;
  sweep(
    src: number,
    rows: number,
    reduction: number,
    width: number,
    signed: number,
    low: number,
    high: number,
    points: number,
    scratch: number,
    out: number,
  ): void;
  squaredErrors(
    src: number,
    rows: number,
    reduction: number,
    width: number,
    low: number,
    high: number,
    clips: number,
    candidates: number,
    scratch: number,
    out: number,
  ): void;
}

/** Past the static data of the module, which begins at 1024. */
const start = 8192;
let shared: (ClipExports & { memory: WebAssembly.Memory }) | undefined;

/** The clipping kernel of this thread. */
export function clipKernel(): ClipExports & { memory: WebAssembly.Memory } {
  shared ??= loadKernel<ClipExports>('clip');
  return shared;
}

/** Clipping magnitude of each group, as groupClips gives it. */
export function fastGroupClips(
  data: Float32Array,
  g: Geometry,
  element: Element,
  clip: ClipMethod,
): Float32Array {
  if (element.kind !== 'int' || (clip.method !== 'octav' && clip.method !== 'mse')) {
    return groupClips(data, g, element, clip);
  }
  const clips = new Float32Array(g.groups);
  const contiguous = g.inner === 1 && (g.kind !== 'channel' || g.outer === 1);
  if (!contiguous || g.kind === 'none') {
    forEachGroup(data, g, (values, group) => {
      clips.set(clipRows(values, 1, values.length, values.length, element, clip), group);
    });
    return clips;
  }
  const rows = g.kind === 'vector' ? g.outer : g.groups;
  const perRow = g.kind === 'vector' ? g.blocks : 1;
  const step = Math.max(1, Math.floor(chunkElements / Math.max(1, g.reduction)));
  for (let r = 0; r < rows && g.count > 0; r += step) {
    const n = Math.min(step, rows - r);
    const values = data.subarray(r * g.reduction, (r + n) * g.reduction);
    clips.set(clipRows(values, n, g.reduction, g.width, element, clip), r * perRow);
  }
  return clips;
}

/** Clips of the runs of contiguous rows. */
function clipRows(
  values: Float32Array,
  rows: number,
  reduction: number,
  width: number,
  element: IntElement,
  clip: ClipMethod & { method: 'octav' | 'mse' },
): Float32Array {
  const kernel = clipKernel();
  const cut = Math.max(1, Math.min(width, reduction));
  const runs = rows * Math.ceil(reduction / cut);
  const scratch = align(start + 4 * values.length);
  const out = align(scratch + 8 * (cut + 64));
  ensureMemory(kernel.memory, out + 4 * runs);
  new Float32Array(kernel.memory.buffer, start, values.length).set(values);
  const { low, high } = codeRange(element);
  const signed = element.signed ? 1 : 0;
  if (clip.method === 'mse') {
    kernel.sweep(start, rows, reduction, cut, signed, low, high, clip.points ?? 100, scratch, out);
  } else {
    const c = octavConstant(element, clip.constant);
    const polish = clip.polish === false ? 0 : 1;
    const below = clip.sweepBelow ?? defaultSweepBelow;
    const updates = clip.updates ?? 10;
    kernel.octav(start, rows, reduction, cut, signed, c, updates, polish, below, low, high, scratch, out);
  }
  return new Float32Array(kernel.memory.buffer, out, runs).slice();
}

function align(address: number): number {
  return Math.ceil(address / 64) * 64;
}
