// Reads ISCAS .bench: INPUT, OUTPUT, AND OR NAND NOR XOR XNOR NOT BUFF of any fan-in, MUX(select, one, zero), LUT 0x…,
// DFF, vdd and gnd. Flip-flops start at 0, as the field's readers have it. Refuses any other gate by name.

import { nearestSpelling } from '../core/spelling.ts';
import type { Aig } from './aig.ts';
import type { NetlistReadOptions } from './blif.ts';
import { Circuit, type GateFunction } from './circuit.ts';
import type { SourceInput } from './source.ts';
import { readLines, sourceName } from './text-source.ts';

const gates: Record<string, { build: GateFunction; least: number; most?: number }> = {
  AND: { build: (b, x) => b.addAndAll(x), least: 1 },
  OR: { build: (b, x) => b.addOrAll(x), least: 1 },
  NAND: { build: (b, x) => b.addAndAll(x) ^ 1, least: 1 },
  NOR: { build: (b, x) => b.addOrAll(x) ^ 1, least: 1 },
  XOR: { build: (b, x) => b.addXorAll(x), least: 1 },
  XNOR: { build: (b, x) => b.addXorAll(x) ^ 1, least: 1 },
  NOT: { build: (_, [x]) => x! ^ 1, least: 1, most: 1 },
  INV: { build: (_, [x]) => x! ^ 1, least: 1, most: 1 },
  BUFF: { build: (_, [x]) => x!, least: 1, most: 1 },
  BUF: { build: (_, [x]) => x!, least: 1, most: 1 },
  MUX: { build: (b, [s, one, zero]) => b.addMux(s!, one!, zero!), least: 3, most: 3 },
  VDD: { build: () => 1, least: 0, most: 0 },
  GND: { build: () => 0, least: 0, most: 0 },
};

/** Inputs of a LUT, at most. */
const lutLimit = 16;

/** Reads a .bench file. @throws InputError with file and line */
export function readBench(input: SourceInput, options: Pick<NetlistReadOptions, 'nets'> = {}): Aig {
  const circuit = new Circuit(sourceName(input));
  const seenOutputs = new Set<string>();
  for (const { text, line } of readLines(input)) {
    const clean = text.replace(/#.*/, '').trim();
    if (clean === '') continue;
    const port = /^(INPUT|OUTPUT)\s*\(\s*([^\s(),=]+)\s*\)$/i.exec(clean);
    if (port !== null) {
      const name = port[2]!;
      if (port[1]!.toUpperCase() === 'INPUT') circuit.addInput(circuit.net(name, line), line);
      else {
        if (seenOutputs.has(name)) throw circuit.error(`output '${name}' declared twice`, line);
        seenOutputs.add(name);
        circuit.addOutput(name, circuit.net(name, line), line);
      }
      continue;
    }
    const gate = /^([^\s(),=]+)\s*=\s*([A-Za-z0-9_]+)\s*(?:(0x[0-9a-fA-F]+)\s*)?(?:\((.*)\))?$/.exec(clean);
    if (gate === null) {
      throw circuit.error(
        `malformed line '${clean.slice(0, 60)}'`,
        line,
        'INPUT(net), OUTPUT(net) or net = GATE(net, …)',
      );
    }
    placeGate(circuit, gate[1]!, gate[2]!.toUpperCase(), gate[3], gate[4], line);
  }
  return circuit.build({ nets: options.nets });
}

function placeGate(
  circuit: Circuit,
  output: string,
  type: string,
  table: string | undefined,
  list: string | undefined,
  line: number,
): void {
  const words = list === undefined || list.trim() === '' ? [] : list.split(',').map(x => x.trim());
  for (const word of words) {
    if (!/^[^\s(),=]+$/.test(word))
      throw circuit.error(`malformed operand '${word.slice(0, 60)}'`, line, 'a net');
  }
  const operands = words.map(word => circuit.net(word, line));
  const net = circuit.net(output, line);
  if (type === 'DFF') {
    if (operands.length !== 1) throw circuit.error(`DFF of ${operands.length} operands`, line, '1');
    circuit.addLatch(net, operands[0]!, 0, line);
    return;
  }
  if (type === 'LUT') {
    if (table === undefined) throw circuit.error('LUT without a table', line, 'LUT 0x… (net, …)');
    if (operands.length > lutLimit) {
      throw circuit.error(`LUT of ${operands.length} operands`, line, `at most ${lutLimit}`);
    }
    const bits = BigInt(table);
    if (bits >> BigInt(2 ** operands.length) !== 0n) {
      throw circuit.error(
        `table ${table.slice(0, 40)} of a LUT`,
        line,
        `at most ${2 ** operands.length} bits`,
      );
    }
    circuit.drive(net, operands, lutFunction(bits), line);
    return;
  }
  const known = gates[type];
  if (known === undefined || table !== undefined) {
    const names = [...Object.keys(gates), 'DFF', 'LUT'];
    throw circuit.error(
      `unknown gate '${type}'`,
      line,
      `one of ${names.join(' ')}`,
      nearestSpelling(type, names),
    );
  }
  if (operands.length < known.least || operands.length > (known.most ?? Number.POSITIVE_INFINITY)) {
    throw circuit.error(
      `${type} of ${operands.length} operands`,
      line,
      known.most === known.least ? `${known.least}` : `at least ${known.least}`,
    );
  }
  circuit.drive(net, operands, known.build, line);
}

/** Shannon expansion of a truth table; operand 0 is the lowest index bit. */
function lutFunction(table: bigint): GateFunction {
  return (builder, operands) => {
    let layer = Array.from({ length: 2 ** operands.length }, (_, i) => Number((table >> BigInt(i)) & 1n));
    for (const operand of operands) {
      layer = Array.from({ length: layer.length / 2 }, (_, i) =>
        builder.addMux(operand, layer[2 * i + 1]!, layer[2 * i]!),
      );
    }
    return layer[0]!;
  };
}
