// Combinational fused sum of a vector: largest exponent, products aligned and truncated below it, one integer tree.
// Negative products enter complemented; their ones are the carries of the tree's adders, so no lane negates.

import type { RtlFile } from '../../synthesis/rtl.ts';
import { roundAndPack } from '../float/round.ts';
import { normaliseLeft } from '../float/shift.ts';
import { Module, net } from '../rtl/index.ts';
import type { FpMacPlan } from './options.ts';

/** NAME(w, a) -> size, exponent, negative of each lane, largest exponent. */
export function fusedProducts(name: string, product: string, plan: FpMacPlan): RtlFile {
  const { format, lanes } = plan;
  const { exponentBits: e, mantissaBits: f, bits } = format;
  const p = 2 * f + 2;
  const m = new Module(name, [
    `${lanes} exact products of ${format.name} numbers, and their largest exponent.`,
  ]);
  m.input('w', lanes * bits);
  m.input('a', lanes * bits);
  m.output('size', lanes * p);
  m.output('exponent', lanes * (e + 1));
  m.output('negative', lanes);
  const largest = m.output('largest', e + 1);
  for (let i = 0; i < lanes; i++) {
    const part = (width: number): string => `[${(i + 1) * width - 1}:${i * width}]`;
    m.instance(product, `lane_${i}`, {
      w: `w${part(bits)}`,
      a: `a${part(bits)}`,
      size: `size${part(p)}`,
      exponent: `exponent${part(e + 1)}`,
      negative: lanes === 1 ? 'negative' : `negative[${i}]`,
    });
  }
  let level = Array.from({ length: lanes }, (_, i) => `exponent[${(i + 1) * (e + 1) - 1}:${i * (e + 1)}]`);
  for (let depth = 1; level.length > 1; depth++) {
    const next: string[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [x, y] = [level[i]!, level[i + 1]];
      if (y === undefined) next.push(x);
      else {
        const larger = `larger_${depth}_${i / 2}`;
        m.raw(`wire [${e}:0] ${larger} = (${x} > ${y}) ? ${x} : ${y};`);
        next.push(larger);
      }
    }
    level = next;
  }
  m.assign(largest, net(level[0]!, e + 1));
  return m.file();
}

/** NAME(size, exponent, negative, largest) -> total (two's complement, sumBits + 1). */
export function fusedSum(name: string, plan: FpMacPlan): RtlFile {
  const { format, lanes, fraction, alignedBits, sumBits } = plan;
  const { exponentBits: e, mantissaBits: f } = format;
  const p = 2 * f + 2;
  const m = new Module(name, [
    `Sum of ${lanes} products of ${format.name}, aligned to the largest exponent, ${fraction} fraction bits kept, truncated.`,
  ]);
  m.input('size', lanes * p);
  m.input('exponent', lanes * (e + 1));
  m.input('negative', lanes);
  m.input('largest', e + 1);
  const total = m.output('total', sumBits + 1);
  for (let i = 0; i < lanes; i++) {
    const part = (width: number): string => `[${(i + 1) * width - 1}:${i * width}]`;
    m.raw(
      `wire [${p - 1}:0] size_${i} = size${part(p)};`,
      `wire [${e}:0] exponent_${i} = exponent${part(e + 1)};`,
      `wire negative_${i} = ${lanes === 1 ? 'negative' : `negative[${i}]`};`,
    );
  }
  const top = 'largest';
  m.comment('alignment, truncating');
  const pad = fraction - 2 * f;
  const stages = Math.min(e + 1, Math.ceil(Math.log2(alignedBits + Math.max(-pad, 0))));
  const width = Math.max(alignedBits, p);
  for (let i = 0; i < lanes; i++) {
    m.raw(`wire [${e}:0] distance_${i} = ${top} - exponent_${i};`);
    let current = `placed_${i}`;
    m.raw(`wire [${width - 1}:0] ${current} = ${pad > 0 ? `{size_${i}, ${pad}'d0}` : `size_${i}`};`);
    for (let k = 0; k < stages; k++) {
      const step = 2 ** k;
      const next = `aligned_${i}_${step}`;
      const moved = step >= width ? `${width}'d0` : `{${step}'d0, ${current}[${width - 1}:${step}]}`;
      m.raw(`wire [${width - 1}:0] ${next} = distance_${i}[${k}] ? ${moved} : ${current};`);
      current = next;
    }
    if (pad < 0) m.unused(net(`${current}[${-pad - 1}:0]`, -pad));
    const kept = pad < 0 ? `${current}[${width - 1}:${-pad}]` : current;
    const near = stages < e + 1 ? ` & {${alignedBits}{~|distance_${i}[${e}:${stages}]}}` : '';
    m.raw(
      `wire [${alignedBits}:0] term_${i} = {1'b0, ${kept}${near}} ^ {${alignedBits + 1}{negative_${i}}};`,
    );
  }
  m.comment('integer tree');
  const carries = Array.from({ length: lanes }, (_, i) => `negative_${i}`);
  let terms = Array.from({ length: lanes }, (_, i) => ({ name: `term_${i}`, width: alignedBits + 1 }));
  for (let depth = 1; terms.length > 1; depth++) {
    const next: typeof terms = [];
    for (let i = 0; i < terms.length; i += 2) {
      const [x, y] = [terms[i]!, terms[i + 1]];
      if (y === undefined) {
        next.push(x);
        continue;
      }
      const wide = Math.min(Math.max(x.width, y.width) + 1, sumBits + 1);
      const extend = (t: typeof x): string => `{{${wide - t.width}{${t.name}[${t.width - 1}]}}, ${t.name}}`;
      const sum = { name: `sum_${depth}_${i / 2}`, width: wide };
      m.raw(
        `wire [${wide - 1}:0] ${sum.name} = ${extend(x)} + ${extend(y)} + {${wide - 1}'d0, ${carries.shift()!}};`,
      );
      next.push(sum);
    }
    terms = next;
  }
  const last = terms[0]!;
  const extended = `{{${sumBits + 1 - last.width}{${last.name}[${last.width - 1}]}}, ${last.name}}`;
  const whole = last.width === sumBits + 1 ? last.name : extended;
  m.assign(total, net(`${whole} + {${sumBits}'d0, ${carries[0]}}`, sumBits + 1));
  return m.file();
}

/** NAME(total, exponent) -> y: the integer sum normalised once and rounded to the accumulator's format. */
export function fusedNormalise(name: string, plan: FpMacPlan): RtlFile {
  const { format, accumulate, fraction, sumBits } = plan;
  const { exponentBits: ae, mantissaBits: af } = accumulate;
  const e = format.exponentBits;
  const m = new Module(name, [`Integer sum to ${accumulate.name}: magnitude, leading one, one rounding.`]);
  m.input('total', sumBits + 1);
  m.input('exponent', e + 1);
  m.output('y', accumulate.bits);
  m.raw(
    `wire sign = total[${sumBits}];`,
    `wire [${sumBits - 1}:0] size = (total[${sumBits - 1}:0] ^ {${sumBits}{sign}}) + {${sumBits - 1}'d0, sign};`,
  );
  // a short sum is continued to the fraction, guard and sticky bits of the accumulator
  const wide = Math.max(sumBits, af + 3);
  if (wide > sumBits) m.raw(`wire [${wide - 1}:0] long = {size, ${wide - sumBits}'d0};`);
  const normal = normaliseLeft('normal', wide > sumBits ? 'long' : 'size', wide);
  m.raw(...normal.lines.map(line => line.trimStart()));
  const countBits = Math.ceil(Math.log2(wide));
  const offset = accumulate.bias - 2 * format.bias - fraction + sumBits - 1;
  const word = normal.word;
  m.raw(
    `wire [${ae + 1}:0] place = {${ae + 1 - e}'d0, exponent} ${offset < 0 ? '-' : '+'} ${ae + 2}'d${Math.abs(offset)} - {${ae + 2 - countBits}'d0, ${normal.side}};`,
    `wire zero = ~${word}[${wide - 1}];`,
    `wire [${af - 1}:0] fraction = ${word}[${wide - 2}:${wide - 1 - af}];`,
    `wire guard = ${word}[${wide - 2 - af}];`,
    `wire sticky = |${word}[${wide - 3 - af}:0];`,
    ...roundAndPack(accumulate, {
      exponent: 'place',
      fraction: 'fraction',
      guard: 'guard',
      sticky: 'sticky',
      sign: 'sign',
      zero: 'zero',
    }).map(line => line.trimStart()),
  );
  return m.file();
}
