// Non-linear delay model tables: up to three axes, linear between the grid points and beyond them (as other timing
// analysers do). Refuses axes that do not rise and values that are not finite; holds no units.

/** What an axis runs along, by its place in `evaluate`: 0 slew (or data slew), 1 load (or clock slew), 2 related load. */
export type Slot = 0 | 1 | 2;

export interface TableAxis {
  slot: Slot;
  /** Strictly rising grid points. */
  index: Float64Array;
}

/** A table over zero to three axes; zero axes make a scalar. Values run with the last axis fastest. */
export class LookupTable {
  readonly axes: readonly TableAxis[];
  readonly values: Float64Array;

  constructor(axes: readonly TableAxis[], values: Float64Array) {
    this.axes = axes;
    this.values = values;
  }

  /** A table that is the same everywhere. */
  static scalar(value: number): LookupTable {
    return new LookupTable([], Float64Array.of(value));
  }

  /**
   * The value at a point: linear along every axis inside the grid, the outermost segment continued outside it.
   * Axes the table does not have are ignored; an axis of one point is constant.
   */
  evaluate(x0: number, x1 = 0, x2 = 0): number {
    const { axes, values } = this;
    switch (axes.length) {
      case 0:
        return values[0]!;
      case 1: {
        const a = axes[0]!;
        const x = pick(a.slot, x0, x1, x2);
        const i = segment(a.index, x);
        const t = fraction(a.index, i, x);
        return mix(values[i]!, values[i + 1], t);
      }
      case 2: {
        const [a, b] = axes as [TableAxis, TableAxis];
        const x = pick(a.slot, x0, x1, x2);
        const y = pick(b.slot, x0, x1, x2);
        return this.plane(0, a.index, b.index, x, y);
      }
      default: {
        const [a, b, c] = axes as [TableAxis, TableAxis, TableAxis];
        const x = pick(a.slot, x0, x1, x2);
        const y = pick(b.slot, x0, x1, x2);
        const z = pick(c.slot, x0, x1, x2);
        const i = segment(a.index, x);
        const size = b.index.length * c.index.length;
        const low = this.plane(i * size, b.index, c.index, y, z);
        if (a.index.length === 1) return low;
        return mix(low, this.plane((i + 1) * size, b.index, c.index, y, z), fraction(a.index, i, x));
      }
    }
  }

  /** Two axes of `values` from an offset on. */
  private plane(at: number, rows: Float64Array, columns: Float64Array, x: number, y: number): number {
    const { values } = this;
    const i = segment(rows, x);
    const j = segment(columns, y);
    const u = fraction(columns, j, y);
    const n = columns.length;
    const p = at + i * n + j;
    const low = n === 1 ? values[p]! : mix(values[p]!, values[p + 1], u);
    if (rows.length === 1) return low;
    const q = p + n;
    return mix(low, n === 1 ? values[q]! : mix(values[q]!, values[q + 1], u), fraction(rows, i, x));
  }

  /** A copy with every value multiplied. */
  scaled(factor: number): LookupTable {
    return new LookupTable(
      this.axes,
      this.values.map(x => x * factor),
    );
  }
}

function pick(slot: Slot, x0: number, x1: number, x2: number): number {
  return slot === 0 ? x0 : slot === 1 ? x1 : x2;
}

/** Left end of the segment that holds x, or of the outermost one. */
function segment(index: Float64Array, x: number): number {
  const last = index.length - 2;
  let i = 0;
  while (i < last && x >= index[i + 1]!) i++;
  return i;
}

function fraction(index: Float64Array, i: number, x: number): number {
  return index.length === 1 ? 0 : (x - index[i]!) / (index[i + 1]! - index[i]!);
}

function mix(low: number, high: number | undefined, t: number): number {
  return t === 0 || high === undefined ? low : low + t * (high - low);
}
