// Would a broken unit be noticed? Single-gate mutants of its graph, simulated until they differ; what survives is proved to
// be the same unit, or left open by name. Refuses to count a survivor as harmless without proof.

import { AbortedError } from '../core/errors.ts';
import { noProgress, type ProgressFactory } from '../core/progress.ts';
import { Random } from '../core/random.ts';
import { Aig } from '../netlist/aig.ts';
import { simulateUnit } from './equivalence.ts';
import { proveUnits } from './proof.ts';
import { readForProof } from './proof-graph.ts';
import { compareMachines } from './sequential.ts';
import type { Unit } from './unit.ts';

export interface MutantOptions {
  /** The graph of the unit when it was read already; default: its RTL is read. */
  aig?: Aig | undefined;
  /** Mutants made. Default 100. */
  count?: number | undefined;
  seed?: number | undefined;
  /** Transactions every mutant is simulated with; survivors get `moreVectors`. Default 20 000 and 1 048 576. */
  vectors?: number | undefined;
  moreVectors?: number | undefined;
  /** Seconds for the proof of one survivor. Default 20. */
  proofSeconds?: number | undefined;
  progress?: ProgressFactory | undefined;
  signal?: AbortSignal | undefined;
}

export interface MutantReport {
  mutants: number;
  /** Found different by simulation: at once, and among the survivors with more vectors. */
  killed: number;
  killedLate: number;
  /** Survivors proved to do the same: next states in every state that can follow a reset, or outputs of every run. */
  equivalent: number;
  /** Survivors that a model checker tells from the unit, in a run of that many cycles: what the stimuli do not reach. */
  missed: { gate: number; fanin: 0 | 1; cycles: number }[];
  /** Survivors neither killed nor decided: the gate, and why. */
  open: { gate: number; fanin: 0 | 1; reason: string }[];
  seconds: number;
}

/** The graph with one fan-in of one AND inverted. */
export function mutate(aig: Aig, gate: number, fanin: 0 | 1): Aig {
  const { inputCount, outputs, latchNext, latchInit, names } = aig;
  const fanin0 = aig.fanin0.slice();
  const fanin1 = aig.fanin1.slice();
  (fanin === 0 ? fanin0 : fanin1)[gate]! ^= 1;
  return new Aig({ inputCount, fanin0, fanin1, outputs, latchNext, latchInit, names });
}

/** Makes mutants of a unit and judges each. @throws InputError, AbortedError */
export async function judgeMutants(unit: Unit, options: MutantOptions = {}): Promise<MutantReport> {
  const begin = performance.now();
  const { count = 100, vectors = 20_000, moreVectors = 1_048_576, proofSeconds = 20, signal } = options;
  const random = new Random(options.seed ?? 7);
  const read = async (files: Unit['files']): Promise<Aig> =>
    (await readForProof(files, unit.name, signal)).aig;
  const aig = options.aig ?? (await read(unit.files));
  const described = unit.states ?? unit.reference;
  // read only when it says something of states
  const speaks = described?.some(file => file.text.includes('state_')) === true;
  const states = speaks ? await read(described!) : aig;
  const report: MutantReport = {
    ...{ mutants: count, killed: 0, killedLate: 0, equivalent: 0 },
    ...{ missed: [], open: [], seconds: 0 },
  };
  const bar = (options.progress ?? noProgress)('mutants', count, '');
  const survives = (mutant: Aig, transactions: number): boolean =>
    simulateUnit(unit, mutant, { vectors: transactions, seed: options.seed, signal }).mismatch === undefined;
  try {
    for (let i = 0; i < count; i++) {
      if (signal?.aborted === true) throw new AbortedError('mutants stopped');
      const gate = random.below(aig.andCount);
      const fanin = random.below(2) === 0 ? 0 : 1;
      const mutant = mutate(aig, gate, fanin);
      bar.update(i);
      if (!survives(mutant, vectors)) {
        report.killed++;
        continue;
      }
      const proof = proveUnits(mutant, aig, unit.input, { seconds: proofSeconds, states, signal });
      if (proof.verdict === 'proved') report.equivalent++;
      else if (!survives(mutant, moreVectors)) report.killedLate++;
      else {
        // registers differ where no output may ever show it: the machines as wholes
        const { verdict, depth, reason } = await compareMachines(aig, mutant, unit, {
          seconds: 2 * proofSeconds,
          signal,
        });
        if (verdict === 'proved') report.equivalent++;
        else if (verdict === 'refuted') report.missed.push({ gate, fanin, cycles: depth + 1 });
        else report.open.push({ gate, fanin, reason: `${proof.reason}; ${reason}` });
      }
    }
  } finally {
    bar.end();
  }
  report.seconds = (performance.now() - begin) / 1000;
  return report;
}

/** One line for people. */
export function mutantLine({ mutants, killed, killedLate, equivalent, missed, open }: MutantReport): string {
  const late = killedLate > 0 ? ` (${killedLate} only with a million transactions)` : '';
  const reached = missed.length > 0 ? `, ${missed.length} told apart by a model checker only` : '';
  const left = open.length > 0 ? `, ${open.length} neither` : '';
  return `${mutants} mutants: ${killed + killedLate} noticed${late}, ${equivalent} proved to be no change${reached}${left}`;
}
