// Writes structural Verilog: vector ports, one assign an AND, registers under one `always @(posedge clock)`.
// Names that are no identifiers are escaped. Refuses graphs with properties.

import type { Aig } from './aig.ts';
import { LineWriter } from './aiger-write.ts';
import { groupVectors, type PortGroup, refuseProperties, UniqueNames, withBases } from './names.ts';
import type { Sink } from './source.ts';
import { verilogKeywords } from './verilog-words.ts';

/** @throws InputError when the graph has properties */
export function writeVerilog(aig: Aig, sink: Sink): void {
  refuseProperties(aig, 'Verilog');
  const lines = new LineWriter(sink);
  const names = new UniqueNames(x => x.replace(/\s/g, '_'));
  const inputs = Array.from({ length: aig.inputCount }, (_, i) => names.take(aig.names.inputs?.[i], `i${i}`));
  const latches = Array.from({ length: aig.latchCount }, (_, i) =>
    names.take(aig.names.latches?.[i], `l${i}`),
  );
  const outputs = Array.from(aig.outputs, (_, i) => names.take(aig.names.outputs?.[i], `o${i}`));
  const clock = aig.latchCount === 0 ? undefined : names.take('clock', 'clock');
  const prefix = names.freePrefix('n');

  const reserved = new Set([...latches, ...(clock === undefined ? [] : [clock])]);
  const inputPorts = groupVectors(inputs, new Set([...reserved, ...withBases(outputs)]));
  const outputPorts = groupVectors(outputs, new Set([...reserved, ...withBases(inputs)]));
  const inputNets = portNets(inputPorts);
  const outputNets = portNets(outputPorts);
  const leaves = [...inputNets, ...latches.map(identifier)];
  const net = (variable: number): string => leaves[variable - 1] ?? `${prefix}${variable}`;
  const term = (literal: number): string =>
    literal < 2 ? `1'b${literal}` : `${literal & 1 ? '~' : ''}${net(literal >>> 1)}`;

  const ports = [
    ...(clock === undefined ? [] : [`input ${clock}`]),
    ...inputPorts.map(port => `input ${portName(port)}`),
    ...outputPorts.map(port => `output ${portName(port)}`),
  ];
  lines.add(`module ${identifier((aig.names.model ?? 'top').replace(/\s/g, '_') || 'top')}(`);
  ports.forEach((port, i) => {
    lines.add(`  ${port}${i + 1 < ports.length ? ',' : ''}`);
  });
  lines.add(');');
  latches.forEach((latch, i) => {
    const init = aig.latchInit[i]!;
    lines.add(`  reg ${identifier(latch)}${init === 2 ? '' : ` = 1'b${init}`};`);
  });
  for (let i = 0; i < aig.andCount; i++) {
    const a = term(aig.fanin0[i]!);
    const b = term(aig.fanin1[i]!);
    lines.add(`  wire ${prefix}${aig.firstAnd + i} = ${a} & ${b};`);
  }
  if (clock !== undefined) {
    lines.add(`  always @(posedge ${clock}) begin`);
    latches.forEach((latch, i) => {
      lines.add(`    ${identifier(latch)} <= ${term(aig.latchNext[i]!)};`);
    });
    lines.add('  end');
  }
  aig.outputs.forEach((literal, i) => {
    lines.add(`  assign ${outputNets[i]} = ${term(literal)};`);
  });
  lines.add('endmodule');
  lines.flush();
}

/** A plain identifier as it is, any other name escaped (with its closing space). */
function identifier(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !verilogKeywords.has(name) ? name : `\\${name} `;
}

function portName(port: PortGroup): string {
  return `${port.width === undefined ? '' : `[${port.width - 1}:0] `}${identifier(port.name)}`;
}

function portNets(ports: readonly PortGroup[]): string[] {
  return ports.flatMap(port =>
    port.width === undefined
      ? [identifier(port.name)]
      : Array.from({ length: port.width }, (_, i) => `${identifier(port.name)}[${i}]`),
  );
}
