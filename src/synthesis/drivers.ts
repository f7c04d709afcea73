// Who drives what, read off the elaborated design before any pass has rewritten it: later a second driver may have been
// merged, overridden by a constant, or dropped. Refuses nets with two drivers, driven inputs, inout ports, three-state values.

import { InputError } from '../core/errors.ts';
import { type Place, placeOfSource } from './complaints.ts';
import { type RtlilCell, type RtlilModule, type RtlilWire, readRtlil, type Signal } from './rtlil.ts';

interface Driver {
  /** Where it stands, when the netlist tells. */
  place: Place;
  /** A process, which may name what it drives at several edges. */
  block?: true;
  /** A connection that carries no place: its line is searched for in the text. */
  assignment?: boolean;
  /** Output of a named instance: `'y' of 'u'`. */
  pin?: string;
}

/** Bits of a wire, `to` excluded, and who drives them. */
interface Drive {
  from: number;
  to: number;
  driver: Driver;
}

/**
 * @param rtlil the design after `hierarchy`, before `proc`
 * @param texts sources by the names the netlist uses
 * @throws InputError
 */
export function checkDrivers(rtlil: string, texts: Readonly<Record<string, string>>): void {
  const modules = readRtlil(rtlil);
  for (const module of modules.values()) {
    for (const wire of module.wires.values()) {
      if (wire.direction !== 'inout') continue;
      const place = placeOfSource(wire.source);
      // the members of an interface without a modport: Yosys knows no place of theirs
      const port = place.line === undefined ? /^(.+?)\./.exec(plain(wire.name))?.[1] : undefined;
      if (port === undefined)
        throw new InputError(`inout port '${plain(wire.name)}'`, { ...place, expected: 'input or output' });
      throw new InputError(`interface port '${port}' without a modport`, {
        ...(wordPlace(port, module, texts) ?? place),
        expected: 'a modport that makes each signal an input or an output',
      });
    }
    refuseThreeState(module, modules, texts);
    refuseSecondDrivers(module, modules, texts);
  }
}

function refuseSecondDrivers(
  module: RtlilModule,
  modules: ReadonlyMap<string, RtlilModule>,
  texts: Readonly<Record<string, string>>,
): void {
  const drives = new Map<string, Drive[]>();
  const drive = (signal: Signal, driver: Driver): void => {
    for (const chunk of signal) {
      if ('constant' in chunk) continue;
      const list = drives.get(chunk.wire);
      const one = { from: chunk.from, to: chunk.from + chunk.width, driver };
      if (list === undefined) drives.set(chunk.wire, [one]);
      else list.push(one);
    }
  };
  for (const process of module.processes) {
    const driver = { place: placeOfSource(process.source), block: true as const };
    for (const update of process.updates) drive(update, driver);
  }
  for (const cell of module.cells) {
    const inner = modules.get(cell.type);
    for (const [port, signal] of cell.connections) {
      if (!isOutput(cell, port, inner)) continue;
      const pin = inner && `'${plain(port)}' of '${plain(cell.name)}'`;
      const named = pin === undefined ? {} : { pin };
      drive(signal, { place: placeOfSource(cell.source), ...named });
    }
  }
  for (const [to, from] of module.connects) {
    const [only] = from;
    const made = only !== undefined && 'wire' in only ? module.wires.get(only.wire) : undefined;
    // the wire of an expression carries the place of the expression
    const place = made?.name.startsWith('$') === true ? placeOfSource(made.source) : {};
    drive(to, { place, assignment: place.line === undefined });
  }
  const bad = [...drives.entries()]
    .map(([name, list]) => {
      const wire = module.wires.get(name)!;
      return { wire, drivers: wire.direction === 'input' ? list.map(d => d.driver) : overlapping(list) };
    })
    .filter(({ drivers }) => drivers.length > 0)
    .sort((a, b) => Number(a.wire.name.startsWith('$')) - Number(b.wire.name.startsWith('$')));
  const read = bad.length === 0 ? undefined : readWires(module, modules);
  const first = bad.find(({ wire }) => !(isLoopVariable(wire) && !read!.has(wire.name)));
  if (first !== undefined) throw secondDriver(first.wire, first.drivers, module, texts);
}

/** Drivers of stretches that share bits. */
function overlapping(drives: Drive[]): Driver[] {
  const found = new Set<Driver>();
  let last: Drive | undefined;
  for (const next of drives.sort((a, b) => a.from - b.from)) {
    if (last === undefined || next.from >= last.to) {
      last = next;
      continue;
    }
    // an asynchronous reset names the register again; `assign {q, q}` does drive it twice
    if (next.driver !== last.driver || next.driver.block !== true) found.add(last.driver).add(next.driver);
    if (next.to > last.to) last = { ...last, to: next.to };
  }
  return [...found];
}

/** A loop variable of the module that several blocks count with: it holds nothing when they end. */
function isLoopVariable(wire: RtlilWire): boolean {
  return wire.signed && wire.width === 32 && wire.direction === undefined;
}

function secondDriver(
  wire: RtlilWire,
  drivers: readonly Driver[],
  module: RtlilModule,
  texts: Readonly<Record<string, string>>,
): InputError {
  const searched = drivers.some(d => d.assignment) ? assignmentPlaces(wire.name, module, texts) : [];
  const places = [...drivers.map(d => d.place), ...searched]
    .filter(p => p.line !== undefined && p.line > 0)
    .sort((a, b) => (a.file === b.file ? a.line! - b.line! : 0));
  const place = places.at(-1) ?? placeOfSource(wire.source ?? module.source);
  const lines = [...new Set(places.map(p => p.line!))];
  const name = wire.name.startsWith('$')
    ? (drivers.find(d => d.pin !== undefined)?.pin ?? 'an expression')
    : `'${plain(wire.name)}'`;
  const port = wire.direction === 'input' ? ', an input' : '';
  const where = lines.length > 1 ? ` (lines ${lines.join(', ')})` : '';
  return new InputError(`two drivers of ${name}${port}${where}`, { ...place, expected: 'one' });
}

/** Every place in the text of a module that assigns to a name for good: `assign`, or a declaration with a value. */
function assignmentPlaces(
  wire: string,
  module: RtlilModule,
  texts: Readonly<Record<string, string>>,
): Place[] {
  const name = plain(wire).replace(/[^\w]/g, '\\$&');
  const found: Place[] = [];
  const { file, from, body } = bodyOf(module, texts);
  const assignment = new RegExp(
    `\\b(?:assign|wire|tri|logic|reg|output|supply[01])\\b[^;]*?(?:\\b${name}\\b\\s*(?:\\[[^\\]=]*\\]\\s*)*|\\{[^;={}]*\\b${name}\\b[^;={}]*\\}\\s*)=(?!=)`,
    'g',
  );
  for (const match of body.matchAll(assignment)) {
    const before = body.slice(0, match.index + match[0].length);
    found.push({ file, line: from + before.split('\n').length - 1 });
  }
  return found;
}

/** Where a word first stands in the text of a module. */
function wordPlace(
  word: string,
  module: RtlilModule,
  texts: Readonly<Record<string, string>>,
): Place | undefined {
  const { file, from, body } = bodyOf(module, texts);
  const at = body.search(new RegExp(`(?<![\\w$])${word.replace(/[^\w]/g, '\\$&')}(?![\\w$])`));
  return at < 0 ? undefined : { file, line: from + body.slice(0, at).split('\n').length - 1 };
}

/** Text of a module without its comments, and the line it begins at. */
function bodyOf(
  module: RtlilModule,
  texts: Readonly<Record<string, string>>,
): { file: string; from: number; body: string } {
  const [, file = '', from = '1', to] = /^([^|]*?):(\d+)\.\d+-(\d+)\./.exec(module.source ?? '') ?? [];
  const lines = withoutComments(texts[file] ?? '').split('\n');
  return { file, from: Number(from), body: lines.slice(Number(from) - 1, Number(to)).join('\n') };
}

/** Comments as blanks, lines kept. */
function withoutComments(text: string): string {
  return text.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, comment => comment.replace(/[^\n]/g, ' '));
}

function isOutput(cell: RtlilCell, port: string, inner: RtlilModule | undefined): boolean {
  if (inner !== undefined) return inner.wires.get(port)?.direction === 'output';
  return /^\\(Y|Q|X|CO|RD_DATA)$/.test(port) || (port === '\\DATA' && cell.type.startsWith('$memrd'));
}

/** Wires whose value anything in the module, or its surroundings, takes. */
function readWires(module: RtlilModule, modules: ReadonlyMap<string, RtlilModule>): Set<string> {
  const read = new Set<string>();
  const take = (signal: Signal): void => {
    for (const chunk of signal) if ('wire' in chunk) read.add(chunk.wire);
  };
  for (const cell of module.cells) {
    const inner = modules.get(cell.type);
    for (const [port, signal] of cell.connections) if (!isOutput(cell, port, inner)) take(signal);
  }
  for (const [, from] of module.connects) take(from);
  for (const { assigns, reads } of module.processes) {
    for (const signal of reads) take(signal);
    for (const [to, from] of assigns) {
      const [target] = to;
      const own = target !== undefined && 'wire' in target ? finalName(target.wire) : undefined;
      // a process begins with its variables as they were: no use is made of them by that
      take(from.filter(chunk => !('wire' in chunk && chunk.wire === own)));
    }
  }
  return read;
}

function refuseThreeState(
  module: RtlilModule,
  modules: ReadonlyMap<string, RtlilModule>,
  texts: Readonly<Record<string, string>>,
): void {
  const floats = (signal: Signal): boolean =>
    signal.some(chunk => 'constant' in chunk && /^\d+'[01xmz-]*z/.test(chunk.constant));
  const refuse = (to: Signal, place: Place): never => {
    const [chunk] = to;
    const wire = chunk !== undefined && 'wire' in chunk ? chunk.wire : undefined;
    const name = wire === undefined ? undefined : namedTarget(wire, module);
    const searched =
      place.line === undefined && name !== undefined ? assignmentPlaces(name, module, texts) : [];
    throw new InputError(`three-state driver${name === undefined ? '' : ` for '${plain(name)}'`}`, {
      ...(place.line === undefined ? (searched[0] ?? placeOfSource(module.source)) : place),
      expected: 'a value of 0 or 1 at any time',
    });
  };
  for (const cell of module.cells) {
    const inner = modules.get(cell.type);
    if (!cell.connections.some(([port, signal]) => !isOutput(cell, port, inner) && floats(signal))) continue;
    const output = cell.connections.find(([port]) => isOutput(cell, port, inner));
    refuse(output?.[1] ?? [], placeOfSource(cell.source));
  }
  for (const { assigns, source } of module.processes) {
    for (const [to, from] of assigns) if (floats(from)) refuse(to, placeOfSource(source));
  }
  for (const [to, from] of module.connects) if (floats(from)) refuse(to, {});
}

/** The wire of the source that an intermediate one ends in. */
function namedTarget(wire: string, module: RtlilModule): string | undefined {
  if (!wire.startsWith('$')) return wire;
  const own = finalName(wire);
  if (own !== undefined) return own;
  const next = module.connects.find(([, from]) => from.some(c => 'wire' in c && c.wire === wire))?.[0][0];
  return next !== undefined && 'wire' in next && !next.wire.startsWith('$') ? next.wire : undefined;
}

/** `\q` of `$0\q[0:0]`, an intermediate value of a process. */
function finalName(wire: string): string | undefined {
  return /^\$\d+(\\.*)\[\d+:\d+\]/.exec(wire)?.[1];
}

function plain(name: string): string {
  return name.replace(/^\\/, '');
}
