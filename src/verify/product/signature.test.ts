import { expect, test } from 'vitest';
import { AigBuilder } from '../../netlist/builder.ts';
import { reduceTo } from './cone.ts';
import { ConeSignatures } from './signature.ts';

/** Two delay lines of equal slices under one enable; `odd` breaks one slice. */
function slices(width: number, odd?: number): { aig: ReturnType<AigBuilder['build']>; bads: number[] } {
  const b = new AigBuilder();
  const enable = b.addInput('enable');
  const bads = Array.from({ length: width }, (_, i) => {
    const x = b.addInput(`x[${i}]`);
    const first = b.addLatch(`first[${i}]`, 0);
    const second = b.addLatch(`second[${i}]`, i === odd ? 1 : 0);
    b.setNext(first, b.addMux(enable, x, first));
    b.setNext(second, b.addMux(enable, first, second));
    return b.addAnd(b.addXor(first, second), enable);
  });
  const aig = b.build();
  return { aig, bads: bads.map(x => b.finalLiteral(x)) };
}

test('equal slices share a signature, a slice that differs in one initial value does not', () => {
  const { aig, bads } = slices(6);
  const signatures = new ConeSignatures(aig);
  expect(new Set(bads.map(x => signatures.of(x))).size).toBe(1);
  const other = slices(6, 4);
  const differing = new ConeSignatures(other.aig);
  const texts = other.bads.map(x => differing.of(x));
  expect(new Set(texts).size).toBe(2);
  expect(texts.filter(t => t === texts[4]).length).toBe(1);
  // the complement of a root is another root
  expect(signatures.of(bads[0]! ^ 1)).not.toBe(signatures.of(bads[0]!));
});

test('a reduced problem holds the cone alone and remembers where it came from', () => {
  const { aig, bads } = slices(6);
  const reduced = reduceTo(aig, { bads: [bads[2]!, bads[5]!], join: true });
  expect([...reduced.inputs]).toEqual([0, 3, 6]);
  expect([...reduced.latches]).toEqual([4, 5, 10, 11]);
  expect(reduced.aig.bads.length).toBe(1);
  reduced.aig.check();
  expect(reduced.literals[bads[0]! >>> 1]).toBe(-1);
  const latch = reduced.literals[aig.latchVariable(10)]!;
  expect(reduced.aig.names.latches![(latch >>> 1) - 1 - reduced.aig.inputCount]).toBe('first[5]');
});
