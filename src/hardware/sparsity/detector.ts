// The time-step-aware sparsity detector (SQ-DM): zeros of a channel counted while it is written, one compare at its end.
// Refuses to divide: the threshold is a count, ceil(theta × elements of a channel), set per layer.

import type { Random } from '../../core/random.ts';
import { integerParameter } from '../parameters.ts';
import { collector } from '../rtl/collector.ts';
import { add, Module, net, tree } from '../rtl/index.ts';
import type { Batch, Channel, Unit, UnitParameters } from '../unit.ts';

interface Plan {
  lanes: number;
  bits: number;
  countBits: number;
}

/** Codes that arrive together, `active` marking those that exist; zeros counted until `last`, saturating. */
function golden({ lanes, countBits }: Plan, batch: Batch): Batch {
  const { code, active, threshold, last } = batch.fields as Record<string, Float64Array>;
  const zeros: number[] = [];
  const sparse: number[] = [];
  let count = 0;
  for (let t = 0; t < batch.count; t++) {
    for (let i = t * lanes; i < (t + 1) * lanes; i++) if (code![i] === 0 && active![i] === 1) count++;
    count = Math.min(count, 2 ** countBits - 1);
    if (last![t] !== 1) continue;
    zeros.push(count);
    sparse.push(count >= threshold![t]! ? 1 : 0);
    count = 0;
  }
  return {
    count: zeros.length,
    fields: { sparse: Float64Array.from(sparse), zeros: Float64Array.from(zeros) },
  };
}

/** Channels of all densities; thresholds near the count half of the time, sometimes 0 or the most. */
function stimuli({ lanes, bits, countBits }: Plan, random: Random, count: number): Batch {
  const top = 2 ** countBits - 1;
  const code = new Float64Array(count * lanes);
  const active = new Float64Array(count * lanes);
  const threshold = new Float64Array(count);
  const last = new Float64Array(count);
  let density = 0.5;
  let zeros = 0;
  for (let t = 0; t < count; t++) {
    last[t] = random.below(6) === 0 ? 1 : 0;
    const used = last[t] === 1 ? random.below(lanes + 1) : lanes;
    for (let i = 0; i < lanes; i++) {
      active[t * lanes + i] = i < used ? 1 : 0;
      if (random.uniform() >= density) code[t * lanes + i] = 1 + random.below(2 ** bits - 1);
      else if (i < used) zeros++;
    }
    const near = Math.min(Math.max(zeros + random.below(3) - 1, 0), top);
    threshold[t] = random.pick([near, near, random.below(top + 1), 0, top]);
    if (last[t] !== 1) continue;
    density = random.pick([0, 0.1, 0.3, 0.65, 0.9, 1]);
    zeros = 0;
  }
  return { count, fields: { code, active, threshold, last } };
}

/** Parameters: lanes (16), bits of a code (4), countBits (12). @throws UsageError */
export function sparsityDetector(parameters: UnitParameters): Unit {
  const read = (name: string, low: number, high: number, fallback: number): number =>
    integerParameter('sparsity-detector', parameters, name, { low, high, fallback });
  const plan: Plan = {
    lanes: read('lanes', 1, 128, 16),
    bits: read('bits', 1, 16, 4),
    countBits: read('countBits', 1, 24, 12),
  };
  const { lanes, bits, countBits } = plan;
  const input: Channel = {
    name: 'in',
    direction: 'in',
    fields: [
      { name: 'code', lanes, bits, signed: false },
      { name: 'active', lanes, bits: 1, signed: false },
      { name: 'threshold', lanes: 1, bits: countBits, signed: false },
      { name: 'last', lanes: 1, bits: 1, signed: false },
    ],
  };
  const output: Channel = {
    name: 'out',
    direction: 'out',
    fields: [
      { name: 'sparse', lanes: 1, bits: 1, signed: false },
      { name: 'zeros', lanes: 1, bits: countBits, signed: false },
    ],
  };
  const name = `sparsity_detector_b${bits}_c${countBits}_v${lanes}`;
  const build = (count: (m: Module) => string): Unit['files'] => {
    const m = new Module(name, [
      `Sparsity detector: ${lanes} codes of ${bits} bits a transaction, zeros of a channel counted until last.`,
      'sparse = zeros >= threshold; codes whose active bit is 0 do not exist; the count saturates.',
    ]);
    m.clock();
    const i = m.channel(input);
    const o = m.channel(output);
    const zeros = count(m);
    const { valid, sum } = collector(m, {
      valid: i['valid']!,
      last: i['last']!,
      ready: i['ready']!,
      outReady: o['ready']!,
      sum: net('', countBits),
      next: base => {
        const width = Math.max(countBits, Math.ceil(Math.log2(lanes + 1))) + 1;
        const pad = (text: string, bitsNow: number): string =>
          bitsNow === width ? text : `{${width - bitsNow}'d0, ${text}}`;
        const zeroBits = Math.ceil(Math.log2(lanes + 1));
        m.raw(
          `wire [${width - 1}:0] count = ${pad(base.text, countBits)} + ${pad(zeros, zeroBits)};`,
          `wire full = |count[${width - 1}:${countBits}];`,
        );
        return m.wire('count_next', net(`count[${countBits - 1}:0] | {${countBits}{full}}`, countBits));
      },
    });
    const threshold = m.reg('threshold_q', net('', countBits));
    m.always([`if (acc_load) ${threshold.text} <= ${i['threshold']!.text};`]);
    m.assign(o['valid']!, valid);
    m.assign(o['zeros']!, sum);
    m.assign(o['sparse']!, net(`${sum.text} >= ${threshold.text}`, 1));
    return [m.file()];
  };
  const codeAt = (i: number): string =>
    lanes * bits === 1 ? 'in_code' : `in_code[${(i + 1) * bits - 1}:${i * bits}]`;
  const zeroAt = (i: number): string => {
    return `~|${codeAt(i)} & in_active${lanes === 1 ? '' : `[${i}]`}`;
  };
  const countWidth = Math.ceil(Math.log2(lanes + 1));
  return {
    kind: 'sparsity-detector',
    name,
    title: `sparsity detector, ${lanes} codes of ${bits} bits`,
    parameters: { ...plan },
    format: '',
    files: build(m => {
      const bitsOf = Array.from({ length: lanes }, (_, i) => m.wire(`zero_${i}`, net(zeroAt(i), 1)));
      return tree(m, 'zeros', bitsOf, add).text;
    }),
    reference: build(m => {
      // one lane after another instead of a tree
      m.raw(`wire [${countWidth - 1}:0] so_far_0 = ${countWidth}'d0;`);
      for (let i = 0; i < lanes; i++) {
        m.raw(
          `wire [${countWidth - 1}:0] so_far_${i + 1} = (${codeAt(i)} == ${bits}'d0) && in_active${lanes === 1 ? '' : `[${i}]`} ? so_far_${i} + ${countWidth}'d1 : so_far_${i};`,
        );
      }
      return `so_far_${lanes}`;
    }),
    input,
    output,
    latency: 1,
    golden: batch => golden(plan, batch),
    stimuli: (random, count) => stimuli(plan, random, count),
    operationsPerTransaction: lanes,
  };
}
