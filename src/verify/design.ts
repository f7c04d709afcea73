// A design under verification: its flat graph with ports and registers as words again.
// Refuses to know channels, clocks or resets: those are found by the front end and bound by `settleReset`.

import { InputError } from '../core/errors.ts';
import type { Aig } from '../netlist/aig.ts';

export interface Port {
  name: string;
  direction: 'in' | 'out';
  /** Literals of the graph, least significant first: inputs (positive) or what drives an output. */
  bits: readonly number[];
}

export interface Register {
  name: string;
  /** Indices of latches, least significant first. */
  latches: readonly number[];
}

export interface Design {
  name: string;
  aig: Aig;
  ports: readonly Port[];
  registers: readonly Register[];
  /** Inputs of the graph that no port owns: values the source leaves undefined (x), chosen freely every cycle. */
  undefinedInputs: readonly number[];
  /** Settled designs: values of open latches after a reset during which all other inputs were 0, by name. */
  rest?: ReadonlyMap<string, 0 | 1> | undefined;
}

/** Names of inputs the front end makes for undefined values start with this. */
export const undefinedPrefix = '$undefined';

/** Splits `name[3]` into its word and bit; a name without index is bit 0 of itself. */
export function splitBit(name: string): { word: string; bit: number | undefined } {
  const match = /^(.*)\[(\d{1,9})\]$/.exec(name);
  return match === null ? { word: name, bit: undefined } : { word: match[1]!, bit: Number(match[2]) };
}

/**
 * Ports and registers of a flat graph from its names.
 * @throws InputError when an input or output has no name
 */
export function designFromAig(aig: Aig, name = aig.names.model ?? 'design'): Design {
  const undefinedInputs: number[] = [];
  const inputs = new WordMap();
  for (let i = 0; i < aig.inputCount; i++) {
    const label = aig.names.inputs?.[i];
    if (label === undefined) throw new InputError(`input ${i} has no name`, { expected: 'named ports' });
    if (label.startsWith(undefinedPrefix)) undefinedInputs.push(2 * aig.inputVariable(i));
    else inputs.add(label, 2 * aig.inputVariable(i));
  }
  const outputs = new WordMap();
  aig.outputs.forEach((literal, i) => {
    const label = aig.names.outputs?.[i];
    if (label === undefined) throw new InputError(`output ${i} has no name`, { expected: 'named ports' });
    outputs.add(label, literal);
  });
  const registers = new WordMap();
  for (let i = 0; i < aig.latchCount; i++) registers.add(aig.names.latches?.[i] ?? `latch[${i}]`, i);
  return {
    name,
    aig,
    ports: [
      ...inputs.words().map(([word, bits]): Port => ({ name: word, direction: 'in', bits })),
      ...outputs.words().map(([word, bits]): Port => ({ name: word, direction: 'out', bits })),
    ],
    registers: registers.ranges().map(([word, latches]) => ({ name: word, latches })),
    undefinedInputs,
  };
}

/** Words in order of their first bit; bits by index. */
class WordMap {
  private readonly bits = new Map<string, [bit: number, value: number][]>();

  add(label: string, value: number): void {
    const { word, bit } = splitBit(label);
    const list = this.bits.get(word);
    if (list === undefined) this.bits.set(word, [[bit ?? 0, value]]);
    else list.push([bit ?? list.length, value]);
  }

  words(): [string, number[]][] {
    return [...this.bits].map(([word, list]) => [word, list.sort((a, b) => a[0] - b[0]).map(x => x[1])]);
  }

  /** Words whose bits begin at 0 and have no gap; of others, whose remaining bits are constant, each run of bits: `r[3:1]`. */
  ranges(): [string, number[]][] {
    return [...this.bits].flatMap(([word, list]): [string, number[]][] => {
      list.sort((a, b) => a[0] - b[0]);
      if (list.every(([bit], i) => bit === i)) return [[word, list.map(x => x[1])]];
      const runs: [bit: number, value: number][][] = [];
      for (const item of list) {
        const run = runs[runs.length - 1];
        if (run !== undefined && run[run.length - 1]![0] + 1 === item[0]) run.push(item);
        else runs.push([item]);
      }
      return runs.map(run => {
        const low = run[0]![0];
        const high = run[run.length - 1]![0];
        return [low === high ? `${word}[${low}]` : `${word}[${high}:${low}]`, run.map(x => x[1])];
      });
    });
  }
}

export function portOf(design: Design, name: string): Port | undefined {
  return design.ports.find(p => p.name === name);
}
