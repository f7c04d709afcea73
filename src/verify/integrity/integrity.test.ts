import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../core/random.ts';
import { AigBuilder } from '../../netlist/builder.ts';
import { checkIntegrity, findRoles, type StreamDesign } from './index.ts';

/** What may be wrong with the shift-register FIFO below. */
type Bug = 'none' | 'overwrite' | 'swap' | 'repeat' | 'invert' | 'mix' | 'peek';

/** A FIFO of `depth` words: word 0 is the oldest; full flags f[i] = word i is there. */
function shiftFifo(depth: number, width: number, bug: Bug): StreamDesign {
  const b = new AigBuilder();
  const valid = b.addInput('v');
  const ready = b.addInput('r');
  const data = b.addInputs('d', width);
  const full = Array.from({ length: depth }, (_, i) => b.addLatch(`full${i}`));
  const words = full.map((_, i) => data.map((_, k) => b.addLatch(`w${i}_${k}`, 2)));
  const not = (x: number): number => x ^ 1;
  const or = (x: number, y: number): number => not(b.addAnd(not(x), not(y)));
  const mux = (s: number, x: number, y: number): number => or(b.addAnd(s, x), b.addAnd(not(s), y));
  const space = bug === 'overwrite' ? or(not(full[depth - 1]!), valid) : not(full[depth - 1]!);
  const inReady = bug === 'peek' ? b.addAnd(space, or(not(data[0]!), full[0]!)) : space;
  const push = b.addAnd(valid, inReady);
  const pop = b.addAnd(full[0]!, ready);
  const keep = full.map((f, i) => (i + 1 < depth ? mux(pop, full[i + 1]!, f) : b.addAnd(f, not(pop))));
  full.forEach((_, i) => {
    const shifted = bug === 'repeat' && i === 0 ? or(keep[0]!, b.addAnd(pop, push)) : keep[i]!;
    const before = i === 0 ? 1 : bug === 'repeat' && i === 1 ? shifted : keep[i - 1]!;
    const here = b.addAnd(push, b.addAnd(before, not(keep[i]!)));
    b.setNext(full[i]!, or(shifted, here));
    data.forEach((d, k) => {
      const stay = i + 1 < depth ? mux(pop, words[i + 1]![k]!, words[i]![k]!) : words[i]![k]!;
      const last = bug === 'overwrite' && i === depth - 1 ? or(here, push) : here;
      b.setNext(words[i]![k]!, mux(last, d, stay));
    });
  });
  const swapped = b.addAnd(full[Math.min(1, depth - 1)]!, full[depth - 1]!);
  const out = data.map((_, k) => {
    const head = words[0]![k]!;
    if (bug === 'invert' && k === 0) return not(head);
    if (bug === 'mix' && k === 0) return b.addAnd(head, words[0]![width - 1]!);
    if (bug === 'swap') return mux(swapped, words[depth - 1]![k]!, head);
    return head;
  });
  b.addOutput(inReady);
  b.addOutput(full[0]!);
  for (const x of out) b.addOutput(x);
  const final = (x: number): number => b.finalLiteral(x);
  const aig = b.build();
  return {
    aig,
    inputs: [{ name: 'in', valid: final(valid), ready: aig.outputs[0]!, payload: data.map(final) }],
    outputs: [
      { name: 'out', valid: aig.outputs[1]!, ready: final(ready), payload: [...aig.outputs.slice(2)] },
    ],
  };
}

/** Random runs against a queue: does any of them fail within the cycles? */
function simulationFails(design: StreamDesign, seed: number, runs: number, cycles: number): boolean {
  const { aig } = design;
  const [input] = design.inputs;
  const [output] = design.outputs;
  const random = new Random(seed);
  for (let run = 0; run < runs; run++) {
    const state = Uint8Array.from(aig.latchInit, x => (x === 2 ? random.below(2) : x));
    const values = new Uint8Array(aig.variableCount);
    const read = (x: number): number => values[x >>> 1]! ^ (x & 1);
    const queue: string[] = [];
    for (let t = 0; t < cycles; t++) {
      for (let v = 1; v <= aig.inputCount; v++) values[v] = random.below(2);
      for (let i = 0; i < aig.latchCount; i++) values[aig.latchVariable(i)] = state[i]!;
      for (let i = 0; i < aig.andCount; i++) {
        values[aig.firstAnd + i] = read(aig.fanin0[i]!) & read(aig.fanin1[i]!);
      }
      if (read(input!.valid) & read(input!.ready)) queue.push(input!.payload.map(read).join(''));
      if (read(output!.valid) & read(output!.ready)) {
        if (queue.shift() !== output!.payload.map(read).join('')) return true;
      }
      state.set(Uint8Array.from(aig.latchNext, read));
    }
  }
  return false;
}

test('FIFOs of any small shape: the verdict is that of long random simulation', () => {
  const bugs: Bug[] = ['none', 'overwrite', 'swap', 'repeat', 'invert', 'mix', 'peek'];
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 5 }),
      fc.integer({ min: 2, max: 4 }),
      fc.constantFrom(...bugs),
      (depth, width, bug) => {
        const design = shiftFifo(depth, width, bug);
        design.aig.check();
        const result = checkIntegrity(design);
        const fails = simulationFails(design, depth * 10 + width, 40, 60);
        expect(result.verdict).toBe(fails ? 'refuted' : 'proved');
        expect(result.vacuous).toBe(false);
        if (bug === 'none') expect(result.capacity).toBe(depth);
      },
    ),
    { numRuns: 60, seed: 5 },
  );
});

test('a refutation is a run that fails in its last cycle and not before', () => {
  const design = shiftFifo(3, 4, 'overwrite');
  const result = checkIntegrity(design);
  expect(result.verdict).toBe('refuted');
  expect(result.summary).toMatch(/out gives 0x\w in cycle \d+, but the oldest word inside is 0x\w/);
  expect(result.trace!.steps.length).toBe(result.depth + 1);
  expect(result.trace!.steps.length).toBeLessThanOrEqual(10);
});

test('payload bits that control looks at are tags; the rest is data', () => {
  const peek = findRoles(shiftFifo(3, 4, 'peek'));
  expect([peek.tags, peek.data]).toEqual([[0], [1, 2, 3]]);
  expect(findRoles(shiftFifo(3, 4, 'none')).tags).toEqual([]);
});

test('limits end in unknown with the reason', () => {
  const result = checkIntegrity(shiftFifo(5, 3, 'none'), { maxStates: 2 });
  expect([result.verdict, result.reason]).toEqual(['unknown', 'more than 2 control states']);
  const stopped = checkIntegrity(shiftFifo(5, 3, 'none'), { signal: AbortSignal.abort() });
  expect([stopped.verdict, stopped.reason]).toEqual(['unknown', 'interrupted']);
});
