// Handmade machines of the kinds hardware model checking meets: FIFOs proved by found invariants and by PDR alone, the
// seeded fault found, words read by their names.

import { expect, test } from 'vitest';
import { Aig } from '../netlist/aig.ts';
import { checkCertificate } from './check-certificate.ts';
import { Limits } from './limits.ts';
import { fifo } from './machines.ts';
import { firstFailure } from './replay.ts';
import { runEngine } from './run-engine.ts';
import { checkSafety } from './safety.ts';

test.each([
  { depth: 4, width: 1 },
  { depth: 8, width: 2 },
  { depth: 16, width: 8 },
])('order and content of a FIFO of $depth x $width by induction, with invariants found', shape => {
  const aig = fifo(shape);
  const limits = new Limits({ timeoutSeconds: 20 });
  const outcome = runEngine({ engine: 'k-induction', aig, bad: 0, maxDepth: 4, hints: {} }, limits);
  expect(outcome).toMatchObject({ verdict: 'proved', method: 'k-induction' });
  // each slot and bit needs its clause: nothing was proved by accident
  expect(outcome.certificate!.clauses).toBeGreaterThanOrEqual(shape.depth * shape.width);
  if (shape.depth * shape.width <= 16) {
    expect(checkCertificate(aig, 0, outcome.certificate!).valid).toBe(true);
  }
});

test.each(['marked', 'colours'] as const)('PDR proves a small FIFO without names (%s)', monitor => {
  const aig = fifo({ depth: 4, width: 1, monitor, nameless: true });
  const limits = new Limits({ timeoutSeconds: 20 });
  const outcome = runEngine({ engine: 'pdr', aig, bad: 0, maxDepth: 100, hints: {} }, limits);
  expect(outcome).toMatchObject({ verdict: 'proved', method: 'pdr' });
  expect(checkCertificate(aig, 0, outcome.certificate!).valid).toBe(true);
});

test.each([
  'marked',
  'colours',
] as const)('an overflowing FIFO is refuted by its shortest run (%s)', async monitor => {
  const aig = fifo({ depth: 4, width: 1, monitor, overflow: true });
  const result = await checkSafety(aig, { timeoutSeconds: 20 });
  expect(result.verdict).toBe('refuted');
  const bounded = await checkSafety(aig, { engines: ['bmc'], threads: 0 });
  expect(result.depth).toBe(bounded.depth);
  expect(firstFailure(aig, aig.bads[0]!, result.trace!)).toBe(result.depth);
});

test('constraints that end every run prove anything, and say so with a certificate or by exhaustion', async () => {
  const aig = fifo({ depth: 4, width: 1 });
  const closed = new Aig({
    inputCount: aig.inputCount,
    fanin0: aig.fanin0,
    fanin1: aig.fanin1,
    latchNext: aig.latchNext,
    latchInit: aig.latchInit,
    bads: aig.bads,
    constraints: Uint32Array.of(0),
  });
  const result = await checkSafety(closed, { threads: 0 });
  expect(result.verdict).toBe('proved');
});

test('a fault deep in a wide FIFO is found by simulation, and its run replays', async () => {
  const aig = fifo({ depth: 16, width: 8, overflow: true });
  const result = await checkSafety(aig, { timeoutSeconds: 8, shortest: false });
  expect(result).toMatchObject({ verdict: 'refuted', method: 'simulation' });
  // nothing shorter than filling the queue shows the fault
  expect(result.depth).toBeGreaterThanOrEqual(17);
  expect(firstFailure(aig, aig.bads[0]!, result.trace!, () => 1)).toBe(result.depth);
});
