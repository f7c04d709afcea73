// RTL to a flat and-inverter graph with latches: Verilog and SystemVerilog through Yosys, every bit keeps its name.
// Refuses black boxes, inferred latches and combinational loops with the place Yosys gives; knows nothing of mapping.

import { InputError } from '../core/errors.ts';
import type { Aig } from '../netlist/aig.ts';
import { readYosysJson } from '../netlist/yosys-json.ts';
import { placeOfSource, placeOfWord, problemOf } from './complaints.ts';
import { elaborate, withPlaces } from './elaborate.ts';
import { plainArithmetic } from './plain-arithmetic.ts';
import { placeFiles, type RtlFile, type RtlSource } from './source.ts';

export type { RtlFile, RtlSource };

export interface ReadRtlOptions {
  timeoutSeconds?: number | undefined;
  signal?: AbortSignal | undefined;
  native?: boolean | undefined;
  /**
   * Map each module once before flattening: many copies of large modules take a third of the time; constants at their
   * ports are then folded by the graph alone, and registers are neither merged nor dropped.
   */
  perModule?: boolean | undefined;
  /** Adders as chains and multipliers as rows instead of trees: larger and deeper, for proofs. Default false. */
  plain?: boolean | undefined;
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

/**
 * Elaborates, flattens and turns a design into an and-inverter graph. Memories become registers; asynchronous resets
 * become synchronous ones whose output follows at once (Yosys async2sync); registers without an initial value are
 * uninitialised latches. Clocks stay inputs that nothing depends on.
 * @throws InputError with file and line, SynthesisTimeout, AbortedError
 */
export async function readRtl(source: RtlSource, options: ReadRtlOptions = {}): Promise<RtlDesign> {
  const placed = placeFiles(source);
  const { perModule = false, plain = false, ...running } = options;
  // per module every register is kept as it is written: two descriptions of a unit are matched by their registers
  const tidy = perModule ? 'opt_expr; opt_clean' : 'opt -fast';
  const arithmetic = 'plain_arithmetic.v';
  if (plain) placed.files[arithmetic] = plainArithmetic;
  const techmap = plain ? `techmap -map ${arithmetic} -map +/techmap.v` : 'techmap';
  const map = `opt_expr; ${techmap}; ${tidy}; simplemap; opt_clean`;
  const passes = [
    'proc',
    ...(perModule ? [] : ['flatten']),
    'opt_expr; opt_clean',
    'tee -q -o check.txt check -initdrv',
    'dump -o refused.txt t:$dlatch t:$adlatch t:$dlatchsr t:$sr t:$tribuf',
    'memory -nomap; memory_map',
    'opt_expr; opt_clean',
    'async2sync; dffunmap; opt_expr; opt_clean',
    // no alumacc before techmap: adders stay apart and sums keep their names, which equivalence proofs live on
    map,
    // loops may close over module boundaries only
    ...(perModule ? ['flatten; opt_clean; tee -q -o flat.txt check'] : []),
    // what is left undefined does not matter (an unused arm, an index out of range): zero, so that the graph is definite
    'setundef -zero; opt_clean',
    'write_json',
  ];
  return await withPlaces(placed, async () => {
    const result = await elaborate(placed, passes, { ...running, captured: 'out.json' });
    const text = (name: string): string => Buffer.from(result.files.get(name) ?? []).toString('utf8');
    refuseProblems(`${text('check.txt')}\n${text('flat.txt')}`, source);
    refuseStateless(text('refused.txt'));
    const bytes = result.files.get('out.json')!;
    const aig = readYosysJson({ bytes, file: source.files[0]!.name });
    const { original } = placed;
    return { aig, ...describe(text('out.json'), original), warnings: warningsOf(result.log, original) };
  });
}

/** The first problem `check` reports as an error. */
function refuseProblems(log: string, source: RtlSource): void {
  const problem = problemOf(log);
  if (problem !== undefined) throw problem;
  const undriven = /Warning: Wire [^\s.]+\.\\?(\S+)( \[\d+\])? is used but has no driver/.exec(log);
  if (undriven !== null) {
    const [, name = '', bit = ''] = undriven;
    const own = name.split('.').at(-1)!.replace(/\W/g, '\\$&');
    throw new InputError(`'${name}${bit.trim()}' is used but nothing drives it`, {
      ...placeOfWord(source, new RegExp(`(?<![\\w$])${own}(?![\\w$])`)),
    });
  }
  const other = /Warning: ([^\n]*)/.exec(log);
  if (other !== null) throw new InputError(other[1]!.replace(/\\(?=\w)/g, ''));
}

/** The first level-sensitive or three-state cell of a Yosys dump as an error. */
function refuseStateless(dump: string): void {
  const cell = /^\s*cell \$(\w+)/m.exec(dump);
  if (cell === null) return;
  const place = placeOfSource(/attribute \\src "([^"]*)/.exec(dump)?.[1]);
  const net = /connect \\[QY] \\?(\S+)/.exec(dump)?.[1];
  const what = cell[1] === 'tribuf' ? 'three-state driver' : 'level-sensitive latch';
  throw new InputError(net === undefined ? what : `${what} for '${net}'`, {
    ...place,
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
    const { file, line } = placeOfSource(net?.attributes?.src);
    return file === undefined ? undefined : `${original.get(file) ?? file}:${line}`;
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
