// RTL sources on their way into Yosys: files by virtual names, the commands that read them and choose the top.
// Refuses names and parameter values that would be more than one word of a script.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError } from '../core/errors.ts';
import { resolveImports } from './imports.ts';

export interface RtlFile {
  /** As messages name it. */
  name: string;
  text: string;
}

export interface RtlSource {
  files: readonly RtlFile[];
  /** Files that `include directives may ask for, by the path they ask for. */
  includes?: Readonly<Record<string, string>> | undefined;
  /** Top module (default: the one that nobody instantiates). */
  top?: string | undefined;
  /** Parameters of the top: Verilog constants or integers. */
  parameters?: Readonly<Record<string, string | number>> | undefined;
  /** Macros, as -D. */
  defines?: Readonly<Record<string, string>> | undefined;
}

/** Reads files from disk. @throws InputError when one cannot be read */
export function readRtlFiles(paths: readonly string[]): RtlFile[] {
  return paths.map(path => {
    try {
      return { name: path, text: readFileSync(path, 'utf8') };
    } catch (error) {
      throw new InputError(`cannot read (${(error as NodeJS.ErrnoException).code ?? 'error'})`, {
        file: path,
      });
    }
  });
}

/** Sources as Yosys is given them. */
export interface PlacedSource {
  source: RtlSource;
  /** Texts by virtual path. */
  files: Record<string, string>;
  /** The command that reads them. */
  read: string;
  /** The user's name of each virtual path. */
  original: Map<string, string>;
}

/** Names the virtual files so that a message can be led back to the user's file, and quotes nothing. */
export function placeFiles(source: RtlSource): PlacedSource {
  if (source.files.length === 0) throw new InputError('no source file');
  const files: Record<string, string> = {};
  const original = new Map<string, string>();
  const paths: string[] = [];
  const resolved = resolveImports(source.files, source.includes);
  // Yosys wants a package before those that use it
  const isPackage = (file: RtlFile): boolean => /^\s*package\s+\w/m.test(file.text);
  const ordered = [...resolved.filter(isPackage), ...resolved.filter(file => !isPackage(file))];
  ordered.forEach((file, i) => {
    const path = `src${i}/${basename(file.name).replace(/[^\w.-]/g, '_')}`;
    files[path] = file.text;
    original.set(path, file.name);
    paths.push(path);
  });
  for (const [path, text] of Object.entries(source.includes ?? {})) {
    const inner = `include/${path.replace(/[^\w./-]/g, '_').replace(/\.\.\//g, '')}`;
    files[inner] = text;
    original.set(inner, path);
  }
  const defines = Object.entries(source.defines ?? {}).map(([name, value]) => {
    word(name, 'macro name');
    return `-D${name}=${value.replace(/[^\w'.-]/g, '')}`;
  });
  const include = source.includes === undefined ? [] : ['-Iinclude'];
  const read = `read_verilog -sv ${[...defines, ...include, ...paths].join(' ')}`;
  return { source, files, read, original };
}

/**
 * `hierarchy` command with the parameters set. For a named top they are set first: `hierarchy -chparam` fails an
 * assertion of Yosys 0.55 when the top instantiates modules of its own. @throws InputError for names that are no
 * identifiers
 */
export function hierarchyCommand(source: RtlSource): string {
  const parameters = Object.entries(source.parameters ?? {}).map(([name, value]) => {
    word(name, 'parameter name');
    const text = String(value);
    if (!/^(-?\d+|\d*'s?[bodhBODH][0-9a-fA-F_xzXZ]+|"[^"\n;]*")$/.test(text)) {
      throw new InputError(`parameter ${name} is '${text}'`, {
        expected: "an integer, a Verilog constant such as 8'hff, or a quoted string",
      });
    }
    return `${name} ${text}`;
  });
  if (source.top === undefined) {
    return parameters.length === 0
      ? 'hierarchy -check -auto-top'
      : `hierarchy -auto-top${parameters.map(p => ` -chparam ${p}`).join('')}; hierarchy -check -auto-top`;
  }
  const top = word(source.top, 'top module');
  return `${parameters.map(p => `chparam -set ${p} ${top}; `).join('')}hierarchy -check -top ${top}`;
}

/** Name of the virtual file in a message replaced by the user's. */
export function originalPlace(error: unknown, original: ReadonlyMap<string, string>): unknown {
  if (!(error instanceof InputError)) return error;
  let text = error.message;
  const { line, file } = error.place;
  if (file !== undefined) text = text.slice(text.indexOf(': ') + 2);
  for (const [inner, name] of original) text = text.replaceAll(inner, name);
  return new InputError(
    text,
    { line, file: file === undefined ? undefined : (original.get(file) ?? file) },
    { cause: error },
  );
}

function word(text: string, what: string): string {
  if (!/^[A-Za-z_][\w$]*$/.test(text)) {
    throw new InputError(`${what} '${text}'`, { expected: 'a Verilog identifier' });
  }
  return text;
}
