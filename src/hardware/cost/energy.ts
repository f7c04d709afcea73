// Energy a clock cycle of a mapped netlist from switching activity: load energy of every net, internal energy of every
// cell by pin, slew and load, the clock, and leakage. Refuses nothing; see docs/cost.md for what the model leaves out.

import { type BooleanExpression, expressionVariables } from '../../netlist/boolean-expression.ts';
import { evaluateExpression } from './expression.ts';
import type { InternalPower, TimingCell } from './library.ts';
import { clockPin, type Instance, type MappedNetlist, openPin } from './netlist.ts';
import type { Timing } from './timing.ts';

/** What the nets do: transitions a clock cycle, and the share of time they are 1. */
export interface NetActivity {
  toggles: Float64Array;
  probability: Float64Array;
  /** Clock cycles simulated (times parallel traces). */
  cycles: number;
}

/** fJ a clock cycle. */
export interface CycleEnergy {
  total: number;
  /** ½·C·V² of nets other than the clock. */
  load: number;
  /** Inside combinational cells. */
  logic: number;
  /** Inside flip-flops, their clock pins left out. */
  flipFlops: number;
  /** Clock net, and what the clock does inside flip-flops. */
  clock: number;
  leakage: number;
  /** Leakage power in nW. */
  leakagePower: number;
}

/**
 * @param period clock period in ps, for leakage
 */
export function cycleEnergy(
  netlist: MappedNetlist,
  timing: Timing,
  activity: NetActivity,
  period: number,
): CycleEnergy {
  const { instances, library, clock, gatedClocks } = netlist;
  const { voltage } = library;
  const half = (voltage * voltage) / 2;
  const { loads, slews } = timing;
  const { toggles, probability } = activity;
  const chance = (net: number): number => {
    if (net === openPin) return 0;
    if (net < 2) return net;
    const enable = gatedClocks.get(net);
    return net === clock ? 0.5 : enable === undefined ? probability[net]! : chance(enable) / 2;
  };
  const rate = (net: number): number => {
    if (net === openPin) return 0;
    // a gated clock rises and falls in the cycles it is enabled
    const enable = gatedClocks.get(net);
    return net === clock ? 2 : enable === undefined ? toggles[net]! : 2 * chance(enable);
  };
  const slewOf = (net: number): number =>
    net === openPin || net === clock || gatedClocks.has(net)
      ? 0
      : (slews[2 * net]! + slews[2 * net + 1]!) / 2;

  let load = 0;
  let clockEnergy = clock === undefined ? 0 : 2 * half * loads[clock]!;
  for (let net = 2; net < loads.length; net++) {
    if (net === clock) continue;
    const energy = half * loads[net]! * rate(net);
    if (gatedClocks.has(net)) clockEnergy += energy;
    else load += energy;
  }
  let logic = 0;
  let flipFlops = 0;
  let leakagePower = 0;
  for (const instance of instances) {
    const { cell, nets } = instance;
    const view = pinView(instance, rate, chance);
    leakagePower += leakageOf(view);
    const isFlipFlop = cell.logic.flipFlop !== undefined;
    const clockPlace = clockPin(cell);
    for (let pin = 0; pin < cell.pins.length; pin++) {
      const output = cell.pins[pin]!.output;
      const net = nets[pin]!;
      const toggleRate = output ? outputRate(instance, pin, rate) : rate(net);
      if (toggleRate === 0) continue;
      const energy = output
        ? outputEnergy(cell, pin, net === openPin ? 0 : loads[net]!, nets, rate, slewOf)
        : inputEnergy(view, pin, slewOf(net));
      if (pin === clockPlace || cell.clockGate !== undefined) clockEnergy += energy * toggleRate;
      else if (isFlipFlop) flipFlops += energy * toggleRate;
      else logic += energy * toggleRate;
    }
  }
  // nW · ps = 1e-6 fJ
  const leakage = leakagePower * period * 1e-6;
  const total = load + logic + flipFlops + clockEnergy + leakage;
  return { total, load, logic, flipFlops, clock: clockEnergy, leakage, leakagePower };
}

function pinView(
  { cell, nets }: Instance,
  rate: (net: number) => number,
  chance: (net: number) => number,
): PinView {
  let state = 0.5;
  let moves = 0;
  const ff = cell.logic.flipFlop;
  if (ff !== undefined) {
    for (const [name, f] of cell.logic.outputs) {
      const net = nets[cell.pinIndex.get(name)!]!;
      if (net === openPin || f.kind !== 'variable') continue;
      state = f.name === ff.state ? chance(net) : 1 - chance(net);
      moves = rate(net);
    }
  }
  return {
    cell,
    chance(pin) {
      const place = cell.pinIndex.get(pin);
      return place === undefined || nets[place] === openPin ? 0.5 : chance(nets[place]!);
    },
    state,
    moves: Math.min(1, moves),
  };
}

/** Transitions of an output pin; an unconnected output of a flip-flop moves with the connected one. */
function outputRate(instance: Instance, pin: number, rate: (net: number) => number): number {
  const { cell, nets } = instance;
  if (nets[pin] !== openPin) return rate(nets[pin]!);
  if (cell.logic.flipFlop === undefined) return 0;
  const other = cell.pins.findIndex((p, i) => p.output && nets[i] !== openPin);
  return other < 0 ? 0 : rate(nets[other]!);
}

/** Mean internal energy of a transition of an output pin: tables of its inputs weighted by how often those move. */
function outputEnergy(
  cell: TimingCell,
  pin: number,
  load: number,
  nets: Int32Array,
  rate: (net: number) => number,
  slewOf: (net: number) => number,
): number {
  let sum = 0;
  let weights = 0;
  let plain = 0;
  let entries = 0;
  for (const entry of cell.power) {
    if (entry.pin !== pin) continue;
    const net = entry.related === undefined ? openPin : nets[entry.related]!;
    const energy = tableEnergy(entry, slewOf(net), load);
    const weight = rate(net);
    plain += energy;
    entries++;
    sum += weight * energy;
    weights += weight;
  }
  if (weights > 0) return sum / weights;
  return entries === 0 ? 0 : plain / entries;
}

/** Internal energy of a transition of an input pin: conditional tables weighted by the chance of their condition. */
function inputEnergy(view: PinView, pin: number, slew: number): number {
  const { cell } = view;
  let sum = 0;
  let weights = 0;
  let standard: number | undefined;
  for (const entry of cell.power) {
    if (entry.pin !== pin) continue;
    const energy = tableEnergy(entry, slew, 0);
    if (entry.when === undefined) {
      standard = energy;
      continue;
    }
    const weight = probabilityOf(entry.when, view);
    sum += weight * energy;
    weights += weight;
  }
  // a table without a condition is for the states no condition names
  const rest = Math.max(0, 1 - weights);
  if (weights > 1) return sum / weights;
  return sum + rest * (standard ?? 0);
}

/** Rise and fall are equally frequent. */
function tableEnergy({ rise, fall }: InternalPower, slew: number, load: number): number {
  return ((rise?.evaluate(slew, load) ?? 0) + (fall?.evaluate(slew, load) ?? 0)) / 2;
}

function leakageOf(view: PinView): number {
  const { cell } = view;
  let sum = 0;
  let weights = 0;
  for (const { value, when } of cell.leakage) {
    if (when === undefined) continue;
    const weight = probabilityOf(when, view);
    sum += weight * value;
    weights += weight;
  }
  return weights > 0.999 ? sum / weights : sum + (1 - weights) * cell.meanLeakage;
}

/**
 * Chance of a condition on the pins of a cell: pins independent of each other, but for a flip-flop whose data and state
 * differ exactly as often as the state moves.
 */
function probabilityOf(when: BooleanExpression, view: PinView): number {
  const { cell } = view;
  const names = variablesOf(when);
  const ff = cell.logic.flipFlop;
  const stateOf = (name: string): boolean | undefined => {
    const f = ff === undefined ? undefined : cell.logic.outputs.get(name);
    if (f?.kind !== 'variable') return undefined;
    return f.name === ff!.state ? true : f.name === ff!.inverse ? false : undefined;
  };
  const data = ff?.next.kind === 'variable' ? ff.next.name : undefined;
  const stateNames = names.filter(name => stateOf(name) !== undefined);
  const tied = data !== undefined && names.includes(data) && stateNames.length > 0;
  let sum = 0;
  for (let m = 0; m < 1 << names.length; m++) {
    const at = (name: string): boolean => ((m >>> names.indexOf(name)) & 1) === 1;
    const states = new Set(stateNames.map(name => at(name) === stateOf(name)));
    if (states.size > 1 || !evaluateExpression(when, at)) continue;
    let p = 1;
    for (const name of names) {
      if (stateNames.includes(name) || (tied && name === data)) continue;
      const one = view.chance(name);
      p *= at(name) ? one : 1 - one;
    }
    const state = [...states][0];
    if (state !== undefined) {
      const one = view.state;
      const share = state ? one : 1 - one;
      if (!tied) p *= share;
      else p *= at(data!) === state ? Math.max(0, share - view.moves / 2) : view.moves / 2;
    }
    sum += p;
  }
  return sum;
}

/** What is known of the pins of one instance. */
interface PinView {
  cell: TimingCell;
  /** Share of time an input pin is 1. */
  chance(pin: string): number;
  /** Share of time the state of a flip-flop is 1, and how often it moves a cycle. */
  state: number;
  moves: number;
}

const variableCache = new WeakMap<BooleanExpression, string[]>();

function variablesOf(e: BooleanExpression): string[] {
  let names = variableCache.get(e);
  if (names === undefined) variableCache.set(e, (names = expressionVariables(e)));
  return names;
}
