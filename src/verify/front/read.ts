// RTL to a design under verification: Yosys elaborates and flattens, memories become registers, undefined values become
// free inputs, asynchronous resets act within the cycle. Refuses latches, loops, several clocks, missing modules.

import { InputError } from '../../core/errors.ts';
import { readYosysJson } from '../../netlist/yosys-json.ts';
import { type Place, placeOfSource, problemOf } from '../../synthesis/complaints.ts';
import { noteTops, requireOneTop, withPlaces } from '../../synthesis/elaborate.ts';
import { type PlacedSource, placeFiles, type RtlSource } from '../../synthesis/source.ts';
import { runYosys } from '../../synthesis/yosys.ts';
import { type Design, designFromAig, splitBit, undefinedPrefix } from '../design.ts';
import { type ClockFacts, clockFacts, clockUse, type JsonModule } from './flip-flops.ts';
import { elaborateNarrow, type Limits, limitPorts } from './wide-ports.ts';

export interface ReadDesign {
  /** Clock is still a port of it if anything but flip-flops uses it. */
  design: Design;
  clocks: ClockFacts;
  /** Where the clock is read as data, should it be. */
  clockUse: Place;
  warnings: string[];
  /** Ports in order of declaration; the clock among them. */
  portOrder: string[];
}

export interface ReadDesignOptions {
  /** Limit of all runs of Yosys together. Default 120. */
  timeoutSeconds?: number | undefined;
  signal?: AbortSignal | undefined;
  native?: boolean | undefined;
  /** Bits of state and of ports, at most. Default 200000. */
  bitLimit?: number | undefined;
}

/** @throws InputError with file and line for what cannot be read; SynthesisTimeout, AbortedError */
export async function readDesign(source: RtlSource, options: ReadDesignOptions = {}): Promise<ReadDesign> {
  const { timeoutSeconds = 120, signal, native, bitLimit = 200_000 } = options;
  const start = performance.now();
  const limits: Limits = () => {
    const left = timeoutSeconds - (performance.now() - start) / 1000;
    return { timeoutSeconds: Math.max(0.001, left), signal, native };
  };
  const given = placeFiles(source);
  const work = async (): Promise<ReadDesign> =>
    await readPlaced(await withTop(given, limits), limits, bitLimit);
  return await withPlaces(given, work, timeoutSeconds);
}

async function readPlaced(placed: PlacedSource, limits: Limits, bitLimit: number): Promise<ReadDesign> {
  const { original } = placed;
  const passes = [
    'proc -noopt',
    'flatten',
    'chformal -remove',
    'delete t:$print t:$scopeinfo',
    'opt_expr; opt_clean',
    'tee -q -o check.txt check',
    'setundef -undriven -anyseq',
    'write_json word.json',
    'async2sync',
    'write_json synchronous.json',
    'write_rtlil middle.il',
  ];
  // memories are small enough by then; source places would be most of the text
  const map = [
    'read_rtlil middle.il',
    'memory -nordff -nomap; memory_map',
    'setundef -undriven -anyseq',
    // -keepdc: a register without a reset value must not be given the one that suits
    'opt_expr; opt_clean; wreduce -keepdc; opt -keepdc',
    'async2sync; dffunmap; opt_expr; opt_clean',
    'alumacc; opt_expr; techmap; opt -fast -keepdc; simplemap; opt_clean',
    'setattr -unset src w:* c:*',
    'write_json',
  ].join('\n');
  const result = await elaborateNarrow(placed, passes, limits, bitLimit);
  const log = result.log;
  const textOf = (name: string): string => Buffer.from(result.files.get(name) ?? []).toString('utf8');
  const word = topModule(result.files.get('word.json')!);
  const problem = problemOf(textOf('check.txt'));
  if (problem !== undefined) throw problem;
  const clocks = clockFacts(word.module);
  limitPorts(
    placed,
    Object.values(word.module.ports).map(p => p.bits.length),
    bitLimit,
  );
  limitMemories(word.module);
  const mapped = await runYosys({
    script: map,
    files: { 'middle.il': result.files.get('middle.il')! },
    captured: 'gates.json',
    ...limits(),
  });
  const gates = exposeUndefined(mapped.files.get('gates.json')!);
  const name = plainName(word.name);
  const aig = readYosysJson({ bytes: gates, file: placed.source.files[0]!.name });
  if (aig.latchCount > bitLimit) {
    throw new InputError(`${aig.latchCount} bits of state`, {
      file: placed.source.files[0]?.name,
      expected: `at most ${bitLimit}`,
    });
  }
  const warnings = log
    .split('\n')
    .filter(line => /warning:/i.test(line) && !/Replacing memory/.test(line))
    .map(line =>
      tidy([...original].reduce((text, [inner, user]) => text.replaceAll(inner, user), line.trim())),
    );
  return {
    design: renameRegisters(
      designFromAig(aig, name),
      topModule(result.files.get('synchronous.json')!).module,
    ),
    clocks,
    clockUse: mappedPlace(clockUse(word.module, clocks.clock ?? ''), original),
    warnings: [...new Set(warnings)],
    portOrder: Object.keys(word.module.ports),
  };
}

/** Memories are unrolled to registers: beyond this many bits no engine would answer. */
const memoryLimit = 16_384;

function limitMemories(module: JsonModule): void {
  let total = 0;
  for (const [name, memory] of Object.entries(module.memories ?? {})) {
    total += memory.size * memory.width;
    if (total <= memoryLimit) continue;
    throw new InputError(`memory '${name}' of ${memory.size} words of ${memory.width} bits`, {
      ...placeOfSource(memory.attributes?.['src']),
      expected: `memories of at most ${memoryLimit} bits in all (set a depth or width parameter with -P)`,
    });
  }
}

/** Parameters are set on a top that is known by name: Yosys' own choice is asked for first. */
async function withTop(placed: PlacedSource, limits: Limits): Promise<PlacedSource> {
  const { source, files, read } = placed;
  if (source.top !== undefined || Object.keys(source.parameters ?? {}).length === 0) return placed;
  const script = `${read}\n${noteTops} hierarchy -auto-top\nproc\nwrite_json top.json`;
  const result = await runYosys({ script, files, ...limits() });
  requireOneTop(result, source);
  return { ...placed, source: { ...source, top: plainName(topModule(result.files.get('top.json')!).name) } };
}

function tidy(text: string): string {
  return text
    .replace(/\\(?=\w)/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function mappedPlace({ file, line }: Place, original: ReadonlyMap<string, string>): Place {
  return file === undefined || line === undefined ? {} : { file: original.get(file) ?? file, line };
}

interface YosysFile {
  modules: Record<string, JsonModule>;
}

function topModule(bytes: Uint8Array): { name: string; module: JsonModule } {
  const json = JSON.parse(Buffer.from(bytes).toString('utf8')) as YosysFile;
  const names = Object.keys(json.modules);
  const name = names.find(n => /1/.test(String(json.modules[n]!.attributes['top'] ?? ''))) ?? names[0]!;
  return { name, module: json.modules[name]! };
}

/** A parametrised top is called $paramod\name\... inside Yosys. */
function plainName(name: string): string {
  return /^\$paramod(?:\$[0-9a-f]+)?\\([^\\]+)/.exec(name)?.[1] ?? name;
}

/** A register with an asynchronous reset lies behind a multiplexer that carries its name: it gets the name back. */
function renameRegisters(design: Design, module: JsonModule): Design {
  const visible = new Map<string, string>();
  const hidden = new Map<string, string>();
  for (const [name, net] of Object.entries(module.netnames)) {
    const key = net.bits.join();
    if (net.hide_name === 0) {
      if (!visible.has(key) || visible.get(key)! in module.ports) visible.set(key, name);
    } else if (name.startsWith('$auto$async2sync')) hidden.set(key, name);
  }
  const names = new Map<string, string>();
  for (const cell of Object.values(module.cells)) {
    if (cell.type !== '$mux') continue;
    const { A = [], B = [], Y = [] } = cell.connections;
    const inner = hidden.get(A.join()) ?? hidden.get(B.join());
    const outer = visible.get(Y.join());
    if (inner !== undefined && outer !== undefined) names.set(inner, outer);
  }
  const latches = design.aig.names.latches?.map(label => {
    if (label === undefined) return undefined;
    const { word, bit } = splitBit(label);
    const name = names.get(word);
    return name === undefined ? label : bit === undefined ? name : `${name}[${bit}]`;
  });
  design.aig.names.latches = latches;
  return designFromAig(design.aig, design.name);
}

/** Turns the cells that stand for undefined values, and x bits of connections, into inputs of the top module. */
function exposeUndefined(bytes: Uint8Array): Uint8Array {
  const json = JSON.parse(Buffer.from(bytes).toString('utf8')) as YosysFile;
  for (const module of Object.values(json.modules)) {
    const free: (number | string)[] = [];
    for (const [name, cell] of Object.entries(module.cells)) {
      if (!/^\$any(seq|const)$/.test(cell.type)) continue;
      free.push(...cell.connections['Y']!);
      delete module.cells[name];
    }
    let next = 0;
    for (const net of Object.values(module.netnames)) {
      for (const bit of net.bits) if (typeof bit === 'number') next = Math.max(next, bit + 1);
    }
    for (const cell of Object.values(module.cells)) {
      for (const bits of Object.values(cell.connections)) {
        bits.forEach((bit, i) => {
          if (bit !== 'x') return;
          bits[i] = next;
          free.push(next++);
        });
      }
    }
    for (const port of Object.values(module.ports)) {
      port.bits.forEach((bit, i) => {
        if (bit !== 'x' || port.direction !== 'output') return;
        port.bits[i] = next;
        free.push(next++);
      });
    }
    if (free.length > 0) module.ports[undefinedPrefix] = { direction: 'input', bits: free };
  }
  return new TextEncoder().encode(JSON.stringify(json));
}
