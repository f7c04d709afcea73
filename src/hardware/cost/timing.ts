// Static timing analysis of a mapped netlist: arrival times and slews of rising and falling edges through the library's
// tables, flip-flops included, none through what constants settle. Ideal clock, one edge; wires are capacitances. Refuses flip-flops of both clock edges.

import { InputError } from '../../core/errors.ts';
import { type ConstraintArc, type DelayArc, type WireLoad, wireCapacitance } from './library.ts';
import { clockPin, type MappedNetlist, openPin, risingClock, topologicalOrder } from './netlist.ts';
import { openArcs, tiedNets } from './tied.ts';

export interface TimingOptions {
  /** Clock period in ps; slack is against it. */
  clock: number;
  /** Default: the library's default wire load, if it has one; `null` for wires without capacitance. */
  wire?: WireLoad | null | undefined;
  /** ps after the clock edge at which inputs change; default 0. */
  inputDelay?: number | undefined;
  /** ps before the next edge at which outputs must be settled; default 0. */
  outputDelay?: number | undefined;
  /** Slew of the inputs in ps; default 0. */
  inputSlew?: number | undefined;
  /** Slew at the clock pins in ps; default 0 (ideal clock). */
  clockSlew?: number | undefined;
  /** fF on every output port; default 0. */
  outputLoad?: number | undefined;
}

export type PathGroup = 'register-register' | 'input-register' | 'register-output' | 'input-output';

export interface PathStep {
  /** Instance that drives the net, or `input`. */
  instance: string;
  cell: string;
  net: string;
  edge: 'rise' | 'fall';
  /** ps of this step, and since the clock edge. */
  delay: number;
  arrival: number;
  slew: number;
  /** fF */
  load: number;
  fanout: number;
}

export interface CriticalPath {
  group: PathGroup;
  /** Endpoint: `instance/pin` or the output port. */
  end: string;
  steps: PathStep[];
  /** Setup time or output delay, ps. */
  setup: number;
  /** Smallest period for this path, ps. */
  period: number;
}

export interface Timing {
  /** Smallest period at which every path is met, ps. */
  minPeriod: number;
  clock: number;
  /** clock - minPeriod */
  slack: number;
  met: boolean;
  /** Smallest period of each group of paths, ps, by where the latest path to each endpoint starts. */
  groups: Partial<Record<PathGroup, number>>;
  critical: CriticalPath | undefined;
  /** Smallest period of every endpoint, ps: `instance index` of a register's data pin, or `port` and bit. */
  endpoints: EndpointPeriod[];
  /** Load of each net in fF: pins, wire, output ports. */
  loads: Float64Array;
  /** The same for rising and falling edges, 2·net + (1 for falling). */
  edgeLoads: Float64Array;
  /** Arrival and slew of each net, 2·net + (1 for falling); -Infinity where no edge arrives. */
  arrivals: Float64Array;
  slews: Float64Array;
  /** Nets whose load is above what their driver may drive. */
  overloaded: number;
}

/** What the paths to one endpoint ask for. */
export interface EndpointPeriod {
  /** Index of the register, or -1 for an output port. */
  instance: number;
  /** Pin of the register, or the port. */
  name: string;
  /** Bit of the port. */
  bit: number;
  /** ps */
  period: number;
}

const none = -Infinity;

/** @throws InputError for flip-flops of both clock edges or cells without timing */
export function analyseTiming(netlist: MappedNetlist, options: TimingOptions): Timing {
  const { instances, ports, drivers, clock: clockNet } = netlist;
  const { inputDelay = 0, outputDelay = 0, inputSlew = 0, clockSlew = 0 } = options;
  const { loads, edgeLoads } = netLoads(netlist, options);
  const size = 2 * netlist.netNames.length;
  const arrivals = new Float64Array(size).fill(none);
  const slews = new Float64Array(size);
  const fromInput = new Uint8Array(size);
  const previous = new Int32Array(size).fill(-1);
  const order = topologicalOrder(netlist);
  const tied = tiedNets(netlist, order);
  const edges = new Set<boolean>();
  let overloaded = 0;

  for (const port of ports) {
    if (port.output) continue;
    for (const net of port.nets) {
      if (net === clockNet) continue;
      for (let edge = 0; edge < 2; edge++) {
        arrivals[2 * net + edge] = inputDelay;
        slews[2 * net + edge] = inputSlew;
        fromInput[2 * net + edge] = 1;
      }
    }
  }
  const relax = (at: number, arrival: number, slew: number, from: number, input: number): void => {
    if (slew > slews[at]!) slews[at] = slew;
    if (!(arrival > arrivals[at]!)) return;
    arrivals[at] = arrival;
    previous[at] = from;
    fromInput[at] = input;
  };
  const drive = (index: number, arc: DelayArc): void => {
    const { nets } = instances[index]!;
    const to = nets[arc.to]!;
    if (to === openPin) return;
    for (let out = 0; out < 2; out++) {
      const load = edgeLoads[2 * to + out]!;
      const delayTable = out === 0 ? arc.cellRise : arc.cellFall;
      const slewTable = out === 0 ? arc.riseTransition : arc.fallTransition;
      if (delayTable === undefined || slewTable === undefined) continue;
      if (arc.kind === 'edge') {
        const slew = Math.max(0, slewTable.evaluate(clockSlew, load));
        relax(2 * to + out, delayTable.evaluate(clockSlew, load), slew, -1, 0);
        continue;
      }
      const from = nets[arc.from]!;
      if (from === openPin) continue;
      for (let edge = 0; edge < 2; edge++) {
        if (arc.sense === 'positive' ? edge !== out : arc.sense === 'negative' && edge === out) continue;
        const at = 2 * from + edge;
        if (arrivals[at] === none) continue;
        const delay = delayTable.evaluate(slews[at]!, load);
        const slew = Math.max(0, slewTable.evaluate(slews[at]!, load));
        relax(2 * to + out, arrivals[at]! + delay, slew, at, fromInput[at]!);
      }
    }
  };
  const visit = (index: number): void => {
    const instance = instances[index]!;
    const { cell, nets } = instance;
    if (cell.arcs.length === 0 && cell.logic.inputs.length > 0) {
      throw new InputError(`cell '${cell.name}' has no timing`, { file: netlist.library.file });
    }
    for (const arc of openArcs(instance, tied)) {
      if (arc.kind === 'edge' || arc.kind === 'combinational') drive(index, arc);
    }
    cell.pins.forEach((pin, i) => {
      const net = nets[i]!;
      if (pin.output && net !== openPin && loads[net]! > (pin.maxCapacitance ?? Infinity) * 1.000001)
        overloaded++;
    });
  };
  // flip-flops start paths whatever the order finds first
  for (let i = 0; i < instances.length; i++) {
    const { cell } = instances[i]!;
    if (cell.logic.flipFlop === undefined) continue;
    if (clockPin(cell) !== undefined) edges.add(risingClock(cell));
    visit(i);
  }
  if (edges.size > 1) {
    throw new InputError('flip-flops of both clock edges', { file: netlist.top, expected: 'one edge' });
  }
  for (const index of order) if (instances[index]!.cell.logic.flipFlop === undefined) visit(index);

  const groups: Timing['groups'] = {};
  let worst: { period: number; at: number; setup: number; group: PathGroup; end: string } | undefined;
  const endpoints: EndpointPeriod[] = [];
  const endpoint = (
    at: number,
    setup: number,
    toRegister: boolean,
    place: Omit<EndpointPeriod, 'period'>,
    end: () => string,
  ): void => {
    if (arrivals[at] === none) return;
    const input = fromInput[at] === 1;
    const group: PathGroup = toRegister
      ? input
        ? 'input-register'
        : 'register-register'
      : input
        ? 'input-output'
        : 'register-output';
    const period = arrivals[at]! + setup;
    const last = endpoints.at(-1);
    if (last?.instance === place.instance && last.name === place.name && last.bit === place.bit) {
      last.period = Math.max(last.period, period);
    } else endpoints.push({ ...place, period });
    if (period > (groups[group] ?? none)) groups[group] = period;
    if (worst === undefined || period > worst.period) worst = { period, at, setup, group, end: end() };
  };
  for (let instance = 0; instance < instances.length; instance++) {
    const { cell, nets, name } = instances[instance]!;
    for (const check of cell.constraints) {
      if (check.kind !== 'setup') continue;
      const net = nets[check.data]!;
      if (net === openPin) continue;
      for (let edge = 0; edge < 2; edge++) {
        const setup = setupTime(check, edge, slews[2 * net + edge]!, clockSlew);
        if (setup !== undefined) {
          const pin = cell.pins[check.data]!.name;
          endpoint(2 * net + edge, setup, true, { instance, name: pin, bit: 0 }, () => `${name}/${pin}`);
        }
      }
    }
  }
  for (const port of ports) {
    if (!port.output) continue;
    port.nets.forEach((net, i) => {
      const end = (): string => (port.nets.length === 1 ? port.name : `${port.name}[${i}]`);
      const place = { instance: -1, name: port.name, bit: i };
      for (let edge = 0; edge < 2; edge++) endpoint(2 * net + edge, outputDelay, false, place, end);
    });
  }
  const minPeriod = Math.max(0, worst?.period ?? 0);
  const critical = worst;
  return {
    minPeriod,
    clock: options.clock,
    slack: options.clock - minPeriod,
    met: minPeriod <= options.clock,
    groups,
    endpoints,
    critical:
      critical === undefined
        ? undefined
        : {
            group: critical.group,
            end: critical.end,
            setup: critical.setup,
            period: critical.period,
            steps: pathTo(critical.at),
          },
    loads,
    edgeLoads,
    arrivals,
    slews,
    overloaded,
  };

  function pathTo(end: number): PathStep[] {
    const steps: PathStep[] = [];
    for (let at = end; at >= 0; at = previous[at]!) {
      const net = at >>> 1;
      const driver = drivers[net]!;
      const before = previous[at]!;
      steps.push({
        instance: typeof driver === 'object' ? instances[driver.instance]!.name : String(driver),
        cell: typeof driver === 'object' ? instances[driver.instance]!.cell.name : '',
        net: netlist.netNames[net]!,
        edge: (at & 1) === 0 ? 'rise' : 'fall',
        delay: arrivals[at]! - (before >= 0 ? arrivals[before]! : 0),
        arrival: arrivals[at]!,
        slew: slews[at]!,
        load: edgeLoads[at]!,
        fanout: netlist.sinks[net]!.length + netlist.outputLoads[net]!,
      });
    }
    return steps.reverse();
  }
}

function setupTime(check: ConstraintArc, edge: number, slew: number, clockSlew: number): number | undefined {
  return (edge === 0 ? check.rise : check.fall)?.evaluate(slew, clockSlew);
}

/** Load of every net in fF, as the pins' plain capacitances and by edge: input pins, wire by fan-out, output ports. */
export function netLoads(
  netlist: MappedNetlist,
  options: Pick<TimingOptions, 'wire' | 'outputLoad'>,
): { loads: Float64Array; edgeLoads: Float64Array } {
  const { instances, sinks, outputLoads, library } = netlist;
  const wire = options.wire === undefined ? library.defaultWireLoad : (options.wire ?? undefined);
  const loads = new Float64Array(sinks.length);
  const edgeLoads = new Float64Array(2 * sinks.length);
  sinks.forEach((list, net) => {
    const outside =
      wireCapacitance(wire, list.length + outputLoads[net]!) + (options.outputLoad ?? 0) * outputLoads[net]!;
    let [load, rise, fall] = [outside, outside, outside];
    for (const { instance, pin } of list) {
      const { capacitance, riseCapacitance, fallCapacitance } = instances[instance]!.cell.pins[pin]!;
      load += capacitance;
      rise += riseCapacitance;
      fall += fallCapacitance;
    }
    loads[net] = load;
    edgeLoads[2 * net] = rise;
    edgeLoads[2 * net + 1] = fall;
  });
  return { loads, edgeLoads };
}
