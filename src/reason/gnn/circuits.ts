// The training circuits: generated multipliers and the committed mapped ones (assets/gnn/circuits), none wider than 16 bits.
// Refuses widths above 16: accuracy is claimed on wider circuits, which must stay unseen.

import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InputError, unknownWord } from '../../core/errors.ts';
import { packageRoot } from '../../core/places.ts';
import { type Aig, generateMultiplier, readAiger } from '../../netlist/index.ts';

export interface TrainingCircuit {
  name: string;
  aig: Aig;
  /** The circuit it was mapped from. */
  original?: Aig | undefined;
}

/** Widest training circuit. */
export const widestTraining = 16;

/** Names of the circuit sets. */
export const circuitSets = ['csa8', 'plain', 'mix'] as const;

const folder = new URL('assets/gnn/circuits/', packageRoot);

/**
 * `csa8`: the paper's training set. `plain`: array and Booth multipliers, signed and unsigned. `mix`: plain and the
 * committed mapped and resynthesised circuits.
 * @throws UsageError for an unknown set, InputError when the files are missing
 */
export function trainingCircuits(set: string): TrainingCircuit[] {
  if (set === 'csa8') return [{ name: 'csa8', aig: generateMultiplier({ width: 8, names: false }) }];
  if (set !== 'plain' && set !== 'mix') throw unknownWord('circuit set', set, circuitSets);
  const list: TrainingCircuit[] = [];
  for (const width of [4, 6, 8, 10, 12, 14, 16]) {
    for (const kind of ['csa', 'booth'] as const) {
      for (const signed of [false, true]) {
        const name = `${kind}${width}${signed ? '-signed' : ''}`;
        list.push({ name, aig: generateMultiplier({ kind, width, signed, names: false }) });
      }
    }
  }
  return set === 'plain' ? list : [...list, ...mappedCircuits()];
}

/** The committed mapped circuits with the generated ones they came from, e.g. csa16.osu018.map.aig. */
export function mappedCircuits(): TrainingCircuit[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter(f => f.endsWith('.aig'));
  } catch {
    throw new InputError('the training circuits are missing', { file: fileURLToPath(folder) });
  }
  return names.sort().map(file => {
    const match = /^(csa|booth)(\d+)\./.exec(file);
    const width = Number(match?.[2]);
    if (match === null || width > widestTraining) {
      throw new InputError('not a training circuit', { file, expected: 'a name such as csa16.mcnc.map.aig' });
    }
    const kind = match[1] as 'csa' | 'booth';
    const aig = readAiger(fileURLToPath(new URL(file, folder)));
    const original = generateMultiplier({ kind, width, signed: kind === 'booth', names: false });
    return { name: file.slice(0, -4), aig, original };
  });
}
