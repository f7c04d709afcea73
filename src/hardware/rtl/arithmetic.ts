// Sums, products, comparisons and balanced trees on nets: each result has the fewest bits its exact range needs.
// Refuses to round or saturate: that is the unit's decision.

import { type Module, operate } from './module.ts';
import { constant, type Net, ranged, resize, slice } from './net.ts';

/** Lanes of a packed net: lane i is a wire `name_i` in the range given (signed when low is negative). */
export function lanes(
  m: Module,
  name: string,
  packed: Net,
  count: number,
  bits: number,
  low: number,
  high: number,
): Net[] {
  return Array.from({ length: count }, (_, i) => lane(m, `${name}_${i}`, packed, i * bits, bits, low, high));
}

/** One integer of `bits` bits at bit `at` of a packed net, as a wire with its sign and known range. */
export function lane(
  m: Module,
  name: string,
  packed: Net,
  at: number,
  bits: number,
  low: number,
  high: number,
): Net {
  const part = slice(packed, at, bits);
  return m.wire(name, { text: part.text, width: bits, signed: low < 0, low, high });
}

/** a + b as a wire. */
export function add(m: Module, name: string, a: Net, b: Net): Net {
  return combine(m, name, '+', a, b, a.low + b.low, a.high + b.high);
}

/** a - b as a wire. */
export function subtract(m: Module, name: string, a: Net, b: Net): Net {
  return combine(m, name, '-', a, b, a.low - b.high, a.high - b.low);
}

/** a × b as a wire. */
export function multiply(m: Module, name: string, a: Net, b: Net): Net {
  const corners = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high];
  return combine(m, name, '*', a, b, Math.min(...corners) + 0, Math.max(...corners) + 0);
}

function combine(
  m: Module,
  name: string,
  op: '+' | '-' | '*',
  a: Net,
  b: Net,
  low: number,
  high: number,
): Net {
  const signed = low < 0 || a.signed || b.signed;
  const like = ranged('', low, high, signed);
  // operands as wide as the result: Verilog then computes in that width and no bit is lost or invented
  const width = Math.max(
    like.width,
    a.signed === signed ? a.width : a.width + 1,
    b.signed === signed ? b.width : b.width + 1,
  );
  if (width === like.width) return m.wire(name, operate(op, a, b, low, high, like));
  const wide = m.wire(`${name}_wide`, operate(op, a, b, low, high, { ...like, width }));
  return m.wire(name, resize(wide, like.width));
}

/** Balanced tree of `pair` over the nets; wires are called name_LEVEL_INDEX, the root `name`. */
export function tree(
  m: Module,
  name: string,
  nets: readonly Net[],
  pair: (m: Module, name: string, a: Net, b: Net) => Net,
): Net {
  let level = [...nets];
  if (level.length === 1) return m.wire(name, level[0]!);
  for (let depth = 1; level.length > 1; depth++) {
    const next: Net[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const b = level[i + 1];
      if (b === undefined) next.push(level[i]!);
      else next.push(pair(m, level.length === 2 ? name : `${name}_${depth}_${i / 2}`, level[i]!, b));
    }
    level = next;
  }
  return level[0]!;
}

/** The larger of two nets of the same width and sign. */
export function larger(m: Module, name: string, a: Net, b: Net): Net {
  const low = Math.max(a.low, b.low);
  const high = Math.max(a.high, b.high);
  const text = `(${a.text} > ${b.text}) ? ${a.text} : ${b.text}`;
  return m.wire(name, { text, width: a.width, signed: a.signed, low, high });
}

/** |a| as an unsigned wire. */
export function magnitude(m: Module, name: string, a: Net): Net {
  if (!a.signed) return m.wire(name, a);
  const high = Math.max(-a.low, a.high);
  const like = ranged('', 0, high);
  const negated = m.wire(`${name}_negated`, {
    ...a,
    text: `${constant(0, a.width, true).text} - ${a.text}`,
    low: -a.high,
    high: -a.low,
  });
  const sign = slice(a, a.width - 1, 1).text;
  if (like.width < a.width) m.unused(slice(negated, like.width, a.width - like.width));
  // -low may need the sign bit as a value bit: both are the same bits read as unsigned
  const take = (x: Net): string =>
    like.width === a.width ? `$unsigned(${x.text})` : slice(x, 0, like.width).text;
  return m.wire(name, { ...like, text: `${sign} ? ${take(negated)} : ${take(a)}` });
}

/** A named net shifted right by a constant: floor(a / 2^by). */
export function shiftRight(m: Module, name: string, a: Net, by: number): Net {
  if (by === 0) return m.wire(name, a);
  const low = Math.floor(a.low / 2 ** by);
  const high = Math.floor(a.high / 2 ** by);
  if (by >= a.width) return m.wire(name, { ...constant(0, 1), low: 0, high: 0 });
  const part = slice(a, by, a.width - by);
  return m.wire(name, { text: part.text, width: part.width, signed: a.signed, low, high });
}
