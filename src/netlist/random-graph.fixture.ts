// Random graphs for tests: every kind of root, names, all reset values.

import type { Random } from '../core/random.ts';
import type { Aig } from './aig.ts';
import { AigBuilder } from './builder.ts';

export interface RandomGraphOptions {
  inputs: number;
  latches: number;
  ands: number;
  properties?: boolean;
  names?: boolean;
  hashing?: boolean;
  /** Reset values drawn from. Default 0, 1, 2. */
  inits?: number[];
}

export function randomGraph(random: Random, options: RandomGraphOptions): Aig {
  const b = new AigBuilder({ hashing: options.hashing ?? true });
  const name = (text: string): string | undefined => (options.names ? text : undefined);
  const literals = [0];
  for (let i = 0; i < options.inputs; i++) literals.push(b.addInput(name(`in${i}`)));
  const latches: number[] = [];
  for (let i = 0; i < options.latches; i++) {
    latches.push(b.addLatch(name(`state${i}`), random.pick(options.inits ?? [0, 1, 2])));
  }
  literals.push(...latches);
  const draw = (): number => random.pick(literals) ^ random.below(2);
  for (let i = 0; i < options.ands; i++) literals.push(b.addAnd(draw(), draw()));
  for (const latch of latches) b.setNext(latch, draw());
  for (let i = 0; i < 1 + random.below(5); i++) b.addOutput(draw(), name(`out${i}`));
  if (options.properties) {
    b.addBad(draw(), name('never'));
    b.addConstraint(draw(), name('assume'));
    b.addJustice([draw(), draw()], name('live'));
    b.addFairness(draw(), name('fair'));
  }
  return b.build();
}
