// Bit-parallel evaluation of AND nodes and activity counts; reference: src/netlist/simulate-reference.ts.
// `memory` holds fan-in literal pairs and one row of 16 or 64 bytes a variable; addresses are byte offsets below 4 GiB.

@inline
function literalRow(values: usize, literal: u32, shift: u32): usize {
  return values + ((<usize>(literal >> 1)) << shift);
}

/** One v128 (128 vectors) a variable. fanins: pairs (fanin0, fanin1) of u32; first: variable of the first AND. */
export function evaluate1(fanins: usize, count: u32, values: usize, first: u32): void {
  let out = values + ((<usize>first) << 4);
  const end = fanins + ((<usize>count) << 3);
  for (; fanins < end; fanins += 8, out += 16) {
    const a = load<u32>(fanins);
    const b = load<u32>(fanins, 4);
    const x = v128.xor(v128.load(literalRow(values, a, 4)), i32x4.splat(-(<i32>(a & 1))));
    const y = v128.xor(v128.load(literalRow(values, b, 4)), i32x4.splat(-(<i32>(b & 1))));
    v128.store(out, v128.and(x, y));
  }
}

/** Four v128 (512 vectors) a variable. */
export function evaluate4(fanins: usize, count: u32, values: usize, first: u32): void {
  let out = values + ((<usize>first) << 6);
  const end = fanins + ((<usize>count) << 3);
  for (; fanins < end; fanins += 8, out += 64) {
    const a = load<u32>(fanins);
    const b = load<u32>(fanins, 4);
    const p = literalRow(values, a, 6);
    const q = literalRow(values, b, 6);
    const s = i32x4.splat(-(<i32>(a & 1)));
    const t = i32x4.splat(-(<i32>(b & 1)));
    v128.store(out, v128.and(v128.xor(v128.load(p), s), v128.xor(v128.load(q), t)));
    v128.store(out, v128.and(v128.xor(v128.load(p, 16), s), v128.xor(v128.load(q, 16), t)), 16);
    v128.store(out, v128.and(v128.xor(v128.load(p, 32), s), v128.xor(v128.load(q, 32), t)), 32);
    v128.store(out, v128.and(v128.xor(v128.load(p, 48), s), v128.xor(v128.load(q, 48), t)), 48);
  }
}

@inline
function popcount128(x: v128): u32 {
  const pairs = i16x8.extadd_pairwise_i8x16_u(i8x16.popcnt(x));
  const quads = i32x4.extadd_pairwise_i16x8_u(pairs);
  return i32x4.extract_lane(quads, 0) + i32x4.extract_lane(quads, 1) + i32x4.extract_lane(quads, 2) + i32x4.extract_lane(quads, 3);
}

/** ones[v] += set bits of values[v]; toggles[v] += bits that differ from previous[v]; then previous = values. */
export function activity(values: usize, previous: usize, ones: usize, toggles: usize, variables: u32, vectors: u32): void {
  for (let v: u32 = 0; v < variables; v++) {
    let one: u32 = 0;
    let toggle: u32 = 0;
    for (let k: u32 = 0; k < vectors; k++) {
      const x = v128.load(values);
      one += popcount128(x);
      toggle += popcount128(v128.xor(x, v128.load(previous)));
      v128.store(previous, x);
      values += 16;
      previous += 16;
    }
    store<u32>(ones, load<u32>(ones) + one);
    store<u32>(toggles, load<u32>(toggles) + toggle);
    ones += 4;
    toggles += 4;
  }
}
