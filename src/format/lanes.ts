// The summation order every error sum and clipping sum follows, so that SIMD kernels equal the reference bit for bit:
// blocks of 4096 elements, 16 float32 lanes a block (element k in lane k mod 16), lanes folded into a float64 total.

const laneCount = 16;
const laneBlock = 4096;

/**
 * Sums float32 terms in the house order. The folding of one block is t[j] = (l[j] + l[j+4]) + (l[j+8] + l[j+12]) in
 * float32 for j = 0..3, then ((t0 + t1) + (t2 + t3)) in float64, added to the total.
 */
export class LaneSum {
  private readonly lanes = new Float32Array(laneCount);
  private position = 0;
  private total = 0;

  /** Adds the next term (rounded to float32). */
  add(term: number): void {
    const lane = this.position % laneCount;
    this.lanes[lane] = this.lanes[lane]! + Math.fround(term);
    if (++this.position === laneBlock) this.fold();
  }

  private fold(): void {
    const l = this.lanes;
    const t = (j: number): number =>
      Math.fround(Math.fround(l[j]! + l[j + 4]!) + Math.fround(l[j + 8]! + l[j + 12]!));
    this.total += t(0) + t(1) + (t(2) + t(3));
    l.fill(0);
    this.position = 0;
  }

  /** The total of all terms so far; the next term starts a new block. */
  sum(): number {
    if (this.position > 0) this.fold();
    return this.total;
  }
}
