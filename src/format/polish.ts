// A short search by the true error around OCTAV's scalar, whose noise model misjudges heavy tails and masses near zero.
// 10 candidates from 0.8 s to the maximum, then 4 between the neighbours of the best: 14 evaluations at most.

/**
 * The best clip near `s` (0 < s <= max), float32.
 * @param error squared error of a clip; the first of equals wins
 */
export function polishClip(s: number, max: number, error: (clip: number) => number): number {
  const end = 1.3 * s;
  const candidates = [0.8 * s, 0.925 * s, s, 1.05 * s, 1.175 * s, end];
  if (end < max) {
    // huge outliers: the error may have a second minimum far above s
    const half = Math.sqrt(max / end);
    const quarter = Math.sqrt(half);
    candidates.push(end * quarter, end * half, end * half * quarter, max);
  }
  let best = s;
  let least = Number.POSITIVE_INFINITY;
  let at = 0;
  const attempt = (clip: number): boolean => {
    const rounded = Math.fround(clip);
    const e = error(rounded);
    if (!(e < least)) return false;
    least = e;
    best = rounded;
    return true;
  };
  candidates.forEach((c, i) => {
    if (attempt(Math.min(c, max))) at = i;
  });
  const left = Math.min(candidates[Math.max(at - 1, 0)]!, max);
  const right = Math.min(candidates[Math.min(at + 1, candidates.length - 1)]!, max);
  for (let i = 1; i <= 4; i++) attempt(left + ((right - left) * i) / 5);
  return best;
}
