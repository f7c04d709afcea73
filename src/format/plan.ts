// How a tensor is fed to the kernels: contiguous chunks of whole groups (or pieces of very long groups) that fit a cache.
// Refuses nothing.

import type { Geometry } from './layout.ts';

/** Elements a chunk aims at: its float32 values and codes stay in a second-level cache. */
export const chunkElements = 32768;

/** A tensor as rows x reduction x inner, cut every `width` steps of the reduction axis; a cut at one inner index is a run. */
export interface Plan {
  rows: number;
  reduction: number;
  inner: number;
  width: number;
  runs: number;
  /** Group of each run; undefined when run r is group r. */
  groupOfRun: Uint32Array | undefined;
}

/** One contiguous part of a plan. */
export interface Chunk {
  start: number;
  count: number;
  rows: number;
  reduction: number;
  firstRun: number;
  runs: number;
}

/** The runs of a geometry. Long groups of tensor and channel scaling become several runs of one group. */
export function planOf(g: Geometry): Plan {
  if (g.kind === 'vector') {
    const { outer: rows, reduction, inner, groups: runs } = g;
    return {
      rows,
      reduction,
      inner,
      width: Math.max(1, Math.min(g.width, reduction)),
      runs,
      groupOfRun: undefined,
    };
  }
  if (g.kind === 'channel' && g.channelStride === 1) {
    // channels innermost: lanes are channels
    const inner = Math.max(1, g.channels);
    const width = Math.max(1, Math.floor(chunkElements / inner));
    return runsOf(1, g.outer, inner, width, r => r % inner);
  }
  const rows = g.kind === 'channel' ? g.outer * g.channels : 1;
  const reduction = g.kind === 'channel' ? g.channelStride : g.count;
  const width = Math.max(1, Math.min(reduction, chunkElements));
  const blocks = Math.ceil(reduction / width);
  return runsOf(rows, reduction, 1, width, r => Math.floor(r / blocks) % Math.max(1, g.channels));
}

function runsOf(
  rows: number,
  reduction: number,
  inner: number,
  width: number,
  group: (run: number) => number,
): Plan {
  const runs = rows * Math.ceil(reduction / width) * inner;
  return {
    rows,
    reduction,
    inner,
    width,
    runs,
    groupOfRun: Uint32Array.from({ length: runs }, (_, r) => group(r)),
  };
}

/** The chunks of a plan, in memory order, about `chunkElements` each (one run of all inner indices at least). */
export function* chunksOf(plan: Plan): Generator<Chunk> {
  const { rows, reduction, inner, width } = plan;
  const row = reduction * inner;
  if (rows === 0 || row === 0) return;
  const blocks = Math.ceil(reduction / width);
  if (row <= chunkElements) {
    const step = Math.max(1, Math.floor(chunkElements / row));
    for (let r = 0; r < rows; r += step) {
      const n = Math.min(step, rows - r);
      const perRow = blocks * inner;
      yield { start: r * row, count: n * row, rows: n, reduction, firstRun: r * perRow, runs: n * perRow };
    }
    return;
  }
  const step = Math.max(1, Math.floor(chunkElements / (width * inner)));
  for (let r = 0; r < rows; r++) {
    for (let b = 0; b < blocks; b += step) {
      const n = Math.min(step, blocks - b);
      const length = Math.min(reduction, (b + n) * width) - b * width;
      yield {
        start: r * row + b * width * inner,
        count: length * inner,
        rows: 1,
        reduction: length,
        firstRun: (r * blocks + b) * inner,
        runs: n * inner,
      };
    }
  }
}

/** Rows of one channel when each channel's groups are contiguous and channels follow one another; undefined otherwise. */
export function rowsPerChannel(g: Geometry): number | undefined {
  const row = g.reduction * g.inner;
  if (g.kind !== 'vector' || g.count === 0 || g.channelStride * g.channels !== g.count) return undefined;
  return g.channelStride % row === 0 ? g.channelStride / row : undefined;
}
