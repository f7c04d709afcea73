// A small grey drawing surface: polygons filled at four times the resolution, averaged down. Plain arithmetic only,
// so that the same numbers give the same pixels on every machine.

export type Point = readonly [number, number];

const OVERSAMPLING = 4;

/** Grey level at a place, in pixels of the final picture. */
export type Shade = number | ((x: number, y: number) => number);

export class Surface {
  readonly size: number;
  /** Width and height of the fine grid. */
  readonly fine: number;
  private readonly values: Float32Array;

  /** @param size width and height of the final picture in pixels */
  constructor(size: number) {
    this.size = size;
    this.fine = size * OVERSAMPLING;
    this.values = new Float32Array(this.fine * this.fine);
  }

  /** Fills a closed polygon (even-odd rule), corners in pixels of the final picture. Later fills cover earlier ones. */
  fill(corners: readonly Point[], shade: Shade): void {
    const crossings: number[] = [];
    for (let row = 0; row < this.fine; row++) {
      const y = (row + 0.5) / OVERSAMPLING;
      crossings.length = 0;
      for (let i = 0; i < corners.length; i++) {
        const [x0, y0] = corners[i]!;
        const [x1, y1] = corners[(i + 1) % corners.length]!;
        if (y0 <= y === y1 <= y) continue;
        crossings.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0));
      }
      crossings.sort((a, b) => a - b);
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const from = Math.max(0, Math.ceil(crossings[i]! * OVERSAMPLING - 0.5));
        const to = Math.min(this.fine, Math.ceil(crossings[i + 1]! * OVERSAMPLING - 0.5));
        for (let column = from; column < to; column++) {
          const x = (column + 0.5) / OVERSAMPLING;
          this.values[row * this.fine + column] = typeof shade === 'number' ? shade : shade(x, y);
        }
      }
    }
  }

  /** The picture: means of 4×4 fine pixels. */
  pixels(): Float32Array {
    const out = new Float32Array(this.size * this.size);
    for (let row = 0; row < this.fine; row++) {
      const at = Math.floor(row / OVERSAMPLING) * this.size;
      for (let column = 0; column < this.fine; column++) {
        out[at + Math.floor(column / OVERSAMPLING)]! += this.values[row * this.fine + column]!;
      }
    }
    for (let i = 0; i < out.length; i++) out[i]! /= OVERSAMPLING * OVERSAMPLING;
    return out;
  }
}
