// RTL to a flat and-inverter graph with latches: Verilog and SystemVerilog through Yosys, every bit keeps its name.
// Refuses black boxes, inferred latches and combinational loops with the place Yosys gives; knows nothing of mapping.

import type { Aig } from '../netlist/aig.ts';
import { readYosysJson } from '../netlist/yosys-json.ts';
import { placeOfSource } from './complaints.ts';
import { withPlaces } from './elaborate.ts';
import { gatesOf, simplify } from './gates.ts';
import { placeFiles, type RtlFile, type RtlSource } from './source.ts';

export type { RtlFile, RtlSource };

export interface ReadRtlOptions {
  timeoutSeconds?: number | undefined;
  signal?: AbortSignal | undefined;
  native?: boolean | undefined;
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
  const passes = ['proc', 'flatten', ...simplify, 'opt_expr; techmap; opt -fast; simplemap; opt_clean'];
  return await withPlaces(placed, async () => {
    const { bytes, log } = await gatesOf(placed, passes, options);
    const aig = readYosysJson({ bytes, file: source.files[0]!.name });
    const { original } = placed;
    const text = Buffer.from(bytes).toString('utf8');
    return { aig, ...describe(text, original), warnings: warningsOf(log, original) };
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
