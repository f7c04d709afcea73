// The top modules of the floating-point MAC: fused (sum, normalise, accumulate) and tree (a stage a level of adders).

import type { RtlFile } from '../../synthesis/rtl.ts';
import { floatAdder } from '../float/adder.ts';
import { collector } from '../rtl/collector.ts';
import { Module, type Net, net, slice, stage } from '../rtl/index.ts';
import type { Channel } from '../unit.ts';
import { fusedNormalise, fusedProducts, fusedSum } from './fused.ts';
import type { FpMacPlan } from './options.ts';
import { exactProduct, packedProduct } from './product.ts';

const one = net('', 1);

interface Flow {
  valid: Net;
  last: Net;
  /** Declared net that the next stage drives. */
  ready: Net;
}

/** The top module and what it instantiates. */
export function fpMacFiles(
  name: string,
  plan: FpMacPlan,
  input: Channel,
  output: Channel,
  header: readonly string[],
): RtlFile[] {
  const { accumulate } = plan;
  const adder = floatAdder(accumulate);
  const files: RtlFile[] = [adder];
  const m = new Module(name, header);
  m.clock();
  const i = m.channel(input);
  const o = m.channel(output);
  const partial = plan.sum === 'fused' ? fused(m, files, name, plan, i) : adderTree(m, files, name, plan, i);
  m.comment(`accumulator, ${accumulate.name}`);
  const sumNet = net('', accumulate.bits);
  const { valid, sum } = collector(m, {
    ...partial.flow,
    outReady: o['ready']!,
    sum: sumNet,
    next: base => {
      const next = m.declare('acc_next', sumNet);
      m.instance(`${accumulate.name}_add`, 'u_accumulate', {
        a: base.text,
        b: partial.value.text,
        y: next.text,
      });
      return next;
    },
  });
  m.assign(o['valid']!, valid);
  m.assign(o['acc']!, sum);
  files.push(m.file());
  return files;
}

interface Partial {
  value: Net;
  flow: Flow;
}

function fused(m: Module, files: RtlFile[], name: string, plan: FpMacPlan, i: Record<string, Net>): Partial {
  const { format, accumulate, sumBits, lanes, stages } = plan;
  files.push(
    exactProduct(`${name}_product`, plan),
    fusedProducts(`${name}_products`, `${name}_product`, plan),
    fusedSum(`${name}_sum`, plan),
    fusedNormalise(`${name}_normalise`, plan),
  );
  m.comment('exact products');
  const e = format.exponentBits + 1;
  const parts = [
    m.declare('size', net('', lanes * (2 * format.mantissaBits + 2))),
    m.declare('exponent', net('', lanes * e)),
    m.declare('negative', net('', lanes)),
    m.declare('largest', net('', e)),
  ];
  m.instance(`${name}_products`, 'u_products', {
    w: i['w']!.text,
    a: i['a']!.text,
    ...Object.fromEntries(parts.map(part => [part.text, part.text])),
  });
  let flow: Flow = { valid: i['valid']!, last: i['last']!, ready: i['ready']! };
  let [size, exponents, negative, largest] = parts as [Net, Net, Net, Net];
  if (stages > 3) {
    const open = m.declare('product_open', one);
    const held = stage(m, {
      name: 'product',
      valid: flow.valid,
      ready: open,
      registers: [
        { name: 'product_last', value: flow.last },
        ...parts.map(value => ({ name: `${value.text}_q`, value })),
      ],
    });
    m.assign(flow.ready, held.ready);
    flow = { valid: held.valid, last: held.out[0]!, ready: open };
    [size, exponents, negative, largest] = held.out.slice(1) as [Net, Net, Net, Net];
  }
  m.comment('aligned to the largest exponent and summed');
  const total = m.declare('total', net('', sumBits + 1));
  m.instance(`${name}_sum`, 'u_sum', {
    size: size.text,
    exponent: exponents.text,
    negative: negative.text,
    largest: largest.text,
    total: total.text,
  });
  const open = m.declare('sum_open', one);
  const first = stage(m, {
    name: 'sum',
    valid: flow.valid,
    ready: open,
    registers: [
      { name: 'sum_last', value: flow.last },
      { name: 'total_q', value: total },
      { name: 'largest_sum_q', value: largest },
    ],
  });
  m.assign(flow.ready, first.ready);
  m.comment('one normalisation a vector');
  const partial = m.declare('partial', net('', accumulate.bits));
  m.instance(`${name}_normalise`, 'u_normalise', {
    total: 'total_q',
    exponent: 'largest_sum_q',
    y: partial.text,
  });
  const ready = m.declare('partial_open', one);
  const second = stage(m, {
    name: 'partial',
    valid: first.valid,
    ready,
    registers: [
      { name: 'partial_last', value: first.out[0]! },
      { name: 'partial_q', value: partial },
    ],
  });
  m.assign(open, second.ready);
  return { value: second.out[1]!, flow: { valid: second.valid, last: second.out[0]!, ready } };
}

function adderTree(
  m: Module,
  files: RtlFile[],
  name: string,
  plan: FpMacPlan,
  i: Record<string, Net>,
): Partial {
  const { format, accumulate, lanes } = plan;
  files.push(packedProduct(`${name}_product`, plan));
  const word = net('', accumulate.bits);
  m.comment('products');
  let level = Array.from({ length: lanes }, (_, k) => {
    const product = m.declare(`product_${k}`, word);
    m.instance(`${name}_product`, `lane_${k}`, {
      w: slice(i['w']!, k * format.bits, format.bits).text,
      a: slice(i['a']!, k * format.bits, format.bits).text,
      y: product.text,
    });
    return product;
  });
  let flow: Flow = { valid: i['valid']!, last: i['last']!, ready: i['ready']! };
  for (let depth = 0; ; depth++) {
    const ready = m.declare(`level_${depth}_open`, one);
    const s = stage(m, {
      name: `level_${depth}`,
      valid: flow.valid,
      ready,
      registers: [
        { name: `level_${depth}_last`, value: flow.last },
        ...level.map((value, k) => ({ name: `level_${depth}_${k}`, value })),
      ],
    });
    m.assign(flow.ready, s.ready);
    flow = { valid: s.valid, last: s.out[0]!, ready };
    const held = s.out.slice(1);
    if (held.length === 1) return { value: held[0]!, flow };
    m.comment(`adders, level ${depth + 1}`);
    level = [];
    for (let k = 0; k < held.length; k += 2) {
      const [x, y] = [held[k]!, held[k + 1]];
      if (y === undefined) level.push(x);
      else {
        const sum = m.declare(`sum_${depth + 1}_${k / 2}`, word);
        m.instance(`${accumulate.name}_add`, `add_${depth + 1}_${k / 2}`, {
          a: x.text,
          b: y.text,
          y: sum.text,
        });
        level.push(sum);
      }
    }
  }
}
