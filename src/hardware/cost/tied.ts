// What constants in a mapped netlist settle: nets that never change, and arcs through which nothing passes any more.
// Flip-flops are taken to change. Refuses to simplify the netlist: cells with tied pins stay and are paid for.

import type { BooleanExpression } from '../../netlist/boolean-expression.ts';
import type { DelayArc } from './library.ts';
import { type Instance, type MappedNetlist, openPin } from './netlist.ts';

type Ternary = 0 | 1 | undefined;

/** By net: 0 or 1 when it always has that value, undefined when it can change. @param order topological */
export function tiedNets({ instances, netNames }: MappedNetlist, order: Uint32Array): Ternary[] {
  const tied: Ternary[] = new Array(netNames.length).fill(undefined);
  tied[0] = 0;
  tied[1] = 1;
  for (const index of order) {
    const { cell, nets } = instances[index]!;
    if (cell.logic.flipFlop !== undefined) continue;
    cell.pins.forEach((pin, i) => {
      const f = pin.output ? cell.logic.outputs.get(pin.name) : undefined;
      if (f !== undefined && nets[i] !== openPin)
        tied[nets[i]!] = evaluate(f, known(instances[index]!, tied));
    });
  }
  return tied;
}

/** The arcs of an instance that its tied pins leave open: some value of the other pins makes the output follow `from`. */
export function openArcs(instance: Instance, tied: readonly Ternary[]): readonly DelayArc[] {
  const { cell, nets } = instance;
  if (!cell.pins.some((pin, i) => !pin.output && nets[i] !== openPin && tied[nets[i]!] !== undefined)) {
    return cell.arcs;
  }
  const values = known(instance, tied);
  return cell.arcs.filter(arc => {
    if (arc.kind !== 'combinational') return true;
    const f = cell.logic.outputs.get(cell.pins[arc.to]!.name);
    return f === undefined || follows(f, cell.pins[arc.from]!.name, cell.logic.inputs, values);
  });
}

/** Whether some values of the inputs that are not known make `f` depend on `from`. */
function follows(
  f: BooleanExpression,
  from: string,
  inputs: readonly string[],
  values: ReadonlyMap<string, Ternary>,
): boolean {
  if (values.get(from) !== undefined) return false;
  const free = inputs.filter(name => name !== from && values.get(name) === undefined);
  for (let pattern = 0; pattern < 1 << free.length; pattern++) {
    const all = new Map(values);
    for (const [k, name] of free.entries()) all.set(name, ((pattern >> k) & 1) as 0 | 1);
    if (evaluate(f, all.set(from, 0)) !== evaluate(f, all.set(from, 1))) return true;
  }
  return false;
}

function known({ cell, nets }: Instance, tied: readonly Ternary[]): Map<string, Ternary> {
  const values = new Map<string, Ternary>();
  cell.pins.forEach((pin, i) => {
    if (!pin.output && nets[i] !== openPin) values.set(pin.name, tied[nets[i]!]);
  });
  return values;
}

/** Kleene's three-valued logic: undefined where the known values do not decide. */
function evaluate(f: BooleanExpression, values: ReadonlyMap<string, Ternary>): Ternary {
  switch (f.kind) {
    case 'constant':
      return f.value;
    case 'variable':
      return values.get(f.name);
    case 'not': {
      const of = evaluate(f.of, values);
      return of === undefined ? undefined : of === 0 ? 1 : 0;
    }
    default: {
      const left = evaluate(f.left, values);
      const right = evaluate(f.right, values);
      if (f.kind === 'xor')
        return left === undefined || right === undefined ? undefined : left === right ? 0 : 1;
      const settles = f.kind === 'and' ? 0 : 1;
      if (left === settles || right === settles) return settles;
      return left === undefined || right === undefined ? undefined : settles === 0 ? 1 : 0;
    }
  }
}
