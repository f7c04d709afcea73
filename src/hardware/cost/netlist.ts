// A mapped netlist as a gate graph: instances of library cells, nets, ports; read from what Yosys writes (write_json).
// Refuses cells the library lacks, hierarchy, and nets with two drivers or none.

import { InputError } from '../../core/errors.ts';
import { nearestSpelling } from '../../core/spelling.ts';
import type { TimingCell, TimingLibrary } from './library.ts';

/** Nets 0 and 1 are the constants. */
export const firstNet = 2;
/** A pin that is connected to nothing. */
export const openPin = -1;

export interface Instance {
  name: string;
  cell: TimingCell;
  /** Net of each pin of the cell, or `openPin`. */
  nets: Int32Array;
}

export interface NetlistPort {
  name: string;
  output: boolean;
  /** Lowest bit first. */
  nets: readonly number[];
}

/** One end of a net: a pin of an instance. */
export interface PinPlace {
  instance: number;
  pin: number;
}

export interface MappedNetlist {
  top: string;
  library: TimingLibrary;
  netNames: readonly string[];
  instances: readonly Instance[];
  ports: readonly NetlistPort[];
  /** Driver of each net: an instance's output pin, an input port, or a constant (nets 0 and 1). */
  drivers: readonly (PinPlace | 'input' | 'constant')[];
  /** Input pins on each net. */
  sinks: readonly (readonly PinPlace[])[];
  /** Output ports on each net. */
  outputLoads: Uint32Array;
  /** Net of the clock, or undefined when there is no flip-flop. */
  clock: number | undefined;
  /** Gated clocks: net to the net that enables it. */
  gatedClocks: ReadonlyMap<number, number>;
}

interface YosysModule {
  attributes?: Record<string, unknown>;
  ports: Record<string, { direction: string; bits: (number | string)[] }>;
  cells: Record<string, { type: string; connections: Record<string, (number | string)[]> }>;
  netnames: Record<string, { hide_name?: number; bits: (number | string)[]; offset?: number; upto?: number }>;
}

/**
 * Reads a flat mapped netlist.
 * @param json text of write_json
 * @throws InputError for cells the library lacks, hierarchy, several clocks, and nets without a driver
 */
export function readMappedNetlist(json: string, library: TimingLibrary, file = 'netlist'): MappedNetlist {
  let modules: Record<string, YosysModule>;
  try {
    modules = (JSON.parse(json) as { modules: Record<string, YosysModule> }).modules;
  } catch {
    throw new InputError('no JSON', { file, expected: 'a netlist of Yosys write_json' });
  }
  const mapped = Object.entries(modules).filter(([name]) => !library.cells.has(name));
  const top = mapped.find(([, m]) => /1$/.test(String(m.attributes?.['top'] ?? ''))) ?? mapped[0];
  if (top === undefined) throw new InputError('no module', { file, expected: 'one flat module' });
  return readModule(top[0], top[1], library, file);
}

function readModule(top: string, module: YosysModule, library: TimingLibrary, file: string): MappedNetlist {
  const names = ["1'b0", "1'b1"];
  const ids = new Map<number, number>();
  const byBit = bitNames(module);
  const net = (bit: number | string): number => {
    if (typeof bit !== 'number') return bit === '1' ? 1 : 0; // x and z are free: 0
    let id = ids.get(bit);
    if (id === undefined) {
      id = names.length;
      names.push(byBit.get(bit) ?? `n${bit}`);
      ids.set(bit, id);
    }
    return id;
  };
  const ports: NetlistPort[] = Object.entries(module.ports).map(([name, port]) => ({
    name,
    output: port.direction === 'output',
    nets: port.bits.map(net),
  }));
  const instances: Instance[] = [];
  for (const [name, { type, connections }] of Object.entries(module.cells)) {
    if (type === '$scopeinfo') continue;
    const cell = library.cells.get(type);
    if (cell === undefined) {
      throw new InputError(`cell '${type}' of instance '${name}' is not in the library`, {
        file,
        expected: `cells of ${library.name}`,
        nearest: nearestSpelling(type, [...library.cells.keys()]),
      });
    }
    const nets = new Int32Array(cell.pins.length).fill(openPin);
    for (const [pin, bits] of Object.entries(connections)) {
      const index = cell.pinIndex.get(pin);
      if (index === undefined) throw new InputError(`cell '${type}' has no pin '${pin}'`, { file });
      const bit = bits[0];
      if (bits.length !== 1)
        throw new InputError(`pin '${pin}' of '${name}' is ${bits.length} bits`, { file });
      if (cell.pins[index]!.output && typeof bit !== 'number') continue;
      nets[index] = net(bit!);
    }
    instances.push({ name, cell, nets });
  }
  return connect({ top, library, netNames: names, instances, ports }, file);
}

/** Names by bit: ports first, then plain net names, then hidden ones. */
function bitNames(module: YosysModule): Map<number, string> {
  const byBit = new Map<number, string>();
  const entries = Object.entries(module.netnames).sort(
    ([a, x], [b, y]) =>
      Number(b in module.ports) - Number(a in module.ports) || (x.hide_name ?? 0) - (y.hide_name ?? 0),
  );
  for (const [name, { bits, offset = 0, upto = 0 }] of entries) {
    bits.forEach((bit, i) => {
      if (typeof bit !== 'number' || byBit.has(bit)) return;
      byBit.set(
        bit,
        bits.length === 1 ? name : `${name}[${offset + (upto === 1 ? bits.length - 1 - i : i)}]`,
      );
    });
  }
  return byBit;
}
type Parts = Pick<MappedNetlist, 'top' | 'library' | 'netNames' | 'instances' | 'ports'>;

/** Drivers, sinks and the clock of a netlist. @throws InputError */
export function connect(parts: Parts, file = 'netlist'): MappedNetlist {
  const { netNames, instances, ports } = parts;
  const drivers: (PinPlace | 'input' | 'constant' | undefined)[] = new Array(netNames.length).fill(undefined);
  const sinks: PinPlace[][] = Array.from(netNames, () => []);
  const outputLoads = new Uint32Array(netNames.length);
  drivers[0] = drivers[1] = 'constant';
  const claim = (net: number, driver: PinPlace | 'input'): void => {
    if (drivers[net] !== undefined) throw new InputError(`net '${netNames[net]}' has two drivers`, { file });
    drivers[net] = driver;
  };
  for (const port of ports) {
    if (port.output) for (const net of port.nets) outputLoads[net]!++;
    else for (const net of port.nets) claim(net, 'input');
  }
  const clocks = new Set<number>();
  const gatedClocks = new Map<number, number>();
  instances.forEach(({ cell, nets, name }, instance) => {
    cell.pins.forEach((pin, index) => {
      const net = nets[index]!;
      if (net === openPin) {
        if (!pin.output && cell.logic.inputs.includes(pin.name)) {
          throw new InputError(`pin '${pin.name}' of '${name}' is not connected`, { file });
        }
        return;
      }
      if (pin.output) claim(net, { instance, pin: index });
      else sinks[net]!.push({ instance, pin: index });
    });
    const clock = clockPin(cell);
    if (clock !== undefined) clocks.add(nets[clock]!);
    if (cell.clockGate === undefined) return;
    clocks.add(nets[cell.clockGate.clock]!);
    gatedClocks.set(nets[cell.clockGate.output]!, nets[cell.clockGate.enable]!);
  });
  for (const net of gatedClocks.keys()) clocks.delete(net);
  const open = drivers.findIndex(
    (d, net) => d === undefined && (sinks[net]!.length > 0 || outputLoads[net]! > 0),
  );
  if (open >= 0) throw new InputError(`net '${netNames[open]}' has no driver`, { file });
  if (clocks.size > 1) {
    const list = [...clocks].map(net => netNames[net]).slice(0, 4);
    throw new InputError(`${clocks.size} clocks (${list.join(', ')})`, { file, expected: 'one clock net' });
  }
  return {
    ...parts,
    drivers: drivers.map(d => d ?? 'constant'),
    sinks,
    outputLoads,
    clock: [...clocks][0],
    gatedClocks,
  };
}

/** The clock pin of a flip-flop cell: the first variable of clocked_on. */
export function clockPin(cell: TimingCell): number | undefined {
  const clock = cell.logic.flipFlop?.clock;
  if (clock === undefined) return undefined;
  const variable = clock.kind === 'not' ? clock.of : clock;
  return variable.kind === 'variable' ? cell.pinIndex.get(variable.name) : undefined;
}

/** Whether the flip-flop of a cell takes its data at the rising edge. */
export function risingClock(cell: TimingCell): boolean {
  return cell.logic.flipFlop?.clock?.kind !== 'not';
}

/** Instances in an order in which every combinational cell comes after the drivers of its inputs. */
export function topologicalOrder(netlist: MappedNetlist): Uint32Array {
  const { instances, drivers, netNames } = netlist;
  const order: number[] = [];
  const state = new Uint8Array(instances.length);
  const visit = (root: number): void => {
    const stack = [root];
    while (stack.length > 0) {
      const index = stack[stack.length - 1]!;
      if (state[index] === 2) {
        stack.pop();
        continue;
      }
      const { cell, nets } = instances[index]!;
      state[index] = 1;
      let waiting = false;
      if (cell.logic.flipFlop === undefined) {
        cell.pins.forEach((pin, i) => {
          const net = nets[i]!;
          if (pin.output || net === openPin) return;
          const driver = drivers[net]!;
          if (typeof driver !== 'object' || instances[driver.instance]!.cell.logic.flipFlop !== undefined)
            return;
          if (state[driver.instance] === 0) {
            stack.push(driver.instance);
            waiting = true;
          } else if (state[driver.instance] === 1) {
            throw new InputError(`combinational cycle through net '${netNames[net]}'`, { file: netlist.top });
          }
        });
      }
      if (waiting) continue;
      state[index] = 2;
      order.push(index);
      stack.pop();
    }
  };
  for (let i = 0; i < instances.length; i++) if (state[i] === 0) visit(i);
  return Uint32Array.from(order);
}

/** Sum of the areas of the cells, in the library's unit. */
export function netlistArea(netlist: MappedNetlist): number {
  return netlist.instances.reduce((sum, { cell }) => sum + cell.area, 0);
}

/** Area of the flip-flops alone. */
export function flipFlopArea(netlist: MappedNetlist): number {
  return netlist.instances.reduce(
    (sum, { cell }) => sum + (cell.logic.flipFlop === undefined ? 0 : cell.area),
    0,
  );
}
