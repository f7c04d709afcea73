// NPN classes of four-variable functions: which functions are equal up to permuting and complementing inputs and
// complementing the output. Refuses more than four variables.

let cached: Uint8Array | undefined;

/** Number of NPN classes of four variables. */
export const npnClasses = 222;

/** Class 0..221 of each of the 65536 truth tables, classes numbered by their least table. Computed once, about 20 ms. */
export function npnTable(): Uint8Array {
  if (cached !== undefined) return cached;
  const table = new Uint8Array(65536).fill(255);
  const stack: number[] = [];
  let next = 0;
  for (let start = 0; start < 65536; start++) {
    if (table[start] !== 255) continue;
    const id = next++;
    table[start] = id;
    stack.push(start);
    while (stack.length > 0) {
      const t = stack.pop()!;
      for (let g = 0; g < 5; g++) {
        const u = generator(t, g);
        if (table[u] !== 255) continue;
        table[u] = id;
        stack.push(u);
      }
    }
  }
  cached = table;
  return table;
}

/** Complement the output, complement variable 0, swap variables 0-1, 1-2, 2-3: these generate the group. */
function generator(t: number, g: number): number {
  switch (g) {
    case 0:
      return ~t & 0xffff;
    case 1:
      return ((t & 0x5555) << 1) | ((t & 0xaaaa) >> 1);
    case 2:
      return (t & 0x9999) | ((t & 0x2222) << 1) | ((t & 0x4444) >> 1);
    case 3:
      return (t & 0xc3c3) | ((t & 0x0c0c) << 2) | ((t & 0x3030) >> 2);
    default:
      return (t & 0xf00f) | ((t & 0x00f0) << 4) | ((t & 0x0f00) >> 4);
  }
}
