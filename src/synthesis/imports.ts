// Package imports of SystemVerilog for a Yosys that reads none: `import p::*` and `import p::name` vanish, and each name
// they bring is written out as `p::name`. Lines stay where they are. Refuses, with the place, what would need a guess: an
// unknown package or name, a name that two packages bring, an imported name that the scope declares again.

import { InputError } from '../core/errors.ts';
import { nearestSpelling } from '../core/spelling.ts';
import type { RtlFile } from './source.ts';

interface Token {
  text: string;
  at: number;
}

interface Import {
  package: string;
  /** `*` brings all names. */
  name: string;
  at: number;
}

/** Words after which a name is declared, not used. */
const declaring = new Set(
  'logic bit reg wire tri int integer byte shortint longint time real string genvar input output inout parameter localparam function task signed unsigned var module package interface'.split(
    ' ',
  ),
);
const keywords = new Set(
  'begin end if else case casez casex endcase for while do return assign always always_ff always_comb always_latch initial posedge negedge or and not inside default unique priority disable generate endgenerate import export typedef enum struct union packed automatic static endmodule endpackage endfunction endtask const'.split(
    ' ',
  ),
);

/**
 * Files in which no import is left. Files without imports come back as they are.
 * @throws InputError with file and line
 */
export function resolveImports(
  files: readonly RtlFile[],
  includes: Readonly<Record<string, string>> = {},
): RtlFile[] {
  if (!files.some(f => /\bimport\b/.test(f.text))) return [...files];
  const tokens = files.map(f => tokensOf(f.text));
  const packages = new Map<string, Set<string>>();
  for (const list of tokens) collectPackages(list, packages);
  const names = importedNames(tokens, packages);
  for (const [name, text] of Object.entries(includes)) {
    const file = { name, text };
    const inside = tokensOf(text);
    inside.forEach((_, i) => {
      refuseHidden(file, inside, i, names, true);
    });
  }
  return files.map((file, i) => ({ ...file, text: rewrite(file, tokens[i]!, packages, names) }));
}

/** Every name that any import brings, with its package. */
function importedNames(
  tokens: readonly (readonly Token[])[],
  packages: ReadonlyMap<string, ReadonlySet<string>>,
): Map<string, string> {
  const names = new Map<string, string>();
  for (const list of tokens) {
    list.forEach(({ text }, i) => {
      if (text !== '::' || (list[i - 2]?.text !== 'import' && list[i - 2]?.text !== ',')) return;
      const from = list[i - 1]!.text;
      const all = packages.get(from) ?? [];
      for (const name of list[i + 1]?.text === '*' ? all : [list[i + 1]?.text ?? '']) names.set(name, from);
    });
  }
  return names;
}

/** Names whose scope the text does not tell: in macros and included files, and ports connected by name alone. */
function refuseHidden(
  file: RtlFile,
  tokens: readonly Token[],
  i: number,
  names: ReadonlyMap<string, string>,
  included = false,
): void {
  const { text: name, at } = tokens[i]!;
  const source = names.get(name);
  if (source === undefined) return;
  const before = tokens[i - 1]?.text;
  const after = tokens[i + 1]?.text;
  const shorthand =
    before === '.' && '(,'.includes(tokens[i - 2]?.text ?? ' ') && ',)'.includes(after ?? ' ');
  const line = file.text.slice(file.text.lastIndexOf('\n', at) + 1, at);
  const named = before === '.' || before === '::' || after === '::';
  const hidden = !named && (included || /^\s*`define\b/.test(line));
  if (!shorthand && !hidden) return;
  throw new InputError(
    shorthand
      ? `port '.${name}' takes a name imported from package '${source}'`
      : `${included ? 'an included file' : 'a macro'} uses '${name}', which is imported from package '${source}'`,
    { ...placeAt(file, at), expected: shorthand ? `.${name}(${source}::${name})` : `${source}::${name}` },
  );
}

/** Identifiers and punctuation; comments, strings, directives (`word) and numbers are skipped. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|`\w+|\\\S+|'[sS]?[bodhBODH][0-9a-fA-FxzXZ_?]+|\d[\w.]*|\$\w+|([A-Za-z_][\w$]*)|(::|[^\s\w])/g;
  for (const match of text.matchAll(pattern)) {
    const word = match[1] ?? match[2];
    if (word !== undefined) tokens.push({ text: word, at: match.index });
  }
  return tokens;
}

/** Names a package declares at its own level: constants, types, enumeration literals, functions, tasks. */
function collectPackages(tokens: readonly Token[], packages: Map<string, Set<string>>): void {
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i]!.text !== 'package') continue;
    const names = new Set<string>();
    packages.set(tokens[i + 1]?.text ?? '', names);
    for (i += 2; i < tokens.length && tokens[i]!.text !== 'endpackage'; i++) {
      const word = tokens[i]!.text;
      if (word === 'function' || word === 'task') {
        const open = find(tokens, i, ['(', ';']);
        names.add(tokens[open - 1]?.text ?? '');
        i = find(tokens, open, [`end${word}`]);
      } else if (word === 'parameter' || word === 'localparam') {
        const end = find(tokens, i, [';']);
        for (const k of topLevel(tokens, i, end)) {
          if (tokens[k]!.text === '=') names.add(tokens[k - 1]!.text);
        }
        i = end;
      } else if (word === 'typedef') {
        const end = find(tokens, i, [';'], true);
        names.add(tokens[end - 1]!.text);
        if (tokens[i + 1]?.text === 'enum') {
          const open = find(tokens, i, ['{']);
          for (let k = open; k < end && tokens[k]!.text !== '}'; k++) {
            if (tokens[k]!.text === '{' || tokens[k]!.text === ',') names.add(tokens[k + 1]!.text);
          }
        }
        i = end;
      }
    }
  }
}

/** Index of the first of some words, braces skipped on request; the last token when there is none. */
function find(
  tokens: readonly Token[],
  from: number,
  words: readonly string[],
  outsideBraces = false,
): number {
  let depth = 0;
  for (let i = from; i < tokens.length; i++) {
    const { text } = tokens[i]!;
    if (text === '{') depth++;
    else if (text === '}') depth--;
    if (words.includes(text) && (!outsideBraces || depth === 0)) return i;
  }
  return tokens.length - 1;
}

/** Indices outside all brackets. */
function* topLevel(tokens: readonly Token[], from: number, to: number): Generator<number> {
  let depth = 0;
  for (let i = from; i < to; i++) {
    const { text } = tokens[i]!;
    if ('([{'.includes(text)) depth++;
    else if (')]}'.includes(text)) depth--;
    else if (depth === 0) yield i;
  }
}

function rewrite(
  file: RtlFile,
  tokens: readonly Token[],
  packages: Map<string, Set<string>>,
  names: ReadonlyMap<string, string>,
): string {
  const { text } = file;
  const edits: { from: number; to: number; text: string }[] = [];
  /** Imports in force: of the file, then of the module or package we are in. */
  const scopes: Import[][] = [[]];
  for (let i = 0; i < tokens.length; i++) {
    const { text: word, at } = tokens[i]!;
    const before = tokens[i - 1]?.text;
    if (word === 'module' || word === 'package' || word === 'interface') scopes.push([]);
    else if (word === 'endmodule' || word === 'endpackage' || word === 'endinterface') scopes.pop();
    else if (word === 'import' && tokens[i + 2]?.text === '::') {
      const end = find(tokens, i, [';']);
      for (let k = i + 1; k + 2 <= end; k += 4) {
        scopes[scopes.length - 1]!.push(
          known(file, packages, { package: tokens[k]!.text, name: tokens[k + 2]!.text, at: tokens[k]!.at }),
        );
      }
      const to = tokens[end]!.at + 1;
      edits.push({ from: at, to, text: text.slice(at, to).replace(/[^\n]/g, ' ') });
      i = end;
    } else if (/^[A-Za-z_]/.test(word) && !keywords.has(word) && !declaring.has(word)) {
      refuseHidden(file, tokens, i, names);
      const isNamed = before === '.' || before === '::' || tokens[i + 1]?.text === '::';
      const source = isNamed ? undefined : sourceOf(file, scopes, packages, word, at);
      if (source === undefined) continue;
      const follows = before !== undefined && /^[A-Za-z_]/.test(before) && !keywords.has(before);
      if ((before === ']' || follows) && ',;=)'.includes(tokens[i + 1]?.text ?? ' ')) {
        throw new InputError(`'${word}' is declared here and imported from package '${source}'`, {
          ...placeAt(file, at),
          expected: `another name, or '${source}::${word}' in place of the import`,
        });
      }
      edits.push({ from: at, to: at, text: `${source}::` });
    }
  }
  let result = '';
  let last = 0;
  for (const edit of edits) {
    result += text.slice(last, edit.from) + edit.text;
    last = edit.to;
  }
  return result + text.slice(last);
}

/** The package that brings a name here, innermost scope first, explicit imports before wildcards. */
function sourceOf(
  file: RtlFile,
  scopes: readonly (readonly Import[])[],
  packages: ReadonlyMap<string, ReadonlySet<string>>,
  name: string,
  at: number,
): string | undefined {
  for (const scope of [...scopes].reverse()) {
    const explicit = scope.find(x => x.name === name);
    if (explicit !== undefined) return explicit.package;
    const all = new Set(
      scope.filter(x => x.name === '*' && packages.get(x.package)!.has(name)).map(x => x.package),
    );
    if (all.size > 1) {
      throw new InputError(`'${name}' is imported from packages ${[...all].join(' and ')}`, {
        ...placeAt(file, at),
        expected: `one of ${[...all].map(p => `${p}::${name}`).join(', ')}`,
      });
    }
    if (all.size === 1) return [...all][0];
  }
  return undefined;
}

function known(file: RtlFile, packages: ReadonlyMap<string, ReadonlySet<string>>, item: Import): Import {
  const names = packages.get(item.package);
  if (names === undefined) {
    const all = [...packages.keys()];
    throw new InputError(`no package '${item.package}'`, {
      ...placeAt(file, item.at),
      expected: all.length === 0 ? 'its file among those given' : `one of ${all.join(', ')}`,
      nearest: nearestSpelling(item.package, all),
    });
  }
  if (item.name !== '*' && !names.has(item.name)) {
    throw new InputError(`package '${item.package}' has no '${item.name}'`, {
      ...placeAt(file, item.at),
      expected: `one of ${[...names].slice(0, 12).join(', ')}`,
      nearest: nearestSpelling(item.name, [...names]),
    });
  }
  return item;
}

/** File and line of a character. */
export function placeAt(file: RtlFile, at: number): { file: string; line: number } {
  return { file: file.name, line: file.text.slice(0, at).split('\n').length };
}
