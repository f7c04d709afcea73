import { expect, test } from 'vitest';
import { units } from '../../hardware/units.ts';
import { AigBuilder } from '../../netlist/builder.ts';
import { designFromAig } from '../design.ts';
import { findChannels } from '../front/channels.ts';
import type { Interface } from '../interface.ts';
import { simulateStalls } from './stalls.ts';
import { examples, generatedUnits, referenceRows } from './table.ts';

/** A one-word register; `dead`: it wedges when its word leaves while another is offered. */
function register(bug: 'none' | 'dead' | 'garbage' | 'wrong') {
  const b = new AigBuilder();
  const valid = b.addInput('in_valid');
  const data = b.addInput('in_data');
  const ready = b.addInput('out_ready');
  const busy = b.addLatch('busy', 0);
  const word = b.addLatch('word', 2);
  const wedged = b.addLatch('wedged', 0);
  const free = b.addAnd(busy ^ 1, wedged ^ 1);
  const take = b.addAnd(valid, free);
  const leave = b.addAnd(b.addAnd(busy, ready), wedged ^ 1);
  const mux = (s: number, x: number, y: number): number => b.addOr(b.addAnd(s, x), b.addAnd(s ^ 1, y));
  b.setNext(busy, b.addOr(take, b.addAnd(busy, leave ^ 1)));
  b.setNext(word, mux(bug === 'garbage' ? b.addOr(take, busy) : take, data, word));
  b.setNext(wedged, bug === 'dead' ? b.addOr(wedged, b.addAnd(leave, valid)) : 0);
  b.addOutput(free, 'in_ready');
  b.addOutput(b.addAnd(busy, wedged ^ 1), 'out_valid');
  b.addOutput(bug === 'wrong' ? b.addAnd(word, valid) : word, 'out_data');
  const design = designFromAig(b.build(), 'register');
  const shapes = design.ports.map(p => ({ name: p.name, direction: p.direction, width: p.bits.length }));
  const found: Interface = {
    clockEdge: 'rising',
    resets: [],
    channels: findChannels(shapes).channels,
    freeInputs: [],
    otherOutputs: [],
  };
  return { design, found };
}

test('random stalls hit each kind of bug, and never a correct block', () => {
  for (const check of ['P1', 'P2', 'P5'] as const) {
    const { design, found } = register('none');
    const clean = simulateStalls(design, found, check, { cycles: 4000, silence: 2500 });
    expect(clean.hits.every(h => h === undefined)).toBe(true);
    expect(clean.median).toBeUndefined();
  }
  const median = (bug: 'dead' | 'garbage' | 'wrong', check: 'P1' | 'P2' | 'P5'): number | undefined => {
    const { design, found } = register(bug);
    return simulateStalls(design, found, check, { cycles: 20_000 }).median;
  };
  expect(median('dead', 'P2')).toBeLessThan(2000);
  expect(median('garbage', 'P1')).toBeLessThan(2000);
  expect(median('wrong', 'P5')).toBeLessThan(2000);
});

test('the same seed gives the same cycles', () => {
  const { design, found } = register('garbage');
  const run = (seed: number) => simulateStalls(design, found, 'P1', { cycles: 5000, seed }).hits;
  expect(run(4)).toEqual(run(4));
  expect(run(4)).not.toEqual(run(5));
});

test('the table has every row, buggy and correct, and distinct names', () => {
  const rows = new Set(referenceRows.map(e => e.row));
  for (let row = 1; row <= 14; row++) expect(rows.has(row)).toBe(true);
  expect(referenceRows.filter(e => e.row === 14).length).toBe(14);
  expect(generatedUnits.map(e => e.file).sort()).toEqual(units.map(u => u.name).sort());
  expect(new Set(examples.map(e => e.name)).size).toBe(examples.length);
});
