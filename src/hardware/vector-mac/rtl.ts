// The RTL of a vector MAC: multipliers and adder tree beside the scale product, one multiply by it, one accumulator.
// Refuses wasted bits: each wire holds exactly the range that legal codes can reach.

import type { RtlFile } from '../../synthesis/rtl.ts';
import {
  add,
  constant,
  lanes,
  Module,
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
import type { VectorMacPlan } from './options.ts';

/** Combinational module NAME_dot: sum over lanes of w × a. */
function dotModule(name: string, plan: VectorMacPlan): RtlFile {
  const { vector } = plan.options;
  const { weight, activation } = plan;
  const m = new Module(name, [`Dot product of ${vector} lanes: ${plan.dot.low} to ${plan.dot.high}.`]);
  const wPort = m.input('w', vector * weight.bits);
  const aPort = m.input('a', vector * activation.bits);
  const out = m.output('dot', ranged('', plan.dot.low, plan.dot.high).width);
  const w = lanes(m, 'w', wPort, vector, weight.bits, weight.low, weight.high);
  const a = lanes(m, 'a', aPort, vector, activation.bits, activation.low, activation.high);
  m.comment('products, then a balanced tree');
  const sum = tree(
    m,
    'sum',
    w.map((x, i) => multiply(m, `product_${i}`, x, a[i]!)),
    add,
  );
  m.assign(out, resize(sum, out.width));
  return m.file();
}

/** Combinational module NAME_scale: the product of the vector scales, rounded to P bits when asked. */
function scaleModule(name: string, plan: VectorMacPlan): RtlFile {
  const { weight, activation, shift } = plan;
  const rounded = plan.options.scaleBits;
  const m = new Module(name, [
    `Product of the vector scales${shift === 0 ? ', whole' : `, rounded to its upper ${rounded} of ${plan.productBits} bits`}: 0 to ${plan.scaleTop}.`,
  ]);
  const ws = weight.scaleBits > 0 ? m.input('ws', weight.scaleBits) : undefined;
  const as = activation.scaleBits > 0 ? m.input('as', activation.scaleBits) : undefined;
  const out = m.output('scale', ranged('', 0, plan.scaleTop).width);
  let product: Net;
  if (ws === undefined || as === undefined) product = m.wire('product', (ws ?? as)!);
  else product = multiply(m, 'product', ws, as);
  if (shift > 0) {
    const biased = add(m, 'biased', product, constant(2 ** (shift - 1)));
    let upper = shiftRight(m, 'upper', biased, shift);
    m.unused(slice(biased, 0, shift));
    if (upper.high > plan.scaleTop) {
      const top = constant(plan.scaleTop, upper.width);
      upper = m.wire('limited', {
        ...upper,
        text: `(${upper.text} > ${top.text}) ? ${top.text} : ${upper.text}`,
        high: plan.scaleTop,
      });
    }
    product = upper;
    if (upper.width > out.width) m.unused(slice(upper, out.width, upper.width - out.width));
  }
  m.assign(out, resize(product, out.width));
  return m.file();
}

/** The top module and what it instantiates. */
export function vectorMacFiles(
  name: string,
  plan: VectorMacPlan,
  input: Channel,
  output: Channel,
  header: readonly string[],
): RtlFile[] {
  const { weight, activation, options } = plan;
  const files = [dotModule(`${name}_dot`, plan)];
  const scaled = plan.productBits > 0;
  if (scaled) files.push(scaleModule(`${name}_scale`, plan));
  const m = new Module(name, header);
  m.clock();
  const i = m.channel(input);
  const o = m.channel(output);
  const one = net('', 1);

  let valid = i['valid']!;
  let w = i['w']!;
  let a = i['a']!;
  let last = i['last']!;
  let ws = i['ws'];
  let as = i['as'];
  let ready = m.declare('dot_open', one);
  if (options.inputRegister) {
    m.comment('operands registered');
    const values = [w, a, ...(ws === undefined ? [] : [ws]), ...(as === undefined ? [] : [as]), last];
    const operands = stage(m, {
      name: 'operand',
      valid,
      ready,
      registers: values.map(value => ({ name: value.text.replace(/^in_/, 'held_'), value })),
    });
    const held = new Map(values.map((value, k) => [value, operands.out[k]!]));
    m.assign(i['ready']!, operands.ready);
    valid = operands.valid;
    w = held.get(w)!;
    a = held.get(a)!;
    last = held.get(last)!;
    if (ws !== undefined) ws = held.get(ws)!;
    if (as !== undefined) as = held.get(as)!;
  } else m.assign(i['ready']!, ready);

  m.comment('dot product and scale product side by side');
  const dot = m.declare('dot', ranged('', plan.dot.low, plan.dot.high));
  m.instance(`${name}_dot`, 'u_dot', { w: w.text, a: a.text, dot: dot.text });
  const next = m.declare('sum_open', one);
  let scale: Net | undefined;
  const registers: { name: string; value: Net; when?: Net }[] = [{ name: 'dot_last', value: last }];
  if (scaled) {
    scale = m.declare('scale', ranged('', 0, plan.scaleTop));
    const ports: Record<string, string> = {};
    if (weight.scaleBits > 0) ports['ws'] = ws!.text;
    if (activation.scaleBits > 0) ports['as'] = as!.text;
    m.instance(`${name}_scale`, 'u_scale', { ...ports, scale: scale.text });
    registers.push({ name: 'scale_q', value: scale });
  }
  // a scale product rounded to zero makes the dot product irrelevant: its register keeps still
  if (plan.shift > 0) {
    registers.push({
      name: 'dot_q',
      value: dot,
      when: m.wire('scale_any', { ...one, text: `|${scale!.text}` }),
    });
  } else registers.push({ name: 'dot_q', value: dot });
  const first = stage(m, { name: 'dot', valid, ready: next, registers });
  if (plan.shift > 0) {
    // unknown times zero is unknown to a simulator: without a start value a first scale of zero would spoil the sum
    m.raw('`ifndef SYNTHESIS', `initial dot_q = ${constant(0, dot.width, dot.signed).text};`, '`endif');
  }
  m.assign(ready, first.ready);
  const register = (list: readonly Net[], text: string): Net => list.find(r => r.text === text)!;
  let partial = register(first.out, 'dot_q');
  let partialLast = register(first.out, 'dot_last');
  valid = first.valid;
  ready = next;

  if (scaled) {
    m.comment('partial sum: dot product times scale product');
    const open = m.declare('acc_open', one);
    const product = multiply(m, 'partial', partial, register(first.out, 'scale_q'));
    const second = stage(m, {
      name: 'partial',
      valid,
      ready: open,
      registers: [
        { name: 'partial_last', value: partialLast },
        { name: 'partial_q', value: product },
      ],
    });
    m.assign(ready, second.ready);
    partial = register(second.out, 'partial_q');
    partialLast = register(second.out, 'partial_last');
    valid = second.valid;
    ready = open;
  }

  m.comment(`accumulation collector: up to ${options.depth} partial sums until last`);
  const sum = m.reg('acc_q', ranged('', plan.accumulator.low, plan.accumulator.high));
  const full = m.reg('acc_full', one);
  const fresh = m.reg('acc_fresh', one);
  m.assign(ready, { ...one, text: `~${full.text} | ${o['ready']!.text}` });
  const load = m.wire('acc_load', { ...one, text: `${valid.text} & ${ready.text}` });
  const signedSum = sum.signed;
  const zero = constant(0, sum.width, signedSum).text;
  const base = m.wire('acc_base', { ...sum, text: `${fresh.text} ? ${zero} : ${sum.text}` });
  const more = resize(partial, sum.width, signedSum);
  const total = m.wire('acc_next', { ...sum, text: `${base.text} + ${more.text}` });
  m.always([
    'if (rst) begin',
    "  acc_full <= 1'b0;",
    "  acc_fresh <= 1'b1;",
    'end else begin',
    `  if (${ready.text}) acc_full <= ${load.text} & ${partialLast.text};`,
    `  if (${load.text}) acc_fresh <= ${partialLast.text};`,
    'end',
    `if (${load.text}) acc_q <= ${total.text};`,
  ]);
  m.assign(o['valid']!, full);
  m.assign(o['acc']!, signedSum ? { ...slice(sum, 0, sum.width) } : sum);
  files.push(m.file());
  return files;
}
