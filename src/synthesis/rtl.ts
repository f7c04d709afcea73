// RTL to a flat and-inverter graph with latches: Verilog and SystemVerilog through Yosys, every bit keeps its name.
// Refuses black boxes, inferred latches and combinational loops with the place Yosys gives; knows nothing of mapping.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError } from '../core/errors.ts';
import type { Aig } from '../netlist/aig.ts';
import { readYosysJson } from '../netlist/yosys-json.ts';
import { resolveImports } from './imports.ts';
import { runYosys } from './yosys.ts';

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

export interface ReadRtlOptions {
  timeoutSeconds?: number | undefined;
  signal?: AbortSignal | undefined;
  native?: boolean | undefined;
  /**
   * Map each module once before flattening: many copies of large modules take a third of the time; constants at their
   * ports are then folded by the graph alone, and registers are neither merged nor dropped.
   */
  perModule?: boolean | undefined;
}

export interface RtlPort {
  name: string;
  direction: 'input' | 'output';
  width: number;
  /** File and line of the declaration, as `file:line`. */
  source?: string | undefined;
}

/** A named vector of the flattened design (ports included): `u_fifo.mem[3]`, width, and where it was declared. */
export interface RtlSignal {
  name: string;
  width: number;
  source?: string | undefined;
}

export interface RtlDesign {
  /** Flat graph. Inputs and outputs are bits named `port` or `port[i]`; latches carry the name of the register bit. */
  aig: Aig;
  top: string;
  ports: RtlPort[];
  signals: RtlSignal[];
  /** Warnings of Yosys, one a line. */
  warnings: string[];
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

/** Names the virtual files so that a message can be led back to the user's file, and quotes nothing. */
export function placeFiles(source: RtlSource): {
  files: Record<string, string>;
  read: string;
  original: Map<string, string>;
} {
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
  return { files, read, original };
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

/**
 * Elaborates, flattens and turns a design into an and-inverter graph. Memories become registers; asynchronous resets
 * become synchronous ones whose output follows at once (Yosys async2sync); registers without an initial value are
 * uninitialised latches. Clocks stay inputs that nothing depends on.
 * @throws InputError with file and line, SynthesisTimeout, AbortedError
 */
export async function readRtl(source: RtlSource, options: ReadRtlOptions = {}): Promise<RtlDesign> {
  if (source.files.length === 0) throw new InputError('no source file');
  const { files, read, original } = placeFiles(source);
  const { perModule = false, ...running } = options;
  // per module every register is kept as it is written: two descriptions of a unit are matched by their registers
  const tidy = perModule ? 'opt_expr; opt_clean' : 'opt -fast';
  const map = `opt_expr; techmap; ${tidy}; simplemap; opt_clean`;
  const script = [
    read,
    hierarchyCommand(source),
    'proc',
    ...(perModule ? [] : ['flatten']),
    'opt_expr; opt_clean',
    'check -assert -initdrv',
    'dump -o refused.txt t:$dlatch t:$adlatch t:$dlatchsr t:$sr t:$tribuf',
    'memory -nomap; memory_map',
    'opt_expr; opt_clean',
    'async2sync; dffunmap; opt_expr; opt_clean',
    // no alumacc before techmap: adders stay apart and sums keep their names, which equivalence proofs live on
    map,
    // loops may close over module boundaries only
    ...(perModule ? ['flatten; opt_clean; check -assert'] : []),
    // what is left undefined does not matter (an unused arm, an index out of range): zero, so that the graph is definite
    'setundef -zero; opt_clean',
    'write_json',
  ].join('\n');
  try {
    const result = await runYosys({ script, files, captured: 'out.json', ...running });
    refuse(Buffer.from(result.files.get('refused.txt') ?? []).toString('utf8'));
    const json = result.files.get('out.json')!;
    const text = Buffer.from(json).toString('utf8');
    const aig = readYosysJson({ bytes: json, file: source.files[0]!.name });
    return { aig, ...describe(text, original), warnings: warningsOf(result.log, original) };
  } catch (error) {
    throw originalPlace(error, original);
  }
}

/** The first level-sensitive or three-state cell of a Yosys dump as an error. */
function refuse(dump: string): void {
  const cell = /^\s*cell \$(\w+)/m.exec(dump);
  if (cell === null) return;
  const place = /attribute \\src "([^"|]*?):(\d+)/.exec(dump);
  const net = /connect \\[QY] \\?(\S+)/.exec(dump)?.[1];
  const what = cell[1] === 'tribuf' ? 'three-state driver' : 'level-sensitive latch';
  throw new InputError(net === undefined ? what : `${what} for '${net}'`, {
    file: place?.[1],
    line: place === null ? undefined : Number(place[2]),
    expected: 'clocked registers and fully assigned combinational logic',
  });
}

interface JsonNet {
  bits: unknown[];
  hide_name: number;
  attributes?: { src?: string };
}

function describe(
  text: string,
  original: ReadonlyMap<string, string>,
): { top: string; ports: RtlPort[]; signals: RtlSignal[] } {
  const json = JSON.parse(text) as {
    modules: Record<
      string,
      {
        attributes: Record<string, string>;
        ports: Record<string, { direction: 'input' | 'output'; bits: unknown[] }>;
        netnames: Record<string, JsonNet>;
      }
    >;
  };
  const names = Object.keys(json.modules);
  const inner =
    names.find(name => /1/.test(String(json.modules[name]!.attributes['top'] ?? ''))) ?? names[0]!;
  const module = json.modules[inner]!;
  const source = (net: JsonNet | undefined): string | undefined => {
    const match = /^([^|]*?):(\d+)/.exec(net?.attributes?.src ?? '');
    return match === null ? undefined : `${original.get(match[1]!) ?? match[1]}:${match[2]}`;
  };
  const ports = Object.entries(module.ports).map(([name, port]) => ({
    name,
    direction: port.direction,
    width: port.bits.length,
    source: source(module.netnames[name]),
  }));
  const signals = Object.entries(module.netnames)
    .filter(([, net]) => net.hide_name === 0)
    .map(([name, net]) => ({ name, width: net.bits.length, source: source(net) }));
  // a parametrised top is called $paramod\name\... inside Yosys
  const top = /^\$paramod(?:\$[0-9a-f]+)?\\([^\\]+)/.exec(inner)?.[1] ?? inner;
  return { top, ports, signals };
}

function warningsOf(log: string, original: ReadonlyMap<string, string>): string[] {
  const lines = log.split('\n').filter(line => /warning:/i.test(line));
  return lines.map(line => {
    let text = line.trim();
    for (const [inner, name] of original) text = text.replaceAll(inner, name);
    return text;
  });
}

function word(text: string, what: string): string {
  if (!/^[A-Za-z_][\w$]*$/.test(text)) {
    throw new InputError(`${what} '${text}'`, { expected: 'a Verilog identifier' });
  }
  return text;
}
