// Errors of the front end in the user's words, with file and line: what Yosys says too briefly, and what only its
// netlist tells. Makes messages; refuses to decide what is an error.

import { InputError } from '../../core/errors.ts';
import { nearestSpelling } from '../../core/spelling.ts';
import { placeAt } from '../../synthesis/imports.ts';
import type { RtlSource } from '../../synthesis/rtl.ts';
import type { JsonModule } from './flip-flops.ts';

export interface Place {
  file?: string;
  line?: number;
}

/** File and line of a src attribute (`file:line.column-…|…`). */
export function placeOfSource(src: string | undefined): Place {
  const match = /^([^|]*?):(\d+)/.exec(src ?? '');
  return match === null ? {} : { file: match[1]!, line: Number(match[2]) };
}

/** Messages of Yosys that say too little, said better. */
export function explainYosys(error: unknown, source: RtlSource): InputError | undefined {
  const { message } = error as Error;
  const parameter = /Can't find object for defparam `([^`']+)/.exec(message);
  if (parameter !== null) return unknownParameter(parameter[1]!.replace(/^\\/, ''), source);
  const modules = modulesOf(source);
  const top = /Module `\\?([^`']+)' not found/.exec(message);
  if (top !== null) {
    const nearest = nearestSpelling(
      top[1]!,
      modules.map(m => m.name),
    );
    const near = modules.find(m => m.name === nearest);
    return new InputError(`no module '${top[1]}'`, {
      file: near?.file ?? source.files[0]!.name,
      line: near?.line,
      expected: modules.length <= 12 ? `one of ${modules.map(m => m.name).join(', ')}` : undefined,
      nearest,
    });
  }
  const inner =
    /Module `\\?([^`']+)' referenced in module `\\?([^`']+)' in cell `\\?([^`']+)' is not part/.exec(message);
  if (inner !== null) {
    const [, name = '', , cell] = inner;
    return new InputError(`no module '${name}' (instance '${cell}')`, {
      ...placeOfWord(source, new RegExp(`\\b${name.replace(/\W/g, '\\$&')}\\b`)),
      expected: 'a module of the files given',
      nearest: nearestSpelling(
        name,
        modules.map(m => m.name),
      ),
    });
  }
  if (/Yosys ended with code -1/.test(message)) {
    return new InputError('the design is too large to elaborate (Yosys ran out of memory)', {
      file: source.files[0]?.name,
      expected: 'smaller memories or widths (set parameters with -P)',
    });
  }
  return undefined;
}

/** Yosys lists the cells and wires of a loop; the named wires say most. */
export function loopError(text: string): InputError {
  const wires = [...text.matchAll(/wire \\([^\s]+)/g)].map(m => m[1]!);
  const at = /source: ([^\s:)]+):(\d+)/.exec(text) ?? /\(([^\s:()]+):(\d+)/.exec(text);
  const shown = [...new Set(wires)].slice(0, 6).map(w => `'${w}'`);
  return new InputError(`combinational loop${shown.length > 0 ? ` through ${shown.join(', ')}` : ''}`, {
    file: at?.[1],
    line: at === null ? undefined : Number(at[2]),
    expected: 'a register on every cycle',
  });
}

/** The first net with two drivers that the log of `check` names, at the driver that comes second in the source. */
export function driversError(log: string, module: JsonModule): InputError {
  const found =
    /Warning: multiple conflicting drivers for [^\n]*?\.?\\?([^\s.\\]+) ?(\[\d+\])?:\n((?:[ \t]+[^\n]*\n?)*)/.exec(
      log,
    );
  const [, named = 'a signal', , list = ''] = found ?? [];
  const [, pin = '', index = '0', cell = ''] = /port (\w+)\[(\d+)\] of cell (\S+) \(/.exec(list) ?? [];
  const bit = module.cells[cell.replace(/^\\/, '')]?.connections[pin]?.[Number(index)];
  const visible = Object.entries(module.netnames)
    .filter(([, wire]) => wire.hide_name === 0 && bit !== undefined && wire.bits.includes(bit))
    .map(([name]) => name);
  const net = visible.includes(named) ? named : (visible.sort((a, b) => a.length - b.length)[0] ?? named);
  const cells = [...list.matchAll(/of cell (\S+) \(/g)].map(m => m[1]!.replace(/^\\/, ''));
  const places = cells
    .map(name => placeOfSource(module.cells[name]?.attributes['src']))
    .filter(p => p.line !== undefined)
    .sort((a, b) => (a.file === b.file ? a.line! - b.line! : 0));
  const second = places[places.length - 1] ?? placeOfSource(module.netnames[net]?.attributes['src']);
  const lines = [...new Set(places.map(p => p.line!))];
  const port = list.includes('module input') ? ', an input' : '';
  return new InputError(
    `two drivers of '${net}'${port}${lines.length > 1 ? ` (lines ${lines.join(', ')})` : ''}`,
    {
      ...second,
      expected: 'one',
    },
  );
}

/** Where a clock is read as data, if it is: the first cell that takes it elsewhere than at a clock pin. */
export function clockUse(module: JsonModule, clock: string): Place {
  const bit = module.ports[clock]?.bits[0];
  for (const cell of Object.values(module.cells)) {
    for (const [pin, bits] of Object.entries(cell.connections)) {
      if (/CLK$/.test(pin) || !bits.includes(bit!)) continue;
      const place = placeOfSource(cell.attributes['src']);
      if (place.line !== undefined) return place;
    }
  }
  // an output that is the clock itself
  const output = Object.entries(module.ports).find(
    ([, p]) => p.direction === 'output' && p.bits.includes(bit!),
  );
  return placeOfSource(module.netnames[output?.[0] ?? clock]?.attributes['src']);
}

interface Declared {
  name: string;
  file: string;
  line: number;
}

function modulesOf(source: RtlSource): Declared[] {
  return source.files.flatMap(f =>
    [...f.text.matchAll(/^[ \t]*module\s+(\w+)/gm)].map(m => ({
      name: m[1]!,
      ...placeAt(f, m.index + m[0].length),
    })),
  );
}

function unknownParameter(name: string, source: RtlSource): InputError {
  const modules = modulesOf(source);
  const top = modules.find(m => m.name === source.top) ?? (modules.length === 1 ? modules[0] : undefined);
  if (top === undefined) return new InputError(`the top module has no parameter '${name}'`);
  const names = parametersOf(source.files.find(f => f.name === top.file)!.text, top.name);
  return new InputError(`module '${top.name}' has no parameter '${name}'`, {
    file: top.file,
    line: top.line,
    expected: names.length === 0 ? 'none' : names.length === 1 ? names[0] : `one of ${names.join(', ')}`,
    nearest: nearestSpelling(name, names),
  });
}

/** Names a module declares as parameters, from its text. */
function parametersOf(text: string, module: string): string[] {
  const bare = text.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, ' ');
  const start = new RegExp(`\\bmodule\\s+${module}\\b`).exec(bare)?.index ?? 0;
  const body = bare.slice(start).split(/\bendmodule\b/)[0]!;
  const header = /#\s*\(((?:[^()]|\([^()]*\))*)\)/.exec(body.split(';')[0]!)?.[1] ?? '';
  const inHeader = [...header.matchAll(/(?:^|[,\s\]])(\w+)\s*=(?!=)/g)].map(m => m[1]!);
  const inBody = [...body.matchAll(/\bparameter\b[^;=]*?(\w+)\s*=/g)].map(m => m[1]!);
  return [...new Set([...inHeader, ...inBody])];
}

function placeOfWord(source: RtlSource, word: RegExp): Place {
  for (const file of source.files) {
    const at = file.text.split('\n').findIndex(line => word.test(line.replace(/\/\/.*/, '')));
    if (at >= 0) return { file: file.name, line: at + 1 };
  }
  return {};
}
