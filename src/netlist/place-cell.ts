// Puts a cell into a circuit: its functions on the nets of its pins, its flip-flop as a latch.
// Refuses pins the cell does not have, inputs left open, and cells marked as refused.

import { nearestSpelling } from '../core/spelling.ts';
import { type BooleanExpression, buildExpression, expressionVariables } from './boolean-expression.ts';
import type { Cell } from './cell-library.ts';
import type { Circuit } from './circuit.ts';

/**
 * Places a cell: drives the nets on its outputs. Asynchronous clear and preset act within the cycle (clear wins): the
 * output shows the forced value at once and the state takes it at the next edge.
 * @param pins net of each connected pin
 * @throws InputError for a pin the cell lacks, an input left open, or a cell that cannot be placed
 */
export function placeCell(
  circuit: Circuit,
  cell: Cell,
  instance: string,
  pins: ReadonlyMap<string, number>,
  line?: number,
  init = 2,
): void {
  if (cell.refused !== undefined) {
    throw circuit.error(`cell '${cell.name}' of instance '${instance}' ${cell.refused}`, line);
  }
  const known = [...cell.inputs, ...cell.outputs.keys()];
  for (const pin of pins.keys()) {
    if (!known.includes(pin)) {
      throw circuit.error(
        `cell '${cell.name}' has no pin '${pin}'`,
        line,
        `one of ${known.slice(0, 12).join(', ')}`,
        nearestSpelling(pin, known),
      );
    }
  }
  const stateNets = new Map<string, number>();
  const operandsOf = (expression: BooleanExpression): [number[], Map<string, number>] => {
    const names = expressionVariables(expression);
    const nets = names.map(name => {
      const net = stateNets.get(name) ?? pins.get(name);
      if (net === undefined) {
        throw circuit.error(
          `input '${name}' of instance '${instance}' (${cell.name}) is not connected`,
          line,
        );
      }
      return net;
    });
    return [nets, new Map(names.map((name, i) => [name, i]))];
  };
  const evaluate = (expression: BooleanExpression): number => {
    const [nets, index] = operandsOf(expression);
    return circuit.expression(nets, (b, literals) =>
      buildExpression(b, expression, n => literals[index.get(n)!]!),
    );
  };
  const ff = cell.flipFlop;
  let statePin: string | undefined;
  if (ff !== undefined) {
    // without asynchronous controls the net on Q is the state itself
    if (ff.clear === undefined && ff.preset === undefined) {
      statePin = [...cell.outputs].find(
        ([pin, e]) => e.kind === 'variable' && e.name === ff.state && pins.has(pin),
      )?.[0];
    }
    const held =
      statePin !== undefined
        ? pins.get(statePin)!
        : instance === ''
          ? circuit.fresh()
          : circuit.net(`${instance}.${ff.state}`, line);
    const clear = ff.clear === undefined ? undefined : evaluate(ff.clear);
    const preset = ff.preset === undefined ? undefined : evaluate(ff.preset);
    const forced = (value: number): number => {
      let net = value;
      if (preset !== undefined) net = circuit.expression([net, preset], (b, [x, p]) => b.addOr(x!, p!));
      if (clear !== undefined) net = circuit.expression([net, clear], (b, [x, c]) => b.addAnd(x!, c! ^ 1));
      return net;
    };
    const seen = forced(held);
    stateNets.set(ff.state, seen);
    stateNets.set(
      ff.inverse,
      circuit.expression([seen], (_, [x]) => x! ^ 1),
    );
    circuit.addLatch(
      held,
      forced(evaluate(ff.next)),
      init,
      line,
      ff.clock === undefined ? undefined : evaluate(ff.clock),
    );
  }
  for (const [pin, expression] of cell.outputs) {
    const net = pins.get(pin);
    if (net === undefined || pin === statePin) continue;
    const [nets, index] = operandsOf(expression);
    circuit.drive(
      net,
      nets,
      (b, literals) => buildExpression(b, expression, n => literals[index.get(n)!]!),
      line,
    );
  }
}
