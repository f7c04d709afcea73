// Transitions with delays: each cycle the netlist settles in discrete steps, hundreds of traces at once, and every change
// on the way counts. Inertial delays in whole steps: a pulse shorter than the delay of a cell does not pass it.
// Refuses nothing it is given by netlist-aig.ts.

import type { BooleanExpression } from '../../netlist/boolean-expression.ts';
import { type MappedNetlist, openPin, topologicalOrder } from './netlist.ts';
import type { Timing } from './timing.ts';

interface Gate {
  out: number;
  inputs: number[];
  function: BooleanExpression;
  names: string[];
  delay: number;
}

/** Net values at each step of the settling of one cycle, and the transitions seen so far. */
export class GlitchCounter {
  /** Transitions of each net over all traces and cycles added. */
  readonly transitions: Float64Array;
  private readonly gates: Gate[] = [];
  private readonly words: number;
  /** First and last step at which each net can change. */
  private readonly first: Int32Array;
  private readonly last: Int32Array;
  private readonly waves: Uint32Array[];
  private readonly sources: number[] = [];
  private readonly settled: Uint32Array;

  /**
   * @param step ps a step; the delay of a cell is its worst arc under its load and slew, at least one step
   * @param words words of 32 traces
   */
  constructor(netlist: MappedNetlist, timing: Timing, step: number, words: number) {
    const { instances, netNames, drivers } = netlist;
    this.words = words;
    this.transitions = new Float64Array(netNames.length);
    this.first = new Int32Array(netNames.length);
    this.last = new Int32Array(netNames.length);
    this.settled = new Uint32Array(netNames.length * words);
    const { arrivals, slews, loads } = timing;
    for (const index of topologicalOrder(netlist)) {
      const { cell, nets } = instances[index]!;
      if (cell.logic.flipFlop !== undefined) continue;
      for (const [pin, expression] of cell.logic.outputs) {
        const place = cell.pinIndex.get(pin)!;
        const out = nets[place]!;
        if (out === openPin) continue;
        let worst = 0;
        for (const arc of cell.arcs) {
          const from = nets[arc.from]!;
          if (arc.to !== place || from === openPin || !(arrivals[2 * from]! > -Infinity)) continue;
          const slew = Math.max(slews[2 * from]!, slews[2 * from + 1]!);
          const rise = arc.cellRise?.evaluate(slew, loads[out]!) ?? 0;
          const fall = arc.cellFall?.evaluate(slew, loads[out]!) ?? 0;
          worst = Math.max(worst, (rise + fall) / 2);
        }
        const names = cell.logic.inputs;
        const inputs = names.map(name => nets[cell.pinIndex.get(name)!]!);
        const delay = Math.max(1, Math.round(worst / step));
        this.gates.push({ out, inputs, function: expression, names, delay });
        let early = Infinity;
        let late = 0;
        for (const net of inputs) {
          if (net < 2) continue;
          early = Math.min(early, this.first[net]! + delay);
          late = Math.max(late, this.last[net]! + delay);
        }
        this.first[out] = Number.isFinite(early) ? early : 0;
        this.last[out] = late;
      }
    }
    drivers.forEach((driver, net) => {
      const gate =
        typeof driver === 'object' && instances[driver.instance]!.cell.logic.flipFlop === undefined;
      if (net >= 2 && !gate && net !== netlist.clock) this.sources.push(net);
    });
    // wave: the value before the window, then one row a step of it
    this.waves = Array.from(
      netNames,
      (_, net) => new Uint32Array((this.last[net]! - this.first[net]! + 2) * words),
    );
    for (let g = 0; g < words; g++) this.waves[1]![g] = this.waves[1]![words + g] = 0xffffffff;
  }

  /**
   * One cycle.
   * @param value writes the words of a source net (input or flip-flop output) after the edge
   * @param masks traces that count, a word each
   * @param count false for a first cycle, which only settles
   */
  cycle(value: (net: number, into: Uint32Array) => void, masks: Uint32Array, count: boolean): void {
    const waves = this.waves;
    const words = this.words;
    const first = this.first;
    const last = this.last;
    const now = new Uint32Array(words);
    for (const net of this.sources) {
      const wave = waves[net]!;
      value(net, now);
      for (let g = 0; g < words; g++) {
        wave[g] = this.settled[net * words + g]!;
        wave[words + g] = now[g]!;
      }
      this.close(net, masks, count);
    }
    for (const gate of this.gates) {
      const { out } = gate;
      const wave = waves[out]!;
      for (let g = 0; g < words; g++) wave[g] = this.settled[out * words + g]!;
      const start = first[out]! - gate.delay;
      const steps = last[out]! - first[out]! + 1;
      // what the inputs ask for, from their first to their last change
      const wanted = this.scratch(steps * words);
      for (let k = 0; k < steps; k++) {
        const rows = gate.inputs.map(net => {
          const row = Math.min(Math.max(start + k - first[net]! + 1, 0), last[net]! - first[net]! + 1);
          return row * words;
        });
        for (let g = 0; g < words; g++) {
          wanted[k * words + g] = evaluate(gate.function, name => {
            const i = gate.names.indexOf(name);
            return waves[gate.inputs[i]!]![rows[i]! + g]!;
          });
        }
      }
      // the output follows once that has stood for the delay of the cell
      for (let k = 0; k < steps; k++) {
        for (let g = 0; g < words; g++) {
          let all = 0xffffffff;
          let any = 0;
          for (let back = 0; back <= gate.delay; back++) {
            const at = k + back;
            const bit = wanted[Math.min(at, steps - 1) * words + g]!;
            all &= bit;
            any |= bit;
          }
          wave[(k + 1) * words + g] = (wave[k * words + g]! & any) | all;
        }
      }
      this.close(out, masks, count);
    }
  }

  private buffer = new Uint32Array(0);

  private scratch(length: number): Uint32Array {
    if (this.buffer.length < length) this.buffer = new Uint32Array(2 * length);
    return this.buffer;
  }

  private close(net: number, masks: Uint32Array, count: boolean): void {
    const words = this.words;
    const wave = this.waves[net]!;
    const end = wave.length - words;
    if (count) {
      let n = 0;
      for (let at = 0; at < end; at++) n += popcount((wave[at]! ^ wave[at + words]!) & masks[at % words]!);
      this.transitions[net]! += n;
    }
    for (let g = 0; g < words; g++) this.settled[net * words + g] = wave[end + g]!;
  }
}

function evaluate(e: BooleanExpression, value: (name: string) => number): number {
  switch (e.kind) {
    case 'constant':
      return e.value === 1 ? 0xffffffff : 0;
    case 'variable':
      return value(e.name);
    case 'not':
      return ~evaluate(e.of, value);
    case 'and':
      return evaluate(e.left, value) & evaluate(e.right, value);
    case 'or':
      return evaluate(e.left, value) | evaluate(e.right, value);
    default:
      return evaluate(e.left, value) ^ evaluate(e.right, value);
  }
}

/** Ones in a 32-bit word. */
export function popcount(x: number): number {
  x -= (x >>> 1) & 0x55555555;
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return (((x + (x >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
