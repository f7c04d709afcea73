// The RTL of the post-processing unit: four stages, reciprocals from a table, rounding exact to the tie.
// Refuses to divide: a quotient is a product with ceil(2^k / d), wide enough that its floor is exact.

import type { RtlFile } from '../../synthesis/rtl.ts';
import {
  add,
  constant,
  lane,
  lanes,
  larger,
  Module,
  magnitude,
  multiply,
  type Net,
  net,
  ranged,
  resize,
  shiftRight,
  slice,
  stage,
  tree,
} from '../rtl/index.ts';
import type { Channel } from '../unit.ts';
import type { PpuPlan } from './options.ts';

/**
 * round(value / (d · 2^fraction)), ties to even, from value, the reciprocal R = ceil(2^shift / d) and the bits of d.
 * With a = value >> (fraction - 1), floor(a · R / 2^shift) is floor(2 · quotient); a remainder of d shows in the upper
 * bits of the fraction, of value in the bits shifted out.
 */
function roundedQuotient(
  m: Module,
  value: Net,
  reciprocal: Net,
  shift: number,
  divisorBits: number,
  fraction: number,
): Net {
  const numerator = shiftRight(m, 'numerator', value, fraction - 1);
  const product = multiply(m, 'product', numerator, reciprocal);
  const twice = shiftRight(m, 'twice', product, shift);
  const rest = slice(product, shift - divisorBits, divisorBits);
  m.unused(slice(product, 0, shift - divisorBits));
  const dropped = fraction > 1 ? ` | (|${slice(value, 0, fraction - 1).text})` : '';
  const inexact = m.wire('inexact', net(`(|${rest.text})${dropped}`, 1));
  const floor = shiftRight(m, 'floor', twice, 1);
  const odd = floor.width === 1 ? floor.text : slice(floor, 0, 1).text;
  const half = slice(twice, 0, 1).text;
  const up = m.wire('up', net(`${half} & (${inexact.text} | ${odd})`, 1));
  return add(m, 'rounded', floor, up);
}

function limited(m: Module, name: string, value: Net, top: number): Net {
  if (value.high <= top) return m.wire(name, value);
  const limit = constant(top, value.width);
  const text = `(${value.text} > ${limit.text}) ? ${limit.text} : ${value.text}`;
  return m.wire(name, { ...value, text, high: top });
}

/** An unsigned value in fewer bits, those above named as unused. */
function narrowed(m: Module, value: Net, width: number): Net {
  if (value.width > width) m.unused(slice(value, width, value.width - width));
  return resize(value, width, false);
}

/** Combinational: the maximum of a vector to its scale code and the reciprocal of that. */
function scaleModule(name: string, plan: PpuPlan): RtlFile {
  const m = new Module(name, [
    `Scale code: round(max / (${plan.top} * 2^${plan.fraction})), and its reciprocal.`,
  ]);
  const max = m.input('max', plan.magnitudeBits);
  const scaleOut = m.output('scale', plan.scaleBits);
  const reciprocals = reciprocalTable(plan);
  const like = ranged('', 0, Math.max(...reciprocals));
  const reciprocalOut = m.output('reciprocal', like.width);
  const by = constant(Math.ceil(2 ** plan.constantShift / plan.top));
  const bits = Math.ceil(Math.log2(plan.top + 1));
  const rounded = roundedQuotient(m, max, by, plan.constantShift, bits, plan.fraction);
  const scale = limited(m, 'code', rounded, plan.scaleTop);
  m.assign(scaleOut, narrowed(m, scale, plan.scaleBits));
  m.comment(`ceil(2^${plan.reciprocalShift} / scale)`);
  m.assign(reciprocalOut, m.lookup('entry', scaleOut, reciprocals, like));
  return m.file();
}

function reciprocalTable(plan: PpuPlan): number[] {
  const entry = (s: number): number => (s === 0 ? 0 : Math.ceil(2 ** plan.reciprocalShift / s));
  return Array.from({ length: 2 ** plan.scaleBits }, (_, s) => entry(s));
}

/** Combinational: one magnitude and the reciprocal to a code. */
function codeModule(name: string, plan: PpuPlan): RtlFile {
  const m = new Module(name, [`Code: round(value / (scale * 2^${plan.fraction})), at most ${plan.top}.`]);
  const value = m.input('value', plan.magnitudeBits);
  const negative = plan.signed ? m.input('negative') : undefined;
  const reciprocal = m.input('reciprocal', ranged('', 0, Math.max(...reciprocalTable(plan))).width);
  const out = m.output('code', plan.codeBits);
  const rounded = roundedQuotient(m, value, reciprocal, plan.reciprocalShift, plan.scaleBits, plan.fraction);
  const code = narrowed(m, limited(m, 'limited', rounded, plan.top), plan.codeBits);
  if (negative === undefined) m.assign(out, code);
  else {
    const size = m.wire('size', code);
    const text = `${negative.text} ? (${constant(0, plan.codeBits).text} - ${size.text}) : ${size.text}`;
    m.assign(out, { ...size, text });
  }
  return m.file();
}

/** Combinational: one accumulator times its coarse multiplier, rounded and limited: magnitude and sign. */
function coarseModule(name: string, plan: PpuPlan): RtlFile {
  const m = new Module(name, [
    `Coarse scaling: round(x * c / 2^${plan.shift})${plan.signed ? '' : ', ReLU'}, magnitude.`,
  ]);
  const x = lane(
    m,
    'x_s',
    m.input('x', plan.inputBits),
    0,
    plan.inputBits,
    -(2 ** (plan.inputBits - 1)),
    2 ** (plan.inputBits - 1) - 1,
  );
  const c = m.input('c', plan.multiplierBits);
  const value = m.output('value', plan.magnitudeBits);
  const biased = add(m, 'biased', multiply(m, 'product', x, c), constant(2 ** (plan.shift - 1)));
  const y = shiftRight(m, 'y', biased, plan.shift);
  m.unused(slice(biased, 0, plan.shift));
  const sign = slice(y, y.width - 1, 1);
  if (plan.signed) {
    m.assign(m.output('negative'), sign);
    const size = limited(m, 'limited', magnitude(m, 'size', y), 2 ** plan.magnitudeBits - 1);
    m.assign(value, narrowed(m, size, plan.magnitudeBits));
  } else {
    const low = slice(y, 0, y.width - 1);
    const positive = m.wire('positive', {
      ...low,
      text: `${sign.text} ? ${constant(0, low.width).text} : ${low.text}`,
      high: Math.max(0, y.high),
    });
    const top = 2 ** plan.magnitudeBits - 1;
    m.assign(value, narrowed(m, limited(m, 'limited', positive, top), plan.magnitudeBits));
  }
  return m.file();
}

/** The top module and what it instantiates. */
export function ppuFiles(
  name: string,
  plan: PpuPlan,
  input: Channel,
  output: Channel,
  header: readonly string[],
): RtlFile[] {
  const { vector, magnitudeBits: bits } = plan;
  const m = new Module(name, header);
  m.clock();
  const i = m.channel(input);
  const o = m.channel(output);
  const one = net('', 1);
  const values = net('', vector * bits);
  const signs = net('', vector);
  const opens = ['coarse_open', 'max_open', 'scale_open'].map(text => m.declare(text, one));
  const bit = (k: number): string => (vector === 1 ? '' : `[${k}]`);

  m.comment('coarse scaling of every lane');
  const value = m.declare('value', values);
  const negative = plan.signed ? [m.declare('negative', signs)] : [];
  for (let k = 0; k < vector; k++) {
    m.instance(`${name}_coarse`, `u_coarse_${k}`, {
      x: slice(i['x']!, k * plan.inputBits, plan.inputBits).text,
      c: slice(i['c']!, k * plan.multiplierBits, plan.multiplierBits).text,
      value: slice(value, k * bits, bits).text,
      ...(plan.signed ? { negative: `negative${bit(k)}` } : {}),
    });
  }
  const carry = (prefix: string, nets: readonly Net[]): { name: string; value: Net }[] =>
    nets.map((v, k) => ({ name: `${prefix}_${k === 0 ? 'value' : 'negative'}`, value: v }));
  const s1 = stage(m, {
    name: 'coarse',
    valid: i['valid']!,
    ready: opens[0]!,
    registers: carry('coarse', [value, ...negative]),
  });
  m.assign(i['ready']!, s1.ready);

  m.comment('largest magnitude of the vector');
  const max = tree(m, 'largest', lanes(m, 'lane', s1.out[0]!, vector, bits, 0, 2 ** bits - 1), larger);
  const s2 = stage(m, {
    name: 'max',
    valid: s1.valid,
    ready: opens[1]!,
    registers: [...carry('max', s1.out), { name: 'max_q', value: max }],
  });
  m.assign(opens[0]!, s2.ready);

  m.comment('scale code and its reciprocal');
  const scale = m.declare('scale', net('', plan.scaleBits));
  const reciprocal = m.declare('reciprocal', ranged('', 0, Math.max(...reciprocalTable(plan))));
  m.instance(`${name}_scale`, 'u_scale', { max: 'max_q', scale: scale.text, reciprocal: reciprocal.text });
  const s3 = stage(m, {
    name: 'scale',
    valid: s2.valid,
    ready: opens[2]!,
    registers: [
      ...carry('scale', s2.out.slice(0, -1)),
      { name: 'scale_q', value: scale },
      { name: 'reciprocal_q', value: reciprocal },
    ],
  });
  m.assign(opens[1]!, s3.ready);

  m.comment('codes');
  const codes = m.declare('codes', net('', vector * plan.codeBits));
  for (let k = 0; k < vector; k++) {
    m.instance(`${name}_code`, `u_code_${k}`, {
      value: slice(s3.out[0]!, k * bits, bits).text,
      ...(plan.signed ? { negative: `scale_negative${bit(k)}` } : {}),
      reciprocal: 'reciprocal_q',
      code: slice(codes, k * plan.codeBits, plan.codeBits).text,
    });
  }
  const s4 = stage(m, {
    name: 'code',
    valid: s3.valid,
    ready: o['ready']!,
    registers: [
      { name: 'codes_q', value: codes },
      { name: 'code_scale', value: { ...scale, text: 'scale_q' } },
    ],
  });
  m.assign(opens[2]!, s4.ready);
  m.assign(o['valid']!, s4.valid);
  m.assign(o['codes']!, s4.out[0]!);
  m.assign(o['scale']!, s4.out[1]!);
  return [
    coarseModule(`${name}_coarse`, plan),
    scaleModule(`${name}_scale`, plan),
    codeModule(`${name}_code`, plan),
    m.file(),
  ];
}
