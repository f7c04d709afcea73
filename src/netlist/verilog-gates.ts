// Gates over the signals of Verilog expressions: complements are part of a signal, so no gate is spent on them.

import type { Circuit, GateFunction } from './circuit.ts';

/** A bit of an expression: 2·net + complement. */
export type Signal = number;

const gates: Record<'&' | '|' | '^', GateFunction> = {
  '&': (b, x) => b.addAndAll(x),
  '|': (b, x) => b.addOrAll(x),
  '^': (b, x) => b.addXorAll(x),
};
/** Pairs, by the complements of left and right: shared, so that a netlist of ANDs needs no function of its own a gate. */
const andPairs: GateFunction[] = [0, 1, 2, 3].map(
  mask =>
    (b, [x, y]) =>
      b.addAnd(x! ^ (mask & 1), y! ^ (mask >> 1)),
);
const buffer: GateFunction = (_, [x]) => x!;
const inverter: GateFunction = (_, [x]) => x! ^ 1;

/** A gate over two or more signals. */
export function gateOver(circuit: Circuit, operator: '&' | '|' | '^', signals: readonly Signal[]): Signal {
  const nets = signals.map(x => x >>> 1);
  if (operator === '^') {
    const odd = signals.reduce((parity, x) => parity ^ (x & 1), 0);
    return 2 * circuit.expression(nets, gates['^']) + odd;
  }
  if (signals.length === 2) {
    const flip = operator === '|' ? 1 : 0;
    const mask = ((signals[0]! & 1) ^ flip) | (((signals[1]! & 1) ^ flip) << 1);
    return 2 * circuit.expression(nets, andPairs[mask]!) + flip;
  }
  const complements = signals.map(x => x & 1);
  const build = gates[operator];
  return (
    2 *
    circuit.expression(nets, (b, literals) =>
      build(
        b,
        literals.map((x, i) => x ^ complements[i]!),
      ),
    )
  );
}

export function muxOver(circuit: Circuit, select: Signal, yes: Signal, no: Signal): Signal {
  const [s, y, n] = [select & 1, yes & 1, no & 1];
  return (
    2 *
    circuit.expression([select >>> 1, yes >>> 1, no >>> 1], (b, [x, t, f]) =>
      b.addMux(x! ^ s, t! ^ y, f! ^ n),
    )
  );
}

/** Drives a net with a signal. */
export function driveWith(circuit: Circuit, net: number, signal: Signal, line: number): void {
  circuit.drive(net, [signal >>> 1], signal & 1 ? inverter : buffer, line);
}

/** A net of a signal. */
export function netWith(circuit: Circuit, signal: Signal): number {
  return (signal & 1) === 0 ? signal >>> 1 : circuit.expression([signal >>> 1], inverter);
}
