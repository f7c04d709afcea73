// The mapped netlist as an and-inverter graph, with the literal of every net: what activity is simulated on.
// Ports keep their names (`port`, `port[3]`), the clock is left out. Refuses latches and cells without a function.

import { InputError } from '../../core/errors.ts';
import { type Aig, uninitialised } from '../../netlist/aig.ts';
import { buildExpression } from '../../netlist/boolean-expression.ts';
import { AigBuilder } from '../../netlist/builder.ts';
import { clockPin, type MappedNetlist, openPin, topologicalOrder } from './netlist.ts';

export interface NetlistAig {
  aig: Aig;
  /** Literal of each net; the clock net has 0. */
  literals: Uint32Array;
  /** State literal of each flip-flop instance; others 0. */
  states: Uint32Array;
}

/** @throws InputError for a cell that cannot be simulated */
export function netlistAig(netlist: MappedNetlist): NetlistAig {
  const { instances, ports, netNames, clock } = netlist;
  const builder = new AigBuilder({ capacity: 8 * instances.length });
  builder.model = netlist.top;
  const literals = new Uint32Array(netNames.length);
  const states = new Uint32Array(instances.length);
  literals[1] = 1;
  for (const port of ports) {
    if (port.output) continue;
    port.nets.forEach((net, i) => {
      if (net !== clock) literals[net] = builder.addInput(bitName(port.name, port.nets.length, i));
    });
  }
  instances.forEach(({ cell, name }, i) => {
    if (cell.logic.refused !== undefined && cell.clockGate === undefined) {
      throw new InputError(`cell '${cell.name}' of '${name}' ${cell.logic.refused}`, { file: netlist.top });
    }
    if (cell.logic.flipFlop !== undefined) states[i] = builder.addLatch(name, uninitialised);
  });
  const asynchronous = (index: number, value: number): number => {
    const { cell } = instances[index]!;
    const { clear, preset } = cell.logic.flipFlop!;
    let forced = value;
    if (preset !== undefined) forced = builder.addOr(forced, buildExpression(builder, preset, at(index)));
    if (clear !== undefined) forced = builder.addAnd(forced, buildExpression(builder, clear, at(index)) ^ 1);
    return forced;
  };
  const at =
    (index: number) =>
    (pin: string): number => {
      const { cell, nets } = instances[index]!;
      const ff = cell.logic.flipFlop;
      if (ff !== undefined && pin === ff.state) return states[index]!;
      if (ff !== undefined && pin === ff.inverse) return states[index]! ^ 1;
      const place = cell.pinIndex.get(pin);
      const net = place === undefined ? openPin : nets[place]!;
      if (net === openPin) {
        throw new InputError(`cell '${cell.name}' has no net on '${pin}'`, { file: netlist.top });
      }
      return literals[net]!;
    };
  const outputs = (index: number): void => {
    const { cell, nets } = instances[index]!;
    for (const [pin, expression] of cell.logic.outputs) {
      const net = nets[cell.pinIndex.get(pin)!]!;
      if (net !== openPin) literals[net] = buildExpression(builder, expression, at(index));
    }
  };
  // states first: without asynchronous controls in use they depend on nothing
  instances.forEach(({ cell }, i) => {
    if (cell.logic.flipFlop !== undefined) outputs(i);
  });
  for (const index of topologicalOrder(netlist)) {
    if (instances[index]!.cell.logic.flipFlop === undefined) outputs(index);
  }
  instances.forEach(({ cell }, i) => {
    const ff = cell.logic.flipFlop;
    if (ff !== undefined) {
      let next = buildExpression(builder, ff.next, at(i));
      // behind a clock gate the state moves in the cycles its enable ends at 1
      const enable = netlist.gatedClocks.get(instances[i]!.nets[clockPin(cell) ?? -1] ?? -1);
      if (enable !== undefined) {
        const on = literals[enable]!;
        next = builder.addOr(builder.addAnd(on, next), builder.addAnd(on ^ 1, states[i]!));
      }
      builder.setNext(states[i]!, asynchronous(i, next));
    }
  });
  for (const port of ports) {
    if (!port.output) continue;
    port.nets.forEach((net, i) => {
      builder.addOutput(literals[net]!, bitName(port.name, port.nets.length, i));
    });
  }
  return { aig: builder.build(), literals, states };
}

function bitName(name: string, width: number, index: number): string {
  return width === 1 ? name : `${name}[${index}]`;
}
