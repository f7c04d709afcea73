// Reads the text of Yosys' RTLIL as far as it tells who drives what: wires, cells, processes and connections of each module.
// Refuses to be a general reader: parameters, memories and the order of decisions in a process are skipped.

/** A stretch of a wire, or a constant. */
export type Chunk = { wire: string; from: number; width: number } | { constant: string };
export type Signal = readonly Chunk[];

export interface RtlilWire {
  name: string;
  width: number;
  signed: boolean;
  direction: 'input' | 'output' | 'inout' | undefined;
  /** `file:line.column-…` */
  source: string | undefined;
}

export interface RtlilCell {
  name: string;
  type: string;
  source: string | undefined;
  connections: (readonly [port: string, signal: Signal])[];
}

/** An `always`, `initial` or the like. */
export interface RtlilProcess {
  source: string | undefined;
  /** What it drives at its end; initial values not counted. */
  updates: Signal[];
  /** Assignments to its own intermediate wires. */
  assigns: (readonly [to: Signal, from: Signal])[];
  /** Everything else it looks at: conditions, clocks, what it writes to memories. */
  reads: Signal[];
}

export interface RtlilModule {
  name: string;
  /** Chosen as the top by `hierarchy`. */
  top: boolean;
  source: string | undefined;
  wires: Map<string, RtlilWire>;
  cells: RtlilCell[];
  processes: RtlilProcess[];
  connects: (readonly [to: Signal, from: Signal])[];
}

/** @param text as `write_rtlil` writes it */
export function readRtlil(text: string): Map<string, RtlilModule> {
  const modules = new Map<string, RtlilModule>();
  let module: RtlilModule | undefined;
  let cell: RtlilCell | undefined;
  let process: RtlilProcess | undefined;
  let initial = false;
  let switches = 0;
  let source: string | undefined;
  let top = false;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const gap = line.indexOf(' ');
    const word = gap < 0 ? line : line.slice(0, gap);
    const rest = gap < 0 ? '' : line.slice(gap + 1);
    if (word === 'attribute') {
      if (rest.startsWith('\\src "')) source = rest.slice(6, -1);
      if (rest === '\\top 1') top = true;
      continue;
    }
    if (word === 'module') {
      module = { name: rest, top, source, wires: new Map(), cells: [], processes: [], connects: [] };
      modules.set(rest, module);
    } else if (module === undefined) {
      // the header of the file
    } else if (word === 'wire') {
      const wire = wireOf(rest, source);
      module.wires.set(wire.name, wire);
    } else if (word === 'cell') {
      const [type = '', name = ''] = rest.split(' ');
      cell = { type, name, source, connections: [] };
      module.cells.push(cell);
    } else if (word === 'process') {
      process = { source, updates: [], assigns: [], reads: [] };
      module.processes.push(process);
    } else if (word === 'connect') {
      if (cell === undefined) module.connects.push(pairOf(rest, module));
      else {
        const at = rest.indexOf(' ');
        cell.connections.push([rest.slice(0, at), signalsOf(rest.slice(at + 1), module)[0] ?? []]);
      }
    } else if (word === 'end') {
      if (cell !== undefined) cell = undefined;
      else if (switches > 0) switches--;
      else if (process !== undefined) process = undefined;
      else module = undefined;
    } else if (process !== undefined) {
      if (word === 'switch') switches++;
      if (word === 'sync') initial = rest === 'init';
      if (word === 'assign') process.assigns.push(pairOf(rest, module));
      else if (word === 'update') {
        const [to, from] = pairOf(rest, module);
        if (!initial) process.updates.push(to);
        process.reads.push(from);
      } else if (word === 'switch' || word === 'sync' || word === 'memwr') {
        process.reads.push(...signalsOf(rest, module));
      }
    }
    source = undefined;
    top = false;
  }
  return modules;
}

function wireOf(text: string, source: string | undefined): RtlilWire {
  const words = text.split(' ');
  const after = (word: string): string | undefined => {
    const at = words.indexOf(word);
    return at < 0 ? undefined : words[at + 1];
  };
  return {
    name: words[words.length - 1]!,
    width: Number(after('width') ?? 1),
    signed: words.includes('signed'),
    direction: (['input', 'output', 'inout'] as const).find(word => words.includes(word)),
    source,
  };
}

function pairOf(text: string, module: RtlilModule): readonly [Signal, Signal] {
  const [to = [], from = []] = signalsOf(text, module);
  return [to, from];
}

/** Signals written one after the other; words that are none (an edge, a memory) are left out. */
function signalsOf(text: string, module: RtlilModule): Chunk[][] {
  const signals: Chunk[][] = [];
  let list: Chunk[] | undefined;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|\S+/g)) {
    if (token === '{') {
      list = [];
      signals.push(list);
    } else if (token === '}') list = undefined;
    else if (token.startsWith('[')) slice((list ?? signals[signals.length - 1])?.at(-1), token);
    else {
      const chunk = chunkOf(token, module);
      if (chunk === undefined) continue;
      if (list === undefined) signals.push([chunk]);
      else list.push(chunk);
    }
  }
  return signals;
}

function chunkOf(token: string, module: RtlilModule): Chunk | undefined {
  if (/^["\d-]/.test(token)) return { constant: token };
  const wire = module.wires.get(token);
  return wire && { wire: token, from: 0, width: wire.width };
}

/** `[3:2]` or `[3]`: bits counted from the least significant. */
function slice(chunk: Chunk | undefined, token: string): void {
  if (chunk === undefined || 'constant' in chunk) return;
  const [high = '0', low = high] = token.slice(1, -1).split(':');
  chunk.from = Number(low);
  chunk.width = Number(high) - Number(low) + 1;
}
