// Cells by name: functions of liberty and genlib cells and the built-in Yosys gates, ready to place in a Circuit.
// Refuses level-sensitive latches, three-state outputs and pins a cell does not have, by name.

import { InputError } from '../core/errors.ts';
import { nearestSpelling } from '../core/spelling.ts';
import {
  type BooleanExpression,
  buildExpression,
  expressionVariables,
  parseBooleanExpression,
} from './boolean-expression.ts';
import type { Circuit } from './circuit.ts';
import { type LibertyGroup, libertyGroups, libertyValue, readLiberty } from './liberty.ts';
import type { SourceInput } from './source.ts';
import { readLines, sourceName } from './text-source.ts';

export interface FlipFlop {
  /** State variable and its inverse. */
  state: string;
  inverse: string;
  next: BooleanExpression;
  /** Undefined for the flip-flop of the global clock ($_FF_). */
  clock?: BooleanExpression | undefined;
  clear?: BooleanExpression | undefined;
  preset?: BooleanExpression | undefined;
}

export interface Cell {
  name: string;
  /** Liberty or genlib area, in the library's own unit. */
  area: number;
  inputs: string[];
  /** Function of each output over inputs (and state variables). */
  outputs: Map<string, BooleanExpression>;
  flipFlop?: FlipFlop | undefined;
  /** Why the cell cannot be placed, if so. */
  refused?: string | undefined;
}

export type CellLibrary = Map<string, Cell>;

/** Cells of a liberty file. @throws InputError with file and line */
export function readLibertyCells(input: SourceInput): CellLibrary {
  return libertyCells(readLiberty(input), sourceName(input));
}

/** Cells of a parsed library. */
export function libertyCells(library: LibertyGroup, file?: string | undefined): CellLibrary {
  const cells: CellLibrary = new Map();
  for (const group of libertyGroups(library, 'cell')) {
    const name = group.arguments[0];
    if (name === undefined) throw new InputError('cell without a name', { file, line: group.line });
    if (cells.has(name)) throw new InputError(`cell '${name}' defined twice`, { file, line: group.line });
    const area = Number(libertyValue(group, 'area') ?? 0);
    const cell: Cell = { name, area: Number.isFinite(area) ? area : 0, inputs: [], outputs: new Map() };
    cells.set(name, cell);
    const pins = [
      ...libertyGroups(group, 'pin'),
      ...[...libertyGroups(group, 'bus'), ...libertyGroups(group, 'bundle')].flatMap(x =>
        libertyGroups(x, 'pin'),
      ),
    ];
    for (const pin of pins) {
      const direction = libertyValue(pin, 'direction');
      const text = libertyValue(pin, 'function');
      for (const pinName of pin.arguments) {
        if (direction === 'input') cell.inputs.push(pinName);
        else if (text !== undefined) {
          if (libertyValue(pin, 'three_state') !== undefined) cell.refused = 'has a three-state output';
          cell.outputs.set(pinName, parseBooleanExpression(text, { file, line: pin.line }));
        }
      }
    }
    const flipFlops = libertyGroups(group, 'ff');
    if (libertyGroups(group, 'latch').length > 0) cell.refused = 'is a level-sensitive latch';
    if (flipFlops.length > 1) cell.refused = 'has several flip-flops';
    else if (libertyGroups(group, 'statetable').length > 0) cell.refused ??= 'is described by a state table';
    const ff = flipFlops[0];
    if (ff === undefined) continue;
    const place = { file, line: ff.line };
    const parse = (attribute: string): BooleanExpression | undefined => {
      const text = libertyValue(ff, attribute);
      return text === undefined ? undefined : parseBooleanExpression(text, place);
    };
    const next = parse('next_state');
    const clock = parse('clocked_on');
    if (next === undefined || clock === undefined) {
      throw new InputError(`flip-flop of cell '${name}' lacks next_state or clocked_on`, place);
    }
    cell.flipFlop = {
      state: ff.arguments[0] ?? 'IQ',
      inverse: ff.arguments[1] ?? 'IQN',
      next,
      clock,
      clear: parse('clear'),
      preset: parse('preset'),
    };
  }
  return cells;
}

/** Gates of a genlib file: lines `GATE name area OUT=function; PIN …`; LATCH entries are refused when used. */
export function readGenlibCells(input: SourceInput): CellLibrary {
  const file = sourceName(input);
  const cells: CellLibrary = new Map();
  let pending: { text: string; line: number } | undefined;
  const finish = (): void => {
    if (pending === undefined) return;
    const { line } = pending;
    const match = /^(GATE|LATCH)\s+("[^"]*"|\S+)\s+(\S+)\s+([^\s=]+)\s*=\s*([^;]*);/.exec(pending.text);
    pending = undefined;
    if (match === null)
      throw new InputError('malformed GATE', { file, line, expected: 'GATE name area out=function;' });
    const name = match[2]!.replaceAll('"', '');
    const expression = parseBooleanExpression(match[5]!, { file, line });
    if (cells.has(name)) return; // genlib lists alternatives under one name; the first stands
    cells.set(name, {
      name,
      area: Number(match[3]) || 0,
      inputs: expressionVariables(expression),
      outputs: new Map([[match[4]!, expression]]),
      refused: match[1] === 'LATCH' ? 'is a genlib LATCH' : undefined,
    });
  };
  for (const { text, line } of readLines(input)) {
    const clean = text.replace(/#.*/, '').trim();
    if (/^(GATE|LATCH)\b/.test(clean)) {
      finish();
      pending = { text: clean, line };
    } else if (pending !== undefined && !pending.text.includes(';')) {
      if (pending.text.length > 65536) throw new InputError('GATE without an end', { file, line });
      pending.text += ` ${clean}`;
    } else if (clean !== '' && !/^(PIN|SEQ|CONTROL|CONSTRAINT)\b/.test(clean)) {
      throw new InputError(`unexpected '${clean.slice(0, 40)}'`, {
        file,
        line,
        expected: 'GATE, LATCH or PIN',
      });
    }
  }
  finish();
  return cells;
}

const yosysFunctions: Record<string, string> = {
  $_BUF_: 'A',
  $_NOT_: '!A',
  $_AND_: 'A&B',
  $_NAND_: '!(A&B)',
  $_OR_: 'A|B',
  $_NOR_: '!(A|B)',
  $_XOR_: 'A^B',
  $_XNOR_: '!(A^B)',
  $_ANDNOT_: 'A&!B',
  $_ORNOT_: 'A|!B',
  $_MUX_: '(!S&A)|(S&B)',
  $_NMUX_: '!((!S&A)|(S&B))',
  $_AOI3_: '!((A&B)|C)',
  $_OAI3_: '!((A|B)&C)',
  $_AOI4_: '!((A&B)|(C&D))',
  $_OAI4_: '!((A|B)&(C|D))',
};

/** The simple gate cells of Yosys: $_AND_ … $_OAI4_, and flip-flops with enable, set and reset by their suffix. */
export function yosysCell(type: string): Cell | undefined {
  if (!/^\$_\w+_$/.test(type)) return undefined;
  let cell = yosysCells.get(type);
  if (cell === undefined) {
    cell = makeYosysCell(type);
    if (cell !== undefined) yosysCells.set(type, cell);
  }
  return cell;
}

/** Cells made so far: only types Yosys has get in. */
const yosysCells = new Map<string, Cell>();

function makeYosysCell(type: string): Cell | undefined {
  const text = yosysFunctions[type];
  if (text !== undefined) {
    const expression = parseBooleanExpression(text);
    return {
      name: type,
      area: 0,
      inputs: expressionVariables(expression),
      outputs: new Map([['Y', expression]]),
    };
  }
  if (type === '$_FF_') {
    const next = parseBooleanExpression('D');
    const outputs = new Map([['Q', { kind: 'variable', name: 'IQ' } as const]]);
    return { name: type, area: 0, inputs: ['D'], outputs, flipFlop: { state: 'IQ', inverse: 'IQN', next } };
  }
  const mux = /^\$_MUX(4|8|16)_$/.exec(type);
  if (mux !== null) return multiplexer(type, Math.log2(Number(mux[1])));
  const match = /^\$_(DFF|DFFE|SDFF|SDFFE|SDFFCE)_([NP01]+)_$/.exec(type);
  if (match === null) return undefined;
  const kind = match[1]!;
  const code = match[2]!;
  const synchronous = kind.startsWith('SDFF');
  const enabled = kind.endsWith('E');
  const reset = code.length >= 3;
  if (code.length !== 1 + (reset ? 2 : 0) + (enabled ? 1 : 0) || (synchronous && !reset)) return undefined;
  const polarity = (pin: string, letter: string): string => (letter === 'P' ? pin : `!${pin}`);
  const enable = enabled ? polarity('E', code[code.length - 1]!) : undefined;
  const resetPin = reset ? polarity('R', code[1]!) : undefined;
  const value = code[2] === '1' ? '1' : '0';
  const hold = (d: string): string =>
    enable === undefined ? d : `(${enable} & (${d})) | (!(${enable}) & IQ)`;
  const force = (d: string): string => `(${resetPin} & ${value}) | (!(${resetPin}) & (${d}))`;
  const next = !synchronous ? hold('D') : kind === 'SDFFCE' ? hold(force('D')) : force(hold('D'));
  const asynchronous = reset && !synchronous ? parseBooleanExpression(resetPin!) : undefined;
  return {
    name: type,
    area: 0,
    inputs: ['D', 'C', ...(reset ? ['R'] : []), ...(enabled ? ['E'] : [])],
    outputs: new Map([['Q', { kind: 'variable', name: 'IQ' } as const]]),
    flipFlop: {
      state: 'IQ',
      inverse: 'IQN',
      next: parseBooleanExpression(next),
      clock: parseBooleanExpression(polarity('C', code[0]!)),
      clear: value === '0' ? asynchronous : undefined,
      preset: value === '1' ? asynchronous : undefined,
    },
  };
}

/** $_MUX4_ … $_MUX16_: data pins A B …, select pins S T U V from the least significant. */
function multiplexer(type: string, selects: number): Cell {
  const pins = Array.from({ length: 2 ** selects }, (_, i) => 'ABCDEFGHIJKLMNOP'[i]!);
  let layer: BooleanExpression[] = pins.map(name => ({ kind: 'variable', name }));
  const names = 'STUV'.slice(0, selects).split('');
  for (const name of names) {
    const select: BooleanExpression = { kind: 'variable', name };
    layer = Array.from({ length: layer.length / 2 }, (_, i) => ({
      kind: 'or',
      left: { kind: 'and', left: { kind: 'not', of: select }, right: layer[2 * i]! },
      right: { kind: 'and', left: select, right: layer[2 * i + 1]! },
    }));
  }
  return { name: type, area: 0, inputs: [...pins, ...names], outputs: new Map([['Y', layer[0]!]]) };
}

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
