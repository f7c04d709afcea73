// 1/d as a mantissa and a shift: d = 2^k f with f in [1, 2); piecewise lines give 1/f in (0.5, 1], the shift k goes along.
// Without the shift a plain fixed-point reciprocal of 7 fraction bits would be 0 for every d above 256.
// Coefficients are found by search over all integer pairs near the chord: least largest error after rounding, then least
// mean square. Refuses nothing.

import type { SoftermaxParameters } from './parameters.ts';

/** Extra bits of the line below the mantissa. */
const guardBits = 4;

export interface ReciprocalTable {
  segmentBits: number;
  placeBits: number;
  guardBits: number;
  /** Per segment: value at its start with the rounding constant inside, and fall per step of the place. */
  intercept: number[];
  slope: number[];
}

const cache = new Map<string, ReciprocalTable>();

/** The fitted table; the same for every width of the sum. */
export function reciprocalTable(parameters: SoftermaxParameters): ReciprocalTable {
  const { reciprocalSegments, reciprocalPlace: placeBits } = parameters;
  const { fractionBits } = parameters.reciprocal;
  const key = `${reciprocalSegments} ${placeBits} ${fractionBits}`;
  let table = cache.get(key);
  if (table === undefined) {
    const segmentBits = Math.log2(reciprocalSegments);
    table = { segmentBits, placeBits, guardBits, intercept: [], slope: [] };
    for (let s = 0; s < reciprocalSegments; s++) {
      const { intercept, slope } = fitSegment(s, reciprocalSegments, placeBits, fractionBits);
      table.intercept.push(intercept);
      table.slope.push(slope);
    }
    cache.set(key, table);
  }
  return table;
}

function fitSegment(
  segment: number,
  segments: number,
  placeBits: number,
  fractionBits: number,
): { intercept: number; slope: number } {
  const steps = 2 ** placeBits;
  const unit = 2 ** fractionBits;
  const scale = unit * 2 ** guardBits;
  // f runs over [low, high) within one step: the error is largest at an end.
  const low = (i: number): number => 1 + (segment + i / steps) / segments;
  const chord = steps === 1 ? 0 : (scale * (1 / low(0) - 1 / low(steps))) / steps;
  const start = scale / low(0.5) + 2 ** (guardBits - 1);
  let best = { intercept: 0, slope: 0, worst: Number.POSITIVE_INFINITY, square: Number.POSITIVE_INFINITY };
  const reach = 2 ** guardBits + Math.ceil(chord);
  for (let slope = Math.max(0, Math.floor(chord) - 2); slope <= Math.ceil(chord) + 2; slope++) {
    if (steps === 1 && slope > 0) break;
    for (let c = Math.floor(start) - reach; c <= start + reach; c++) {
      let worst = 0;
      let square = 0;
      for (let i = 0; i < steps && worst <= best.worst; i++) {
        const value = (c - slope * i) >> guardBits;
        if (value > unit) worst = Number.POSITIVE_INFINITY;
        const a = value - unit / low(i);
        const b = value - unit / low(i + 1);
        worst = Math.max(worst, Math.abs(a), Math.abs(b));
        square += a * a + b * b;
      }
      if (worst < best.worst || (worst === best.worst && square < best.square))
        best = { intercept: c, slope, worst, square };
    }
  }
  return best;
}

/** Mantissa for a sum code above 0: floor of the line over the bits below the leading one; lower bits are dropped. */
export function reciprocalMantissa(table: ReciprocalTable, sum: number): { mantissa: number; lead: number } {
  const lead = 31 - Math.clz32(sum);
  const { segmentBits, placeBits } = table;
  const bits = segmentBits + placeBits;
  const fraction = sum - 2 ** lead;
  const index = lead >= bits ? fraction >> (lead - bits) : fraction << (bits - lead);
  const segment = index >> placeBits;
  const place = index - (segment << placeBits);
  return { mantissa: (table.intercept[segment]! - table.slope[segment]! * place) >> table.guardBits, lead };
}
