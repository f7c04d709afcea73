// Buffers for nets that go to many modules kept whole: mapping sees a module at a time and sizes its outputs for four inverters,
// wherever they go. Refuses to touch clocks, and netlists of libraries without a buffer stay as they are.

import { connect, type Instance, type MappedNetlist, openPin, type PinPlace } from './netlist.ts';
import type { Surroundings } from './surroundings.ts';

/** What a driver keeps without buffers, in loads of an output of the unit (four small inverters each). */
const heldLoads = 8;

/**
 * The netlist with a balanced tree of the mid-size buffer on every net loaded beyond `heldLoads`. Sinks stay in the order of
 * their instances, so that those of one module share a buffer.
 */
export function bufferedNetlist(netlist: MappedNetlist, around: Surroundings): MappedNetlist {
  const buffer = netlist.library.cells.get(around.drivingCell ?? '');
  if (buffer === undefined) return netlist;
  const input = buffer.pins.findIndex(pin => !pin.output);
  const output = buffer.pins.findIndex(pin => pin.output);
  const limit = heldLoads * around.outputLoad;
  const instances: Instance[] = netlist.instances.map(i => ({ ...i, nets: i.nets.slice() }));
  const netNames = [...netlist.netNames];
  const capacitance = ({ instance, pin }: PinPlace): number =>
    instances[instance]!.cell.pins[pin]!.capacitance;
  const last = netNames.length;
  for (let net = 0; net < last; net++) {
    if (netlist.drivers[net] === 'constant' || net === netlist.clock || netlist.gatedClocks.has(net))
      continue;
    let places = netlist.sinks[net]!;
    for (let level = 1; ; level++) {
      const groups = grouped(places, capacitance, limit);
      if (groups.length <= 1) break;
      places = groups.map((group, k) => {
        const to = netNames.push(`${netNames[net]}_fan_${level}_${k}`) - 1;
        for (const { instance, pin } of group) instances[instance]!.nets[pin] = to;
        const nets = new Int32Array(buffer.pins.length).fill(openPin);
        nets[input] = net;
        nets[output] = to;
        const name = `$fan_out$${netNames[to]}`;
        return { instance: instances.push({ name, cell: buffer, nets }) - 1, pin: input };
      });
    }
  }
  if (netNames.length === last) return netlist;
  const { top, library, ports } = netlist;
  return connect({ top, library, ports, netNames, instances });
}

/** Runs of neighbours of about the same load, none above the limit. */
function grouped(
  places: readonly PinPlace[],
  capacitance: (place: PinPlace) => number,
  limit: number,
): PinPlace[][] {
  const total = places.reduce((sum, place) => sum + capacitance(place), 0);
  const share = total / Math.ceil(total / limit);
  const groups: PinPlace[][] = [];
  let held = Number.POSITIVE_INFINITY;
  for (const place of places) {
    const load = capacitance(place);
    if (held + load > share * 1.001) {
      groups.push([]);
      held = 0;
    }
    groups[groups.length - 1]!.push(place);
    held += load;
  }
  return groups;
}
