// Combinational product modules of the floating-point MAC: exact and unnormalised (fused), or in the accumulator's format.

import type { RtlFile } from '../../synthesis/rtl.ts';
import { roundAndPack } from '../float/round.ts';
import { normaliseLeft } from '../float/shift.ts';
import { Module, net } from '../rtl/index.ts';
import type { FpMacPlan } from './options.ts';

/** Lines for significands and exponents of both operands; leaves `product`, `sum_exponent`, `any`. */
function operands(m: Module, plan: FpMacPlan): void {
  const { format, subnormals } = plan;
  const { exponentBits: e, mantissaBits: f, bits } = format;
  for (const x of ['w', 'a']) {
    m.raw(`wire ${x}_one = |${x}[${bits - 2}:${f}];`);
    if (subnormals) {
      m.raw(
        `wire [${e - 1}:0] ${x}_exponent = {${x}[${bits - 2}:${f + 1}], ${x}[${f}] | ~${x}_one};`,
        `wire ${x}_any = ${x}_one | (|${x}[${f - 1}:0]);`,
      );
    } else {
      m.raw(`wire [${e - 1}:0] ${x}_exponent = ${x}[${bits - 2}:${f}];`, `wire ${x}_any = ${x}_one;`);
    }
    m.raw(`wire [${2 * f + 1}:0] ${x}_significand = {${f + 1}'d0, ${x}_one, ${x}[${f - 1}:0]};`);
  }
  m.raw(
    'wire any = w_any & a_any;',
    `wire [${2 * f + 1}:0] product = w_significand * a_significand;`,
    `wire [${e}:0] sum_exponent = {1'b0, w_exponent} + {1'b0, a_exponent};`,
    `wire sign = w[${bits - 1}] ^ a[${bits - 1}];`,
  );
}

/** NAME(w, a) -> size (2 mantissaBits + 2 bits), exponent (field sum, 0 for a zero), negative. */
export function exactProduct(name: string, plan: FpMacPlan): RtlFile {
  const { exponentBits: e, mantissaBits: f, bits, name: format } = plan.format;
  const m = new Module(name, [
    `Exact product of two ${format} numbers, not normalised: significands multiplied, exponent fields added.`,
  ]);
  m.input('w', bits);
  m.input('a', bits);
  const size = m.output('size', 2 * f + 2);
  const exponent = m.output('exponent', e + 1);
  const negative = m.output('negative');
  operands(m, plan);
  m.assign(size, net(plan.subnormals ? 'product' : `product & {${2 * f + 2}{any}}`, 2 * f + 2));
  m.assign(exponent, net(`sum_exponent & {${e + 1}{any}}`, e + 1));
  m.assign(negative, net('sign & any', 1));
  return m.file();
}

/** NAME(w, a) -> y: the product in the accumulator's format, rounded only when it is wider. */
export function packedProduct(name: string, plan: FpMacPlan): RtlFile {
  const { format, accumulate, subnormals } = plan;
  const { exponentBits: e, mantissaBits: f, bits } = format;
  const { exponentBits: ae, mantissaBits: af } = accumulate;
  const m = new Module(name, [`Product of two ${format.name} numbers as ${accumulate.name}.`]);
  m.input('w', bits);
  m.input('a', bits);
  m.output('y', accumulate.bits);
  operands(m, plan);
  const p = 2 * f + 2;
  let word = 'normal_word';
  let count = '';
  if (subnormals) {
    const normal = normaliseLeft('normal', 'product', p);
    m.raw(...normal.lines.map(line => line.trimStart()));
    word = normal.word;
    const bitsOfCount = Math.ceil(Math.log2(p));
    count = `{${ae + 2 - bitsOfCount}'d0, ${normal.side}}`;
  } else {
    m.raw(`wire [${p - 1}:0] normal_word = product[${p - 1}] ? product : {product[${p - 2}:0], 1'b0};`);
    count = `{${ae + 1}'d0, ~product[${p - 1}]}`;
  }
  // value = product * 2^(sum_exponent - 2 bias - 2f); its top bit stands for 2^(2f + 1)
  const offset = accumulate.bias - 2 * format.bias + 1;
  const sumExponent = ae + 2 > e + 1 ? `{${ae + 1 - e}'d0, sum_exponent}` : 'sum_exponent';
  const sign = offset < 0 ? '-' : '+';
  m.raw(
    `wire [${ae + 1}:0] exponent = ${sumExponent} ${sign} ${ae + 2}'d${Math.abs(offset)} - ${count};`,
    'wire zero = ~any;',
  );
  m.unused(net(`${word}[${p - 1}]`, 1));
  const fractionBits = p - 1;
  let fraction: string;
  let guard = "1'b0";
  let sticky = "1'b0";
  if (fractionBits > af) {
    fraction = `${word}[${p - 2}:${p - 1 - af}]`;
    guard = `${word}[${p - 2 - af}]`;
    sticky = `|${word}[${p - 3 - af}:0]`;
  } else if (fractionBits === af) fraction = `${word}[${p - 2}:0]`;
  else fraction = `{${word}[${p - 2}:0], ${af - fractionBits}'d0}`;
  m.raw(`wire [${af - 1}:0] fraction = ${fraction};`, `wire guard = ${guard};`, `wire sticky = ${sticky};`);
  m.raw(...roundAndPack(accumulate).map(line => line.trimStart()));
  return m.file();
}
