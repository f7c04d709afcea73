// Writes the netlist with word-level hints: structural Verilog with comments, or Yosys JSON with attributes.
// The logic is the given netlist's, gate for gate; only names and hints are added.

import type { Aig, Sink } from '../netlist/index.ts';
import { type AdderList, adderWords } from './exact/adders.ts';
import type { AdderTree } from './exact/tree.ts';

/** First adder that has each variable as its sum (2·adder) or carry (2·adder + 1). */
function roles(aig: Aig, adders: AdderList): Map<number, number> {
  const map = new Map<number, number>();
  for (let i = 0; i < adders.count; i++) {
    if (!map.has(adders.sum(i))) map.set(adders.sum(i), 2 * i);
    if (!map.has(adders.carry(i))) map.set(adders.carry(i), 2 * i + 1);
  }
  for (const v of map.keys()) if (v >= aig.variableCount) map.delete(v);
  return map;
}

/** Operands as literals such that the carry is their majority (conjunction), its own polarity, and the sum's. */
export function adderLiterals(
  adders: AdderList,
  i: number,
): { operands: number[]; sum: number; carry: number } {
  const at = i * adderWords;
  const full = adders.isFull(i);
  const sign = adders.sign(i);
  const operands = [0, 1, 2].slice(0, full ? 3 : 2).map(k => 2 * adders.data[at + k]! + ((sign >> k) & 1));
  const flips = operands.reduce((x, literal) => x ^ (literal & 1), (sign >> 3) & 1);
  return {
    operands,
    sum: 2 * adders.sum(i) + flips,
    carry: 2 * adders.carry(i) + (full ? 0 : (sign >> 2) & 1),
  };
}

const wire = (aig: Aig, variable: number): string =>
  variable === 0 ? "1'b0" : variable <= aig.inputCount ? `i${variable - 1}` : `n${variable}`;
const term = (aig: Aig, literal: number): string =>
  literal === 1 ? "1'b1" : `${literal & 1 ? '~' : ''}${wire(aig, literal >>> 1)}`;

/** Structural Verilog: one assign an AND, a comment on each sum and carry. Latches become registers on `clock`. */
export function writeAnnotatedVerilog(aig: Aig, adders: AdderList, tree: AdderTree, sink: Sink): void {
  const map = roles(aig, adders);
  const inputs = Array.from({ length: aig.inputCount }, (_, i) => `i${i}`);
  const outputs = Array.from(aig.outputs, (_, i) => `o${i}`);
  const ports = [...(aig.latchCount > 0 ? ['clock'] : []), ...inputs, ...outputs];
  sink.write(
    `// ${adders.fullAdders} full adders, ${adders.halfAdders} half adders, ${tree.treeCount} trees\n`,
  );
  sink.write(`module annotated(${ports.join(', ')});\n`);
  if (aig.latchCount > 0) sink.write('  input clock;\n');
  inputs.forEach((name, i) => {
    const given = aig.names.inputs?.[i];
    sink.write(`  input ${name};${given === undefined ? '' : ` // ${comment(given)}`}\n`);
  });
  outputs.forEach((name, i) => {
    const given = aig.names.outputs?.[i];
    sink.write(`  output ${name};${given === undefined ? '' : ` // ${comment(given)}`}\n`);
  });
  for (let k = 0; k < aig.latchCount; k++) {
    const init = aig.latchInit[k]!;
    const name = wire(aig, aig.latchVariable(k));
    sink.write(`  reg ${name}${init > 1 ? '' : ` = 1'b${init}`};\n`);
    sink.write(`  always @(posedge clock) ${name} <= ${term(aig, aig.latchNext[k]!)};\n`);
  }
  let lines: string[] = [];
  for (let i = 0; i < aig.andCount; i++) {
    const v = aig.firstAnd + i;
    let line = `  wire n${v} = ${term(aig, aig.fanin0[i]!)} & ${term(aig, aig.fanin1[i]!)};`;
    const role = map.get(v);
    if (role !== undefined) line += ` // ${hint(aig, adders, tree, role)}`;
    lines.push(line);
    if (lines.length === 4096) {
      sink.write(`${lines.join('\n')}\n`);
      lines = [];
    }
  }
  outputs.forEach((name, i) => {
    lines.push(`  assign ${name} = ${term(aig, aig.outputs[i]!)};`);
  });
  sink.write(`${lines.join('\n')}\nendmodule\n`);
}

function hint(aig: Aig, adders: AdderList, tree: AdderTree, role: number): string {
  const i = role >>> 1;
  const { operands, sum, carry } = adderLiterals(adders, i);
  const isCarry = (role & 1) === 1;
  const kind = adders.isFull(i) ? 'full' : 'half';
  const own = isCarry ? carry : sum;
  const weight = tree.rank[i]! + (isCarry ? 1 : 0);
  const function_ = isCarry ? 'carry' : 'sum';
  return `${own & 1 ? 'complement of the ' : ''}${function_} of ${kind} adder ${i} (${operands.map(x => term(aig, x)).join(', ')}), tree ${tree.tree[i]}, weight 2^${weight}`;
}

const comment = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);

/** Yosys JSON: $_AND_ and $_NOT_ cells; the cells that drive a sum or carry have `adder_*` attributes. */
export function writeAnnotatedJson(aig: Aig, adders: AdderList, tree: AdderTree, sink: Sink): void {
  const map = roles(aig, adders);
  const { firstAnd, variableCount } = aig;
  // bit numbers: 2.. ; an inverter of v drives variableCount + v
  const inverted = new Uint8Array(variableCount);
  const use = (literal: number): void => {
    if (literal > 1 && literal & 1) inverted[literal >>> 1] = 1;
  };
  for (let i = 0; i < aig.andCount; i++) {
    use(aig.fanin0[i]!);
    use(aig.fanin1[i]!);
  }
  for (const literal of aig.roots()) use(literal);
  const bit = (literal: number): number | string =>
    literal < 2 ? String(literal) : 2 + (literal >>> 1) + (literal & 1 ? variableCount : 0);
  const clock = 2 + 2 * variableCount;
  const ports: Record<string, unknown> = {};
  if (aig.latchCount > 0) ports['clock'] = { direction: 'input', bits: [clock] };
  for (let i = 0; i < aig.inputCount; i++) {
    ports[aig.names.inputs?.[i] ?? `i${i}`] = { direction: 'input', bits: [bit(2 * (i + 1))] };
  }
  aig.outputs.forEach((literal, i) => {
    ports[aig.names.outputs?.[i] ?? `o${i}`] = { direction: 'output', bits: [bit(literal)] };
  });
  sink.write(
    `{"creator":"bitwright","modules":{"annotated":{"attributes":{"full_adders":"${adders.fullAdders}",`,
  );
  sink.write(`"half_adders":"${adders.halfAdders}"},"ports":${JSON.stringify(ports)},"cells":{`);
  let first = true;
  const cell = (
    name: string,
    type: string,
    connections: Record<string, (number | string)[]>,
    attributes: Record<string, string> = {},
  ): void => {
    const directions = Object.fromEntries(
      Object.keys(connections).map(p => [p, p === 'Y' || p === 'Q' ? 'output' : 'input']),
    );
    const body = { hide_name: 1, type, parameters: {}, attributes, port_directions: directions, connections };
    sink.write(`${first ? '' : ','}\n${JSON.stringify(name)}:${JSON.stringify(body)}`);
    first = false;
  };
  for (let v = 1; v < variableCount; v++) {
    if (inverted[v]) cell(`not${v}`, '$_NOT_', { A: [bit(2 * v)], Y: [bit(2 * v + 1)] });
    if (v < firstAnd) {
      if (v <= aig.inputCount) continue;
      const next = aig.latchNext[v - 1 - aig.inputCount]!;
      cell(`latch${v}`, '$_DFF_P_', { C: [clock], D: [bit(next)], Q: [bit(2 * v)] });
      continue;
    }
    const role = map.get(v);
    const attributes: Record<string, string> = {};
    if (role !== undefined) {
      const i = role >>> 1;
      const { operands, sum, carry } = adderLiterals(adders, i);
      attributes['adder'] = String(i);
      attributes['adder_kind'] = adders.isFull(i) ? 'full' : 'half';
      attributes['adder_output'] = role & 1 ? 'carry' : 'sum';
      attributes['adder_output_complemented'] = String((role & 1 ? carry : sum) & 1);
      attributes['adder_operands'] = operands.map(x => `${x & 1 ? '~' : ''}${bit(x & ~1)}`).join(' ');
      attributes['adder_tree'] = String(tree.tree[i]);
      attributes['adder_rank'] = String(tree.rank[i]);
    }
    const i = v - firstAnd;
    cell(
      `and${v}`,
      '$_AND_',
      { A: [bit(aig.fanin0[i]!)], B: [bit(aig.fanin1[i]!)], Y: [bit(2 * v)] },
      attributes,
    );
  }
  sink.write('\n},"netnames":{}}}}\n');
}
