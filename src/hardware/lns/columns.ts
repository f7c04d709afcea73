// The sum of one bin and sign over the lanes: lines of equal weight are counted, columns added.
// Refuses lines that are not sparse only in energy: the sum is exact whatever comes.

import type { RtlFile } from '../../synthesis/rtl.ts';
import { Module, net } from '../rtl/index.ts';

/**
 * NAME(n) -> sum. `n` holds `columns` lines of each lane, active low or high; line k counts 2^k.
 * Two lines are added as (a OR b) + (a AND b), both of the same weight: the OR goes up the tree and carries nearly all
 * that happens, the ANDs are rare and are counted aside.
 * @param bit prefix of the gates
 * @param levels levels of OR before full adders take over
 */
export function lnsColumnsModule(
  name: string,
  bit: string,
  {
    columns,
    lanes,
    width,
    levels,
    activeLow,
  }: { columns: number; lanes: number; width: number; levels: number; activeLow: boolean },
): RtlFile {
  const m = new Module(
    name,
    [
      `Sum of ${columns} lines (active ${activeLow ? 'low' : 'high'}, line k counts 2^k) of ${lanes} lanes.`,
      'Lines of a column: OR upwards, collisions (AND) counted aside by full adders.',
    ],
    { boundary: true },
  );
  m.input('n', lanes * columns);
  m.output('sum', width);
  const empty = (): string[][] => Array.from({ length: width }, () => []);
  const rare = empty();
  const frequent = empty();
  for (let c = 0; c < columns; c++) {
    let level = Array.from({ length: lanes }, (_, i) => `n[${i * columns + c}]`);
    // a level of NAND and NOR turns active low lines into active high ones, the next one back
    let low = activeLow;
    for (let depth = 1; depth <= levels && level.length > 1; depth++) {
      const next: string[] = [];
      for (let i = 0; i < level.length; i += 2) {
        const [a, b] = [level[i]!, level[i + 1]];
        if (b === undefined) {
          next.push(`~${a}`);
          continue;
        }
        const id = `${c}_${depth}_${i / 2}`;
        m.raw(`wire any_${id};`, `wire both_${id};`);
        m.instance(`${bit}_${low ? 'nand' : 'nor'}`, `u_any_${id}`, { a, b, y: `any_${id}` });
        m.instance(`${bit}_${low ? 'nor' : 'nand'}`, `u_both_${id}`, { a, b, y: `both_${id}` });
        rare[c]!.push(low ? `both_${id}` : `~both_${id}`);
        next.push(`any_${id}`);
      }
      level = next;
      low = !low;
    }
    if (low) level = level.map(x => `~${x}`);
    frequent[c] = level;
  }
  const row = (rows: readonly (readonly string[])[], k: number): string =>
    `{${rows
      .map(list => list[k] ?? "1'b0")
      .reverse()
      .join(', ')}}`;
  const two = compress(m, bit, 'aside', rare);
  m.raw(
    `wire [${width - 1}:0] aside = ${row(two, 0)}${two.some(list => list.length > 1) ? ` + ${row(two, 1)}` : ''};`,
  );
  if (frequent.some(list => list.length > 1)) {
    // fewer levels of OR than lanes: full adders for the rest
    const rows = compress(
      m,
      bit,
      'total',
      frequent.map((list, c) => [`aside[${c}]`, ...list]),
    );
    m.raw(`assign sum = ${row(rows, 0)} + ${row(rows, 1)};`);
    return m.file();
  }
  m.comment('what moves most enters last');
  m.raw("wire carry_0 = 1'b0;");
  for (let k = 0; k < width; k++) {
    const any = frequent[k]![0];
    const carry = k + 1 < width ? `carry_${k + 1}` : 'unused_carry';
    m.raw(`wire ${carry};`);
    if (any === undefined) {
      m.raw(`assign sum[${k}] = aside[${k}] ^ carry_${k};`, `assign ${carry} = aside[${k}] & carry_${k};`);
    } else {
      m.instance(`${bit}_late`, `late_${k}`, {
        ...{ a: any, b: `aside[${k}]`, c: `carry_${k}` },
        ...{ s: `sum[${k}]`, t: carry },
      });
    }
  }
  return m.file();
}

/** Full adders until no column has more than two bits; bits beyond the last column are not there: the sum fits. */
function compress(m: Module, bit: string, name: string, columns: readonly (readonly string[])[]): string[][] {
  let list = columns.map(c => [...c]);
  for (let round = 0; list.some(c => c.length > 2); round++) {
    const next: string[][] = list.map(() => []);
    list.forEach((bits, c) => {
      let at = 0;
      for (; bits.length > 2 && bits.length - at >= 3; at += 3) {
        const [x, y, z] = [bits[at]!, bits[at + 1]!, bits[at + 2]!];
        const id = `${name}_${round}_${c}_${at / 3}`;
        m.raw(`wire ${id};`, `wire ${id}_carry;`);
        m.instance(`${bit}_count`, `u_${id}`, { a: z, b: x, c: y, s: id, t: `${id}_carry` });
        next[c]!.push(id);
        if (c + 1 < list.length) next[c + 1]!.push(`${id}_carry`);
        else m.unused(net(`${id}_carry`, 1));
      }
      next[c]!.push(...bits.slice(at));
    });
    list = next;
  }
  return list;
}
