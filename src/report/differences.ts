// Marks where a recognised text differs from the truth, by a shortest edit script over graphemes.
// Refuses texts too long to align (4,000 graphemes): those come back unmarked.

import type { Span } from './model.ts';

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * `text` as spans: characters that agree with `truth` plain, wrong or surplus ones `wrong`, and the truth's
 * characters that are absent from `text` as `missing`.
 */
export function markDifferences(truth: string, text: string): Span[] {
  const a = Array.from(segmenter.segment(truth), s => s.segment);
  const b = Array.from(segmenter.segment(text), s => s.segment);
  if (a.length > 4000 || b.length > 4000) return [{ text }];
  const width = b.length + 1;
  const d = new Uint16Array((a.length + 1) * width);
  for (let i = 0; i <= a.length; i++) d[i * width] = i;
  for (let j = 0; j <= b.length; j++) d[j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const change = d[(i - 1) * width + j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      d[i * width + j] = Math.min(change, d[(i - 1) * width + j]! + 1, d[i * width + j - 1]! + 1);
    }
  }
  const reversed: Span[] = [];
  const push = (piece: string, style?: 'wrong' | 'missing'): void => {
    const last = reversed[reversed.length - 1];
    if (last !== undefined && last.style === style) last.text = piece + last.text;
    else reversed.push(style === undefined ? { text: piece } : { text: piece, style });
  };
  let i = a.length;
  let j = b.length;
  while (i > 0 || j > 0) {
    const here = d[i * width + j]!;
    const same = i > 0 && j > 0 && a[i - 1] === b[j - 1];
    if (i > 0 && j > 0 && here === d[(i - 1) * width + j - 1]! + (same ? 0 : 1)) {
      push(b[j - 1]!, same ? undefined : 'wrong');
      i--;
      j--;
    } else if (j > 0 && here === d[i * width + j - 1]! + 1) push(b[--j]!, 'wrong');
    else push(a[--i]!, 'missing');
  }
  return reversed.reverse();
}
