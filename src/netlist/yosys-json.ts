// Reads the JSON netlists of Yosys (write_json): $_AND_ and the other simple gates, flip-flops, liberty cells, hierarchy
// flattened. Refuses word-level cells ($add), latches and asynchronous loads by type, and any dangling bit that matters.

import { nearestSpelling } from '../core/spelling.ts';
import type { Aig } from './aig.ts';
import type { NetlistReadOptions } from './blif.ts';
import type { Cell } from './cell-library.ts';
import { Circuit } from './circuit.ts';
import { JsonObject, type JsonValue, parseJsonLines } from './json-lines.ts';
import { placeCell } from './place-cell.ts';
import type { SourceInput } from './source.ts';
import { readText, sourceName } from './text-source.ts';
import { chooseTop, flatLimit } from './top.ts';
import { yosysCell } from './yosys-cells.ts';
import { type JsonModule, JsonScope, list, object, type Port, section } from './yosys-json-scope.ts';

/** Reads a Yosys JSON file. @throws InputError with file and line */
export function readYosysJson(input: SourceInput, options: NetlistReadOptions = {}): Aig {
  return flattenYosys(readYosysModules(input), options);
}

/** The modules of a Yosys JSON file, not flattened yet: any of them can be the top. */
export interface YosysModules {
  file: string | undefined;
  modules: ReadonlyMap<string, JsonModule>;
  /** Characters of the file: hierarchy may unfold so far. */
  size: number;
}

/** @throws InputError with file and line */
export function readYosysModules(input: SourceInput): YosysModules {
  const file = sourceName(input);
  const text = readText(input);
  return { file, modules: modulesOf(new Circuit(file), parseJsonLines(text, file)), size: text.length };
}

/** The graph of a module and all it instantiates. @throws InputError with file and line */
export function flattenYosys(source: YosysModules, options: NetlistReadOptions = {}): Aig {
  const circuit = new Circuit(source.file);
  new JsonNetlist(circuit, source, options).run();
  return circuit.build({ nets: options.nets });
}

/** Modules in which `name` is the one of `by`, together with what that instantiates there. */
export function replaceModule(source: YosysModules, name: string, by: YosysModules): YosysModules {
  const modules = new Map(source.modules).set(name, { home: by.modules, ...by.modules.get(name)! });
  return { ...source, modules, size: source.size + by.size };
}

class JsonNetlist {
  private readonly circuit: Circuit;
  private readonly options: NetlistReadOptions;
  private readonly modules: ReadonlyMap<string, JsonModule>;
  private readonly open = new Set<JsonModule>();
  private instances = 0;
  private readonly limit: number;

  constructor(circuit: Circuit, { modules, size }: YosysModules, options: NetlistReadOptions) {
    this.limit = flatLimit(size);
    this.circuit = circuit;
    this.options = options;
    this.modules = modules;
  }

  run(): void {
    const { circuit } = this;
    const top = this.top();
    circuit.model = top.name;
    const scope = new JsonScope(circuit, top, '');
    for (const port of top.ports.values()) {
      if (port.direction !== 'input') continue;
      for (const bit of port.bits) {
        if (typeof bit !== 'number')
          throw circuit.error(`input port '${port.name}' has a constant bit`, port.line);
        circuit.addInput(scope.net(bit, port.line), port.line);
      }
    }
    this.place(scope, top.home ?? this.modules);
    for (const port of top.ports.values()) {
      if (port.direction !== 'output') continue;
      port.bits.forEach((bit, i) => {
        circuit.addOutput(
          scope.bitName(port.name, port.bits.length, i),
          scope.net(bit, port.line),
          port.line,
        );
      });
    }
  }

  private top(): JsonModule {
    const instantiated = new Set<string>();
    const marked: string[] = [];
    for (const module of this.modules.values()) {
      for (const cell of module.cells.values()) {
        const type = cell instanceof JsonObject ? cell.entries.get('type') : undefined;
        if (typeof type === 'string') instantiated.add(type);
      }
      const mark = section(this.circuit, module.object, 'attributes').get('top');
      if (mark !== undefined && /1/.test(String(mark))) marked.push(module.name);
    }
    const wanted = this.options.top ?? (marked.length === 1 ? marked[0] : undefined);
    return chooseTop(this.circuit, this.modules, instantiated, wanted)[1];
  }

  /** @param modules where the types of its cells are looked up */
  private place(scope: JsonScope, modules: ReadonlyMap<string, JsonModule>): void {
    const { circuit, open } = this;
    const { module } = scope;
    if (open.has(module)) throw circuit.error(`module '${module.name}' contains itself`, module.line);
    open.add(module);
    for (const [name, value] of module.cells) {
      const { entries, line } = object(circuit, value, `cell '${name}'`, module.line);
      if (++this.instances > this.limit) {
        throw circuit.error('too many instances after flattening', line, `at most ${this.limit}`);
      }
      const type = entries.get('type');
      if (typeof type !== 'string') throw circuit.error(`cell '${name}' has no type`, line);
      if (type === '$scopeinfo') continue;
      const pins = new Map<string, JsonValue[]>();
      for (const [pin, bits] of object(circuit, entries.get('connections'), `connections of '${name}'`, line)
        .entries) {
        pins.set(pin, list(circuit, bits, `pin '${pin}' of '${name}'`, line));
      }
      const inner = modules.get(type);
      const cell = this.options.library?.get(type) ?? yosysCell(type);
      // a library cell may be present as a blackbox module too
      if (inner !== undefined && (cell === undefined || inner.cells.size > 0)) {
        this.submodule(scope, name, inner, pins, line, inner.home ?? modules);
      } else if (cell !== undefined) this.cell(scope, name, cell, pins, line);
      else throw this.unknownType(type, line);
    }
    open.delete(module);
  }

  private unknownType(type: string, line: number): Error {
    const known = [...this.modules.keys(), ...(this.options.library?.keys() ?? [])].slice(0, 5000);
    if (/^\$[a-z]/.test(type)) {
      return this.circuit.error(
        `word-level cell '${type}'`,
        line,
        'gates only (Yosys: synth, or techmap and simplemap)',
      );
    }
    if (type.startsWith('$_')) {
      return this.circuit.error(
        `cell '${type}' is not supported`,
        line,
        '$_AND_ … $_MUX16_ and clocked flip-flops',
      );
    }
    return this.circuit.error(
      `no module or cell '${type}'`,
      line,
      this.options.library === undefined ? 'a module of the file, or --liberty for cells' : undefined,
      nearestSpelling(type, known),
    );
  }

  private cell(
    scope: JsonScope,
    name: string,
    cell: Cell,
    pins: Map<string, JsonValue[]>,
    line: number,
  ): void {
    const nets = new Map<string, number>();
    let init = 2;
    for (const [pin, bits] of pins) {
      if (bits.length !== 1) {
        throw this.circuit.error(`pin '${pin}' of '${name}' has ${bits.length} bits`, line, 'one bit');
      }
      const bit = bits[0]!;
      const output = cell.outputs.get(pin);
      if (output === undefined) nets.set(pin, scope.net(bit, line));
      else if (bit === 'x') continue;
      else if (typeof bit !== 'number') {
        throw this.circuit.error(`output pin '${pin}' of '${name}' drives a constant`, line, 'a net');
      } else {
        nets.set(pin, scope.net(bit, line));
        const reset = scope.inits.get(bit);
        if (reset !== undefined && output.kind === 'variable' && cell.flipFlop !== undefined) {
          if (output.name === cell.flipFlop.state) init = reset;
          else if (output.name === cell.flipFlop.inverse) init = 1 - reset;
        }
      }
    }
    placeCell(this.circuit, cell, `${scope.prefix}${name}`, nets, line, init);
  }

  private submodule(
    scope: JsonScope,
    name: string,
    module: JsonModule,
    pins: Map<string, JsonValue[]>,
    line: number,
    modules: ReadonlyMap<string, JsonModule>,
  ): void {
    const { circuit } = this;
    const inner = new JsonScope(circuit, module, `${scope.prefix}${name}.`);
    const outputs: [number, number][] = [];
    for (const [pin, bits] of pins) {
      const port = module.ports.get(pin);
      if (port === undefined) {
        const near = nearestSpelling(pin, [...module.ports.keys()].slice(0, 5000));
        throw circuit.error(`module '${module.name}' has no port '${pin}'`, line, undefined, near);
      }
      if (bits.length !== port.bits.length) {
        throw circuit.error(`pin '${pin}' of '${name}' has ${bits.length} bits`, line, `${port.bits.length}`);
      }
      bits.forEach((bit, i) => {
        const net = inner.net(port.bits[i]!, port.line);
        if (port.direction === 'input') circuit.alias(net, scope.net(bit, line), line);
        else if (bit !== 'x') outputs.push([scope.net(bit, line), net]);
      });
    }
    this.place(inner, modules);
    for (const [outer, net] of outputs) circuit.alias(outer, net, line);
  }
}

/** @throws InputError */
function modulesOf(circuit: Circuit, root: JsonValue): Map<string, JsonModule> {
  const found = new Map<string, JsonModule>();
  const modules = object(
    circuit,
    object(circuit, root, 'the file', 1).entries.get('modules'),
    "'modules'",
    1,
  );
  for (const [name, value] of modules.entries) {
    const module = object(circuit, value, `module '${name}'`, modules.line);
    const ports = new Map<string, Port>();
    for (const [port, entry] of section(circuit, module, 'ports')) {
      const { line, entries } = object(circuit, entry, `port '${port}'`, module.line);
      const direction = entries.get('direction');
      if (direction !== 'input' && direction !== 'output') {
        throw circuit.error(
          `port '${port}' has direction ${String(direction).slice(0, 40)}`,
          line,
          'input or output',
        );
      }
      const bits = list(circuit, entries.get('bits'), `bits of port '${port}'`, line);
      ports.set(port, { name: port, direction, bits, line });
    }
    found.set(name, {
      name,
      line: module.line,
      object: module,
      ports,
      cells: section(circuit, module, 'cells'),
    });
  }
  return found;
}
