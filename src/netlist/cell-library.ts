// Cells by name: functions of liberty and genlib cells, ready for place-cell.ts.
// Marks level-sensitive latches, three-state outputs and state tables as refused: using one is an error.

import { InputError } from '../core/errors.ts';
import { nearestSpelling } from '../core/spelling.ts';
import { type BooleanExpression, expressionVariables, parseBooleanExpression } from './boolean-expression.ts';
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
    requireNames(group, cell, pins, file);
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

/** Every name in an output's function must be a pin or a state variable: what reads the file after us says less. */
function requireNames(
  group: LibertyGroup,
  cell: Cell,
  pins: readonly LibertyGroup[],
  file: string | undefined,
): void {
  if (libertyGroups(group, 'bus').length > 0 || libertyGroups(group, 'bundle').length > 0) return;
  const states = ['ff', 'latch', 'ff_bank', 'latch_bank', 'statetable'].flatMap(kind =>
    libertyGroups(group, kind).flatMap(x => x.arguments.flatMap(text => text.split(/\s+/))),
  );
  const known = new Set([...pins.flatMap(pin => pin.arguments), ...states, 'IQ', 'IQN']);
  for (const pin of pins) {
    for (const output of pin.arguments) {
      const expression = cell.outputs.get(output);
      const wrong = expression && expressionVariables(expression).find(x => !known.has(x));
      if (wrong === undefined) continue;
      throw new InputError(`function of pin '${output}' of cell '${cell.name}' names '${wrong}'`, {
        ...{ file, line: pin.line, expected: `pins: ${cell.inputs.slice(0, 8).join(', ')}` },
        nearest: nearestSpelling(wrong, cell.inputs),
      });
    }
  }
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
