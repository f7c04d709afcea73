// The product of an LNS lane: exponents added, then decoded into one line of quotients × bins × signs in three steps, so
// that few gates see a change: pairs of bits, rows (quotients) and columns (sign, bin), a row and a column.
// Modules of their own keep synthesis from merging the steps. Lines are active low: the trees begin with NAND gates.

import type { RtlFile } from '../../synthesis/rtl.ts';
import { Module, net } from '../rtl/index.ts';
import type { LnsMacPlan } from './options.ts';

/** Steps stay apart when they are mapped: merged, each line would see many more changes. */
const boundary = { boundary: true };

/** Whether lines leave a product active low: with copies a gate more makes them active high. */
export function linesAreLow({ mitchellBits }: LnsMacPlan): boolean {
  return mitchellBits === 0;
}

/**
 * NAME(w, a, live) -> plus_n, minus_n (plus, minus where lines are active high): the lines of one product, lut × termBits of
 * each sign, none when not live.
 */
export function lnsProductModules(name: string, gates: string, plan: LnsMacPlan): RtlFile[] {
  const { bits, lut, termBits, drop, topQuotient, remainderBits, binBits, mitchellBits, gamma } = plan;
  const n = bits - 1;
  // all quotients kept have the top bit of the sum: it is a condition, not a bit to decode
  const topBit = drop * gamma >= 2 ** n;
  const sumBits = topBit ? n : bits;
  // the lowest two bits of the sum come inverted where only decoders read them: two gates less
  const inverted = mitchellBits === 0 && n > 2 ? 2 : 0;
  const low = linesAreLow(plan);
  const [plusPort, minusPort] = low ? ['plus_n', 'minus_n'] : ['plus', 'minus'];
  const active = low ? 'active low' : 'active high';
  const m = new Module(name, [
    `Product of two ${plan.format} codes as lines, ${active}: quotient, bin and sign select one of them;`,
    'remainder bits left to Mitchell add copies one or more places lower. An exponent of 0 is zero.',
  ]);
  m.input('w', bits);
  m.input('a', bits);
  m.input('live');
  m.output(plusPort!, lut * termBits);
  m.output(minusPort!, lut * termBits);
  m.raw(`wire [${sumBits - 1}:0] p;`, 'wire negative;', 'wire on;');
  m.instance(`${name}_exponent`, 'u_exponent', {
    w: 'w',
    a: 'a',
    live: 'live',
    p: 'p',
    negative: 'negative',
    on: 'on',
  });

  const predecode = new Module(`${name}_predecode`, ['Groups of bits to lines, active low.'], boundary);
  predecode.input('p', sumBits - mitchellBits);
  predecode.input('negative');
  predecode.input('on');
  const lines = new Module(
    `${name}_lines`,
    ['Rows: quotients. Columns: sign and bin, and each with a remainder bit left to Mitchell.'],
    boundary,
  );
  const grid = new Module(`${name}_grid`, ['A line is a row and a column; active low.'], boundary);
  const toPredecode: Record<string, string> = {
    p: mitchellBits === 0 ? 'p' : `p[${sumBits - 1}:${mitchellBits}]`,
    negative: 'negative',
    on: 'on',
  };
  const toLines: Record<string, string> = {};
  const toGrid: Record<string, string> = low ? { plus_n: 'plus_n', minus_n: 'minus_n' } : {};
  const merge = new Module(
    `${name}_merge`,
    ['Copies of a product are lines of it: at most one of each is there.'],
    boundary,
  );
  const toMerge: Record<string, string> = { plus: 'plus', minus: 'minus' };

  /** Predecoded lines that belong to no quotient kept. */
  const idle = new Set<string>();

  /** Predecodes two halves of the bits given; returns the lines that are 0 when the bits are `code`. */
  const axis = (id: string, names: readonly string[], gate: string): ((code: number) => string[]) => {
    const half = Math.floor(names.length / 2);
    const parts = [names.slice(0, half), names.slice(half)].filter(part => part.length > 0);
    parts.forEach((part, k) => {
      const port = `${id}_${k}`;
      const size = 2 ** part.length;
      predecode.output(port, size);
      const gated = k === parts.length - 1 && gate !== '';
      if (part.length === 2) {
        const [low, high] = part.map(x => x.replace('~', '')) as [string, string];
        const on = gated ? { on: gate } : {};
        predecode.instance(`${gates}_four${gated ? '_on' : ''}`, `u_${port}`, { high, low, ...on, n: port });
      }
      for (let v = 0; v < size && part.length !== 2; v++) {
        const literals = part.map((x, t) => ((v >> t) & 1 ? x : `~${x}`.replace('~~', '')));
        if (gated) literals.push(gate);
        predecode.raw(`assign ${port}[${v}] = ~(${literals.join(' & ')});`);
      }
      m.raw(`wire [${size - 1}:0] ${port};`);
      lines.input(port, size);
      toPredecode[port] = toLines[port] = port;
      for (let v = 0; v < size; v++) idle.add(`${port}[${v}]`);
    });
    return code => {
      let rest = code;
      return parts.map((part, k) => {
        // the decoder of two bits has inverted ones as they are: its lines are renamed
        const flip =
          part.length !== 2 ? 0 : part.reduce((sum, x, t) => sum + (x.startsWith('~') ? 2 ** t : 0), 0);
        const v = (rest % 2 ** part.length) ^ flip;
        rest = Math.floor(rest / 2 ** part.length);
        idle.delete(`${id}_${k}[${v}]`);
        return `${id}_${k}[${v}]`;
      });
    };
  };
  // predecoding has the bits from the bins up, the lines those below
  const sumBit = (k: number): string => `${k < inverted ? '~' : ''}p[${k - mitchellBits}]`;
  const quotientBits = Array.from({ length: sumBits - remainderBits }, (_, k) => sumBit(remainderBits + k));
  const selectBits = Array.from({ length: binBits }, (_, k) => sumBit(remainderBits - binBits + k));
  const rowLines = axis('quotient', quotientBits, 'on');
  const columnLines = axis('select', [...selectBits, 'negative'], 'on');

  const rows = termBits;
  lines.output('row', rows);
  for (let q = drop; q <= topQuotient; q++) {
    const code = q % 2 ** quotientBits.length;
    lines.raw(`assign row[${q - drop}] = ~(${rowLines(code).join(' | ')});`);
  }
  // copies: 0 is the leading one, the others remainder bits below the bin, highest first
  const copies = [0, ...Array.from({ length: mitchellBits }, (_, k) => binBits + 1 + k)];
  const columns = 2 * lut * copies.length;
  lines.output('column', columns);
  if (copies.length > 1) {
    lines.input('low', mitchellBits);
    toLines['low'] = mitchellBits === 1 ? 'p[0]' : `p[${mitchellBits - 1}:0]`;
  }
  const column = (sign: number, bin: number, copy: number): number => (copy * 2 + sign) * lut + bin;
  copies.forEach((place, copy) => {
    for (const sign of [0, 1]) {
      for (let bin = 0; bin < lut; bin++) {
        const parts = columnLines(sign * lut + bin);
        if (place > 0) parts.push(mitchellBits === 1 ? '~low' : `~low[${remainderBits - place}]`);
        lines.raw(`assign column[${column(sign, bin, copy)}] = ~(${parts.join(' | ')});`);
      }
    }
  });
  for (const [port, width] of [
    ['row', rows],
    ['column', columns],
  ] as const) {
    m.raw(`wire [${width - 1}:0] ${port};`);
    grid.input(port, width);
    toLines[port] = toGrid[port] = port;
  }
  for (const [sign, port] of [plusPort!, minusPort!].entries()) {
    (low ? grid : merge).output(port, lut * termBits);
    for (let bin = 0; bin < lut; bin++) {
      for (let k = 0; k < termBits; k++) {
        // a product has one row: its copies never meet in a line
        const cells = copies.flatMap((place, copy) =>
          k + place < termBits ? [{ a: `row[${k + place}]`, b: `column[${column(sign, bin, copy)}]` }] : [],
        );
        const at = bin * termBits + k;
        if (low) {
          grid.raw(`assign ${port}[${at}] = ~(${cells.map(({ a, b }) => `(${a} & ${b})`).join(' | ')});`);
          continue;
        }
        // a step of its own: merged with the grid, rows and columns would drive larger gates
        const ports = cells.map((cell, i) => {
          const line = `${port}_${at}_${i}`;
          grid.output(line);
          grid.raw(`assign ${line} = ~(${cell.a} & ${cell.b});`);
          merge.input(line);
          m.raw(`wire ${line};`);
          toGrid[line] = toMerge[line] = line;
          return line;
        });
        merge.raw(`assign ${port}[${at}] = ~(${ports.join(' & ')});`);
      }
    }
  }
  lines.unused(...[...idle].map(text => net(text, 1)));
  m.instance(`${name}_predecode`, 'u_predecode', toPredecode);
  m.instance(`${name}_lines`, 'u_lines', toLines);
  m.instance(`${name}_grid`, 'u_grid', toGrid);
  if (!low) m.instance(`${name}_merge`, 'u_merge', toMerge);
  return [
    exponent(`${name}_exponent`, gates, plan, topBit, inverted),
    predecode.file(),
    lines.file(),
    grid.file(),
    ...(low ? [] : [merge.file()]),
    m.file(),
  ];
}

/**
 * NAME(w, a, live) -> p, negative, on: the sum of the exponents by a ripple of full adders, which switches least.
 * @param inverted lowest bits of p that come inverted: 0 or 2
 */
function exponent(name: string, bit: string, plan: LnsMacPlan, topBit: boolean, inverted: number): RtlFile {
  const { bits, drop, gamma } = plan;
  const n = bits - 1;
  const m = new Module(
    name,
    [
      topBit
        ? `Sum of two exponents; on: it reaches ${2 ** n}, as every product kept does.`
        : 'Sum of two exponents; on: the product is kept.',
      ...(inverted > 0 ? ['Bits 0 and 1 of p are inverted.'] : []),
    ],
    boundary,
  );
  m.input('w', bits);
  m.input('a', bits);
  m.input('live');
  m.output('p', topBit ? n : bits);
  m.output('negative');
  m.output('on');
  m.raw(`assign negative = w[${n}] ^ a[${n}];`);
  if (inverted === 0) m.raw('assign p[0] = w[0] ^ a[0];', 'wire carry_1 = w[0] & a[0];');
  else {
    m.raw('wire none_1;');
    m.instance(`${bit}_nand`, 'u_none_1', { a: 'w[0]', b: 'a[0]', y: 'none_1' });
    m.instance(`${bit}_oai`, 'u_p_0', { a: 'w[0]', b: 'a[0]', c: 'none_1', y: 'p[0]' });
    m.raw('wire carry_2;');
    const ports = { a: 'w[1]', b: 'a[1]', c_n: 'none_1', s_n: 'p[1]', t: 'carry_2' };
    m.instance(`${bit}_second`, 'add_1', ports);
  }
  for (let k = inverted === 0 ? 1 : 2; k < n; k++) {
    m.raw(`wire carry_${k + 1};`);
    m.instance(`${bit}_count`, `add_${k}`, {
      a: `w[${k}]`,
      b: `a[${k}]`,
      c: `carry_${k}`,
      s: `p[${k}]`,
      t: `carry_${k + 1}`,
    });
  }
  if (topBit) m.raw(`assign on = live & carry_${n};`);
  else {
    m.raw(`assign p[${n}] = carry_${n};`);
    // products with an exponent of 0 are below the range kept, or their exponents say so
    const zeros = drop * gamma > 2 ** n - 1 ? '' : ` & (|w[${n - 1}:0]) & (|a[${n - 1}:0])`;
    m.raw(`assign on = live${zeros};`);
  }
  return m.file();
}
