// Errors of reading RTL in the user's words, with file and line, where Yosys says too little.
// Makes messages; refuses to decide what is an error.

import { InputError } from '../core/errors.ts';
import { nearestSpelling } from '../core/spelling.ts';
import { placeAt } from './imports.ts';
import type { RtlSource } from './source.ts';

export interface Place {
  file?: string;
  line?: number;
}

/** File and line of a src attribute (`file:line.column-…|…`); what Yosys made itself carries line 0, which is no place. */
export function placeOfSource(src: string | undefined): Place {
  const match = /^([^|]*?):(\d+)/.exec(src ?? '');
  if (match === null) return {};
  const line = Number(match[2]);
  return line === 0 ? { file: match[1]! } : { file: match[1]!, line };
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
  const tied = /Output port [^\s.]+\.([^\s]+)\.([^\s.]+) \(\S+\) is connected to constants/.exec(message);
  if (tied !== null) {
    return new InputError(`output '${tied[2]}' of instance '${tied[1]}' is wired to a constant`, {
      ...placeOfWord(source, new RegExp(`\\b${tied[1]!.replace(/\W/g, '\\$&')}\\b`)),
      expected: 'a signal, or nothing',
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

/** What the log of Yosys' `check` makes impossible to go on with: a loop, or two drivers that came together. */
export function problemOf(log: string): InputError | undefined {
  const loop = /Warning: found logic loop in module [^\n]*\n(?:[ \t]+[^\n]*\n?)*/.exec(log);
  if (loop !== null) return loopError(loop[0]);
  const drivers = /Warning: multiple conflicting drivers for [^\n]*?\.\\?([^\n:]+):/.exec(log);
  return drivers === null ? undefined : new InputError(`two drivers of '${drivers[1]}'`, { expected: 'one' });
}

/** Yosys lists the cells and wires of a loop; the named wires say most. */
function loopError(text: string): InputError {
  const wires = [...text.matchAll(/wire \\([^\s]+)/g)].map(m => m[1]!);
  const at = /source: ([^\s:)]+):(\d+)/.exec(text) ?? /\(([^\s:()]+):(\d+)/.exec(text);
  const shown = [...new Set(wires)].slice(0, 6).map(w => `'${w}'`);
  return new InputError(`combinational loop${shown.length > 0 ? ` through ${shown.join(', ')}` : ''}`, {
    file: at?.[1],
    line: Number(at?.[2] ?? 0) || undefined,
    expected: 'a register on every cycle',
  });
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

/** The first line of the sources, comments left out, in which a word stands. */
export function placeOfWord(source: RtlSource, word: RegExp): Place {
  for (const file of source.files) {
    const at = file.text.split('\n').findIndex(line => word.test(line.replace(/\/\/.*/, '')));
    if (at >= 0) return { file: file.name, line: at + 1 };
  }
  return {};
}
