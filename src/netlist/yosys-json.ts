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
import { type JsonModule, JsonScope, type Port } from './yosys-json-scope.ts';

/** Reads a Yosys JSON file. @throws InputError with file and line */
export function readYosysJson(input: SourceInput, options: NetlistReadOptions = {}): Aig {
  const file = sourceName(input);
  const circuit = new Circuit(file);
  const text = readText(input);
  const reader = new JsonNetlist(circuit, parseJsonLines(text, file), options, text.length);
  reader.run();
  return circuit.build({ nets: options.nets });
}

class JsonNetlist {
  private readonly circuit: Circuit;
  private readonly options: NetlistReadOptions;
  private readonly modules = new Map<string, JsonModule>();
  private readonly open = new Set<string>();
  private instances = 0;
  private readonly limit: number;

  constructor(circuit: Circuit, root: JsonValue, options: NetlistReadOptions, fileSize: number) {
    this.limit = flatLimit(fileSize);
    this.circuit = circuit;
    this.options = options;
    const modules = this.object(this.object(root, 'the file', 1).entries.get('modules'), "'modules'", 1);
    for (const [name, value] of modules.entries) {
      const object = this.object(value, `module '${name}'`, modules.line);
      const ports = new Map<string, Port>();
      for (const [port, entry] of this.section(object, 'ports')) {
        const { line, entries } = this.object(entry, `port '${port}'`, object.line);
        const direction = entries.get('direction');
        if (direction !== 'input' && direction !== 'output') {
          throw circuit.error(
            `port '${port}' has direction ${String(direction).slice(0, 40)}`,
            line,
            'input or output',
          );
        }
        ports.set(port, {
          name: port,
          direction,
          bits: this.list(entries.get('bits'), `bits of port '${port}'`, line),
          line,
        });
      }
      this.modules.set(name, {
        name,
        line: object.line,
        object,
        ports,
        cells: this.section(object, 'cells'),
      });
    }
  }

  run(): void {
    const { circuit } = this;
    const top = this.top();
    circuit.model = top.name;
    const scope = new JsonScope(circuit, top, '', (o, key) => this.section(o, key));
    for (const port of top.ports.values()) {
      if (port.direction !== 'input') continue;
      for (const bit of port.bits) {
        if (typeof bit !== 'number')
          throw circuit.error(`input port '${port.name}' has a constant bit`, port.line);
        circuit.addInput(scope.net(bit, port.line), port.line);
      }
    }
    this.place(scope);
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
      const mark = this.section(module.object, 'attributes').get('top');
      if (mark !== undefined && /1/.test(String(mark))) marked.push(module.name);
    }
    const wanted = this.options.top ?? (marked.length === 1 ? marked[0] : undefined);
    return chooseTop(this.circuit, this.modules, instantiated, wanted)[1];
  }

  private place(scope: JsonScope): void {
    const { circuit, open } = this;
    const { module } = scope;
    if (open.has(module.name)) throw circuit.error(`module '${module.name}' contains itself`, module.line);
    open.add(module.name);
    for (const [name, value] of module.cells) {
      const { entries, line } = this.object(value, `cell '${name}'`, module.line);
      if (++this.instances > this.limit) {
        throw circuit.error('too many instances after flattening', line, `at most ${this.limit}`);
      }
      const type = entries.get('type');
      if (typeof type !== 'string') throw circuit.error(`cell '${name}' has no type`, line);
      if (type === '$scopeinfo') continue;
      const pins = new Map<string, JsonValue[]>();
      for (const [pin, bits] of this.object(entries.get('connections'), `connections of '${name}'`, line)
        .entries) {
        pins.set(pin, this.list(bits, `pin '${pin}' of '${name}'`, line));
      }
      const inner = this.modules.get(type);
      const cell = this.options.library?.get(type) ?? yosysCell(type);
      // a library cell may be present as a blackbox module too
      if (inner !== undefined && (cell === undefined || inner.cells.size > 0)) {
        this.submodule(scope, name, inner, pins, line);
      } else if (cell !== undefined) this.cell(scope, name, cell, pins, line);
      else throw this.unknownType(type, line);
    }
    open.delete(module.name);
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
  ): void {
    const { circuit } = this;
    const inner = new JsonScope(circuit, module, `${scope.prefix}${name}.`, (o, key) => this.section(o, key));
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
    this.place(inner);
    for (const [outer, net] of outputs) circuit.alias(outer, net, line);
  }

  private section(object: JsonObject, key: string): Map<string, JsonValue> {
    const value = object.entries.get(key);
    return value === undefined ? new Map() : this.object(value, `'${key}'`, object.line).entries;
  }

  private object(value: JsonValue | undefined, what: string, line: number): JsonObject {
    if (value instanceof JsonObject) return value;
    throw this.circuit.error(
      `${what} is ${value === undefined ? 'missing' : 'no object'}`,
      line,
      'a JSON object',
    );
  }

  private list(value: JsonValue | undefined, what: string, line: number): JsonValue[] {
    if (Array.isArray(value)) return value;
    throw this.circuit.error(
      `${what} ${value === undefined ? 'are missing' : 'are no array'}`,
      line,
      'a JSON array',
    );
  }
}
