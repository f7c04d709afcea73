// Writes the JSON netlists of Yosys: one $_AND_, $_ANDNOT_ or $_NOR_ an AND, $_NOT_ where an output needs one, $_DFF_P_
// with init attributes, net names. Refuses graphs with properties.

import type { Aig } from './aig.ts';
import { LineWriter } from './aiger-write.ts';
import { groupVectors, type PortGroup, refuseProperties, UniqueNames, withBases } from './names.ts';
import type { Sink } from './source.ts';

/** @throws InputError when the graph has properties */
export function writeYosysJson(aig: Aig, sink: Sink): void {
  refuseProperties(aig, 'Yosys JSON');
  const lines = new LineWriter(sink);
  const names = new UniqueNames();
  const inputs = Array.from({ length: aig.inputCount }, (_, i) => names.take(aig.names.inputs?.[i], `i${i}`));
  const latches = Array.from({ length: aig.latchCount }, (_, i) =>
    names.take(aig.names.latches?.[i], `l${i}`),
  );
  const outputs = Array.from(aig.outputs, (_, i) => names.take(aig.names.outputs?.[i], `o${i}`));
  const clock = aig.latchCount === 0 ? undefined : names.take('clock', 'clock');
  const reserved = new Set([...latches, ...(clock === undefined ? [] : [clock])]);
  // bits 0 and 1 are not used by Yosys: variable v is bit v + 1, outputs and inverters follow
  const bit = (variable: number): number => variable + 1;
  let free = aig.variableCount + 1;
  const clockBit = free++;
  const inverters = new Map<number, number>();
  const literalBit = (literal: number): string => {
    if (literal < 2) return `"${literal}"`;
    if ((literal & 1) === 0) return String(bit(literal >>> 1));
    let inverted = inverters.get(literal >>> 1);
    if (inverted === undefined) inverters.set(literal >>> 1, (inverted = free++));
    return String(inverted);
  };
  const outputBits = Array.from(aig.outputs, literalBit);
  const nextBits = Array.from(aig.latchNext, literalBit);

  const ports = [
    ...(clock === undefined ? [] : [port(clock, 'input', [String(clockBit)])]),
    ...groupVectors(inputs, new Set([...reserved, ...withBases(outputs)])).map(group =>
      port(
        group.name,
        'input',
        bitsOf(group, i => String(bit(1 + i))),
      ),
    ),
    ...groupVectors(outputs, new Set([...reserved, ...withBases(inputs)])).map(group =>
      port(
        group.name,
        'output',
        bitsOf(group, i => outputBits[i]!),
      ),
    ),
  ];
  lines.add('{');
  lines.add('  "creator": "Bitwright",');
  lines.add('  "modules": {');
  lines.add(`    ${JSON.stringify(aig.names.model || 'top')}: {`);
  lines.add(`      "attributes": { "top": "${'1'.padStart(32, '0')}" },`);
  lines.add('      "ports": {');
  ports.forEach((text, i) => {
    lines.add(`        ${text}${i + 1 < ports.length ? ',' : ''}`);
  });
  lines.add('      },');
  lines.add('      "cells": {');
  let pending: string | undefined;
  const entry = (text: string): void => {
    if (pending !== undefined) lines.add(`${pending},`);
    pending = `        ${text}`;
  };
  const end = (): void => {
    if (pending !== undefined) lines.add(pending);
    pending = undefined;
  };
  for (let i = 0; i < aig.andCount; i++) {
    let a = aig.fanin0[i]!;
    let b = aig.fanin1[i]!;
    if ((a & 1) > (b & 1)) [a, b] = [b, a];
    const type = a & 1 ? '$_NOR_' : b & 1 ? '$_ANDNOT_' : '$_AND_';
    // constants keep their value: the cell's own inversion is taken off them
    const source = (literal: number): string =>
      literal < 2 ? `"${literal ^ (literal & 1)}"` : String(bit(literal >>> 1));
    const own = bit(aig.firstAnd + i);
    entry(
      cell(
        `n${aig.firstAnd + i}`,
        type,
        [
          ['A', source(a)],
          ['B', source(b)],
        ],
        ['Y', String(own)],
      ),
    );
  }
  for (const [variable, own] of inverters) {
    entry(cell(`i${variable}`, '$_NOT_', [['A', String(bit(variable))]], ['Y', String(own)]));
  }
  nextBits.forEach((next, i) => {
    const own = String(bit(aig.latchVariable(i)));
    entry(
      cell(
        `l${i}`,
        '$_DFF_P_',
        [
          ['C', String(clockBit)],
          ['D', next],
        ],
        ['Q', own],
      ),
    );
  });
  end();
  lines.add('      },');
  lines.add('      "netnames": {');
  latches.forEach((name, i) => {
    const init = aig.latchInit[i]!;
    const attributes = init === 2 ? '{}' : `{ "init": "${init}" }`;
    entry(
      `${JSON.stringify(name)}: { "hide_name": 0, "bits": [ ${bit(aig.latchVariable(i))} ], "attributes": ${attributes} }`,
    );
  });
  end();
  lines.add('      }');
  lines.add('    }');
  lines.add('  }');
  lines.add('}');
  lines.flush();
}

function port(name: string, direction: string, bits: string[]): string {
  return `${JSON.stringify(name)}: { "direction": "${direction}", "bits": [ ${bits.join(', ')} ] }`;
}

function bitsOf(group: PortGroup, bit: (index: number) => string): string[] {
  return Array.from({ length: group.width ?? 1 }, (_, i) => bit(group.first + i));
}

function cell(name: string, type: string, inputs: [string, string][], output: [string, string]): string {
  const directions = [...inputs.map(([pin]) => `"${pin}": "input"`), `"${output[0]}": "output"`].join(', ');
  const connections = [...inputs, output].map(([pin, bit]) => `"${pin}": [ ${bit} ]`).join(', ');
  return (
    `"${name}": { "hide_name": 1, "type": "${type}", "parameters": {}, "attributes": {}, ` +
    `"port_directions": { ${directions} }, "connections": { ${connections} } }`
  );
}
