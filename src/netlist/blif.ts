// Reads BLIF: .model .inputs .outputs .names .latch .subckt .gate .mlatch-free, hierarchy flattened from the models of
// the file. The first model is the top. Refuses level-sensitive latches, cyclic hierarchy and undefined models.

import { nearestSpelling } from '../core/spelling.ts';
import type { Aig } from './aig.ts';
import type { AigBuilder } from './builder.ts';
import type { CellLibrary } from './cell-library.ts';
import { Circuit } from './circuit.ts';
import { placeCell } from './place-cell.ts';
import type { SourceInput } from './source.ts';
import { readLines, sourceName } from './text-source.ts';

export interface NetlistReadOptions {
  /** Cells of .gate lines, Verilog instances and JSON cells. */
  library?: CellLibrary | undefined;
  /** Module to take as the top (default: the first BLIF model, the one uninstantiated Verilog or JSON module). */
  top?: string | undefined;
  /** Keep a map of variables to net names. Default true. */
  nets?: boolean | undefined;
}

interface Statement {
  words: string[];
  line: number;
  /** Rows of a .names cover: inputs part and output value. */
  cover?: string[];
}

interface Model {
  name: string;
  inputs: string[];
  outputs: string[];
  statements: Statement[];
  line: number;
  /** Line of the first .inputs. */
  inputLine?: number;
}

/** Instances after flattening, at most: hierarchy can be exponential in the file's size. */
export const instanceLimit = 4_000_000;

/** Reads a BLIF file. @throws InputError with file and line */
export function readBlif(input: SourceInput, options: NetlistReadOptions = {}): Aig {
  const circuit = new Circuit(sourceName(input));
  const models = parse(input, circuit);
  const top = options.top === undefined ? [...models.values()][0] : models.get(options.top);
  if (top === undefined) {
    throw circuit.error(
      options.top === undefined ? 'no .model' : `no model '${options.top}'`,
      undefined,
      options.top === undefined ? 'a .model' : undefined,
      options.top === undefined ? undefined : nearestSpelling(options.top, [...models.keys()]),
    );
  }
  circuit.model = top.name;
  for (const name of top.inputs) circuit.addInput(circuit.net(name, top.inputLine), top.inputLine);
  let instances = 0;
  const flatten = (model: Model, prefix: string, bound: Map<string, number>, open: Set<string>): void => {
    if (open.has(model.name)) throw circuit.error(`model '${model.name}' contains itself`, model.line);
    if (open.size > 1000) throw circuit.error('hierarchy too deep', model.line, 'at most 1000 levels');
    open.add(model.name);
    const net = (name: string, line: number): number => bound.get(name) ?? circuit.net(prefix + name, line);
    for (const statement of model.statements) {
      if (++instances > instanceLimit) {
        throw circuit.error(
          'too many instances after flattening',
          statement.line,
          `at most ${instanceLimit}`,
        );
      }
      placeStatement(statement, prefix, net, open);
    }
    open.delete(model.name);
  };
  const placeStatement = (
    { words, line, cover }: Statement,
    prefix: string,
    net: (name: string, line: number) => number,
    open: Set<string>,
  ): void => {
    if (words[0] === '.names') {
      const nets = words.slice(1).map(name => net(name, line));
      const output = nets.pop()!;
      const rows = cover ?? [];
      circuit.drive(output, nets, (b, literals) => buildCover(b, rows, literals), line);
    } else if (words[0] === '.latch') {
      placeLatch(circuit, words, net, line);
    } else {
      const pins = new Map<string, number>();
      for (const word of words.slice(2)) {
        const cut = word.indexOf('=');
        const formal = word.slice(0, cut);
        if (cut < 1 || cut === word.length - 1)
          throw circuit.error(`malformed pin '${word}'`, line, 'formal=actual');
        if (pins.has(formal)) throw circuit.error(`pin '${formal}' connected twice`, line);
        pins.set(formal, net(word.slice(cut + 1), line));
      }
      const name = words[1]!;
      const model = models.get(name);
      if (model === undefined || words[0] === '.gate') {
        const cell = options.library?.get(name);
        if (cell === undefined) {
          throw circuit.error(
            words[0] === '.gate' ? `no cell '${name}' in a library` : `no model or cell '${name}'`,
            line,
            words[0] === '.gate' && options.library === undefined ? 'a --library for .gate lines' : undefined,
            nearestSpelling(name, [...models.keys(), ...(options.library?.keys() ?? [])].slice(0, 5000)),
          );
        }
        placeCell(circuit, cell, '', pins, line);
        return;
      }
      const formals = new Set([...model.inputs, ...model.outputs]);
      for (const pin of pins.keys()) {
        if (!formals.has(pin)) {
          throw circuit.error(
            `model '${name}' has no pin '${pin}'`,
            line,
            undefined,
            nearestSpelling(pin, [...formals]),
          );
        }
      }
      for (const formal of model.inputs) {
        if (!pins.has(formal)) throw circuit.error(`input '${formal}' of '${name}' is not connected`, line);
      }
      flatten(model, `${prefix}${name}#${line}.`, pins, open);
    }
  };
  flatten(top, '', new Map(), new Set());
  for (const name of top.outputs) circuit.addOutput(name, circuit.net(name, top.line), top.line);
  return circuit.build({ nets: options.nets });
}

function parse(input: SourceInput, circuit: Circuit): Map<string, Model> {
  const models = new Map<string, Model>();
  let model: Model | undefined;
  let names: Statement | undefined;
  const need = (line: number): Model => {
    if (model === undefined) throw circuit.error('statement outside a model', line, '.model');
    return model;
  };
  for (const { text, line } of logicalLines(input)) {
    const words = text.split(/\s+/).filter(word => word !== '');
    const keyword = words[0]!;
    if (!keyword.startsWith('.')) {
      if (names === undefined)
        throw circuit.error(`unexpected '${keyword.slice(0, 40)}'`, line, 'a line of .names or a directive');
      addRow(circuit, names, words, line);
      continue;
    }
    names = undefined;
    switch (keyword) {
      case '.model': {
        const name = words[1] ?? 'unnamed';
        if (models.has(name)) throw circuit.error(`model '${name}' defined twice`, line);
        model = { name, inputs: [], outputs: [], statements: [], line };
        models.set(name, model);
        break;
      }
      case '.inputs':
        need(line).inputLine ??= line;
        for (const word of words.slice(1)) need(line).inputs.push(word);
        break;
      case '.outputs':
        for (const word of words.slice(1)) need(line).outputs.push(word);
        break;
      case '.names':
        if (words.length < 2) throw circuit.error('.names without an output', line, 'at least one net');
        names = { words, line, cover: [] };
        need(line).statements.push(names);
        break;
      case '.latch':
        if (words.length < 3 || words.length > 6) {
          throw circuit.error('malformed .latch', line, '.latch input output [type control] [init]');
        }
        need(line).statements.push({ words, line });
        break;
      case '.subckt':
      case '.gate':
        if (words.length < 2) throw circuit.error(`${keyword} without a name`, line);
        need(line).statements.push({ words, line });
        break;
      case '.end':
        model = undefined;
        break;
      case '.default_input_arrival':
      case '.area':
      case '.delay':
      case '.attr':
      case '.param':
      case '.cname':
      case '.clock':
        break;
      default:
        throw circuit.error(
          `unknown directive '${keyword}'`,
          line,
          undefined,
          nearestSpelling(keyword, [
            '.model',
            '.inputs',
            '.outputs',
            '.names',
            '.latch',
            '.subckt',
            '.gate',
            '.end',
          ]),
        );
    }
  }
  return models;
}

/** Lines with comments and continuations removed; empty ones skipped. */
function* logicalLines(input: SourceInput): Generator<{ text: string; line: number }> {
  let pending: string[] = [];
  let start = 0;
  for (const { text, line } of readLines(input)) {
    const hash = text.indexOf('#');
    const clean = hash < 0 ? text : text.slice(0, hash);
    if (pending.length === 0) start = line;
    if (clean.endsWith('\\')) {
      pending.push(clean.slice(0, -1));
      continue;
    }
    pending.push(clean);
    const whole = pending.join(' ');
    pending = [];
    if (whole.trim() !== '') yield { text: whole, line: start };
  }
  if (pending.join('').trim() !== '') yield { text: pending.join(' '), line: start };
}

function addRow(circuit: Circuit, names: Statement, words: string[], line: number): void {
  const inputs = names.words.length - 2;
  const cube = inputs === 0 ? '' : words[0]!;
  const value = inputs === 0 ? words[0]! : words[1];
  if (
    words.length !== (inputs === 0 ? 1 : 2) ||
    cube.length !== inputs ||
    !/^[01-]*$/.test(cube) ||
    !/^[01]$/.test(value!)
  ) {
    throw circuit.error(
      `malformed row '${words.join(' ').slice(0, 60)}'`,
      line,
      `${inputs} of 0 1 - and an output 0 or 1`,
    );
  }
  const row = cube + value;
  if (names.cover!.length > 0 && names.cover![0]!.slice(-1) !== value) {
    throw circuit.error('rows of one .names give both 0 and 1', line, 'one output value');
  }
  names.cover!.push(row);
}

function buildCover(builder: AigBuilder, rows: string[], literals: number[]): number {
  if (rows.length === 0) return 0;
  const terms = rows.map(row => {
    const factors: number[] = [];
    for (let i = 0; i < literals.length; i++) {
      if (row[i] !== '-') factors.push(literals[i]! ^ (row[i] === '1' ? 0 : 1));
    }
    return builder.addAndAll(factors);
  });
  return builder.addOrAll(terms) ^ (rows[0]!.endsWith('0') ? 1 : 0);
}

function placeLatch(
  circuit: Circuit,
  words: string[],
  net: (name: string, line: number) => number,
  line: number,
): void {
  const rest = words.slice(3);
  const init = rest.length % 2 === 1 ? rest.pop()! : '3';
  const [type, control] = rest;
  if (!/^[0-3]$/.test(init)) throw circuit.error(`latch reset value '${init}'`, line, '0, 1, 2 or 3');
  if (type !== undefined && type !== 're' && type !== 'fe') {
    throw circuit.error(`latch type '${type}'`, line, 're or fe (edge-triggered)');
  }
  const clock = control === undefined || control === 'NIL' ? undefined : net(control, line);
  circuit.addLatch(
    net(words[2]!, line),
    net(words[1]!, line),
    Math.min(2, Number(init)),
    line,
    clock,
    type === 'fe',
  );
}
