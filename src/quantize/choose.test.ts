import { expect, test } from 'vitest';
import type { QuantizableNode } from '../model/index.ts';
import { assignFormats } from './assign.ts';
import { chooseFormats } from './budget.ts';
import { matches, resolveOptions } from './options.ts';
import { parseScheme } from './scheme.ts';
import type { LayerSensitivity } from './sensitivity.ts';

const node = (name: string, extra: Partial<QuantizableNode> = {}): QuantizableNode =>
  ({
    node: { name, outputs: [`${name}.out`] },
    weight: { name: `${name}.w` },
    first: false,
    last: false,
    depthwise: false,
    ...extra,
  }) as unknown as QuantizableNode;

test('the last matching rule wins, keep is stronger, strangers are reported', () => {
  const nodes = [node('a', { first: true }), node('b1', { depthwise: true }), node('b2')];
  const { assignments, unmatched } = assignFormats(nodes, {
    weights: 'int4@v16:u4',
    activations: 'int8@v16:u8',
    first: { weights: 'int8@channel' },
    depthwise: { weights: 'int6@channel' },
    rules: [
      { pattern: 'b*', weights: 'int3@v16:u4' },
      { pattern: 'b2.w', weights: 'int5@v16:u4' },
      { pattern: 'zz' },
    ],
    keep: ['a'],
  });
  expect(assignments[0]).toEqual({ weights: undefined, activations: undefined });
  expect(assignments[1]!.weights!.element).toMatchObject({ bits: 3 });
  expect(assignments[2]!.weights!.element).toMatchObject({ bits: 5 });
  expect(unmatched).toEqual(['zz']);
});

test('patterns', () => {
  expect(matches('conv*.1?', 'conv2d.17')).toBe(true);
  expect(matches('conv*.1?', 'conv2d.1')).toBe(false);
  expect(matches('*', '')).toBe(true);
  expect(matches('a*b*c', 'axxbyyc')).toBe(true);
});

test('schemes and option ranges', () => {
  expect(parseScheme('4/8/4/8')).toEqual({ weights: 'int4@v16:u4', activations: 'int8@v16:u8' });
  expect(parseScheme('max:int4@channel')).toMatchObject({ method: 'max', activations: 'fp32' });
  expect(() => parseScheme('int4@chanel')).toThrow(/int4@channel/);
  expect(() => resolveOptions({ weights: 'int4@v16', correction: 2 })).toThrow(/correction/);
});

test('the budget goes where a bit removes most disturbance', () => {
  const s = (name: string, bits: number, divergence: number): LayerSensitivity => ({
    ...{ node: name, op: 'Conv', shape: [], format: `int${bits}`, elements: 100, bits },
    ...{ sqnr: 0, top1: 0, divergence },
  });
  const measured = [s('x', 4, 1), s('x', 8, 0.1), s('y', 4, 0.2), s('y', 8, 0.1)];
  const six = chooseFormats(measured, 6);
  expect(six.choices.map(c => c.bits)).toEqual([8, 4]);
  expect(six.effectiveBits).toBe(6);
  expect(chooseFormats(measured, 8).choices.map(c => c.bits)).toEqual([8, 8]);
  expect(() => chooseFormats(measured, 3)).toThrow(/at least 4/);
});
