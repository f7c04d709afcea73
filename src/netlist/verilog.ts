// Reads structural Verilog: modules flattened from the top, gate primitives, assign, registers, cells of a library.
// Refuses behavioural code, parameters, inout and word-level operators, each by file, line and word.

import { nearestSpelling } from '../core/spelling.ts';
import type { Aig } from './aig.ts';
import type { NetlistReadOptions } from './blif.ts';
import type { Cell } from './cell-library.ts';
import { Circuit } from './circuit.ts';
import { placeCell } from './place-cell.ts';
import type { SourceInput } from './source.ts';
import { readText, sourceName } from './text-source.ts';
import { chooseTop, flatLimit } from './top.ts';
import type { Signal } from './verilog-gates.ts';
import { parseVerilog } from './verilog-parse.ts';
import { type NetBudget, VerilogScope } from './verilog-scope.ts';
import type { Expression, GateItem, InstanceItem, RegisterItem, VerilogModule } from './verilog-tree.ts';
import { yosysCell } from './yosys-cells.ts';

/** Nets of a whole design, at most. */
const netLimit = 1 << 25;
/** Bits of expressions evaluated for a whole design, at most. */
const workLimit = 1 << 28;

/** Reads a Verilog file. @throws InputError with file and line */
export function readVerilog(input: SourceInput, options: NetlistReadOptions = {}): Aig {
  const file = sourceName(input);
  const text = readText(input);
  const modules = parseVerilog(text, file);
  const circuit = new Circuit(file);
  new Elaboration(circuit, modules, options, text.length).run();
  return circuit.build({ nets: options.nets });
}

class Elaboration {
  private readonly circuit: Circuit;
  private readonly modules: Map<string, VerilogModule>;
  private readonly options: NetlistReadOptions;
  private readonly budget: NetBudget;
  private readonly open = new Set<string>();
  private instances = 0;
  private readonly limit: number;

  constructor(
    circuit: Circuit,
    modules: Map<string, VerilogModule>,
    options: NetlistReadOptions,
    fileSize: number,
  ) {
    this.circuit = circuit;
    this.modules = modules;
    this.options = options;
    this.limit = flatLimit(fileSize);
    this.budget = {
      each: 262_144 + 64 * fileSize,
      left: netLimit,
      workEach: 2 ** 22 + 64 * fileSize,
      work: workLimit,
      zero: -1,
    };
  }

  run(): void {
    const { circuit, modules } = this;
    const instantiated = new Set<string>();
    for (const module of modules.values()) {
      for (const item of module.items) if (item.kind === 'instance') instantiated.add(item.module);
    }
    const [name, top] = chooseTop(circuit, modules, instantiated, this.options.top);
    circuit.model = name;
    const scope = new VerilogScope(circuit, top, '', this.budget);
    const ports = top.ports.map(port => top.declarations.get(port)!);
    for (const port of ports.filter(x => x.direction === 'input')) {
      for (const net of scope.netsOf(port.name, port.line)) circuit.addInput(net, port.line);
    }
    this.place(scope);
    for (const port of ports.filter(x => x.direction === 'output')) {
      const nets = scope.netsOf(port.name, port.line);
      for (const net of nets) circuit.addOutput(circuit.nameOf(net), net, port.line);
    }
  }

  private place(scope: VerilogScope): void {
    const { circuit, open } = this;
    const { module } = scope;
    if (open.has(module.name)) throw circuit.error(`module '${module.name}' contains itself`, module.line);
    if (open.size >= 1000) throw circuit.error('hierarchy too deep', module.line, 'at most 1000 levels');
    open.add(module.name);
    const resets = new Map<number, number>();
    for (const item of module.items) {
      if (item.kind === 'initial') this.initial(scope, item.target, item.value, item.line, resets);
    }
    for (const item of module.items) {
      if (++this.instances > this.limit) {
        throw circuit.error('too many instances after flattening', item.line, `at most ${this.limit}`);
      }
      if (item.kind === 'gate') this.gate(scope, item);
      else if (item.kind === 'assign') this.assign(scope, item.target, item.value, item.line);
      else if (item.kind === 'register') this.register(scope, item, resets);
      else if (item.kind === 'instance') this.instance(scope, item);
    }
    open.delete(module.name);
  }

  private assign(scope: VerilogScope, target: Expression, value: Expression, line: number): void {
    const nets = scope.target(target, line);
    const signals = scope.evaluate(value, Math.max(nets.length, scope.width(value)));
    nets.forEach((net, i) => {
      scope.drive(net, signals[i]!, line);
    });
  }

  private initial(
    scope: VerilogScope,
    target: Expression,
    value: Expression,
    line: number,
    resets: Map<number, number>,
  ): void {
    if (value.kind !== 'constant')
      throw this.circuit.error('initial value that is no constant', line, "e.g. 1'b0");
    scope.target(target, line).forEach((net, i) => {
      resets.set(net, value.bits[i] ?? 0);
    });
  }

  private register(scope: VerilogScope, item: RegisterItem, resets: Map<number, number>): void {
    const nets = scope.target(item.target, item.line);
    const signals = scope.evaluate(item.value, Math.max(nets.length, scope.width(item.value)));
    const clock = scope.netOf(this.bit(scope, item.clock, 'the clock', item.line));
    nets.forEach((net, i) => {
      const next = scope.netOf(signals[i]!);
      this.circuit.addLatch(net, next, resets.get(net) ?? 2, item.line, clock, item.fallingEdge);
    });
  }

  private gate(scope: VerilogScope, { gate, terminals, line }: GateItem): void {
    if (gate === 'not' || gate === 'buf') {
      const input = this.bit(scope, terminals[terminals.length - 1]!, `input of ${gate}`, line);
      for (const terminal of terminals.slice(0, -1)) {
        scope.drive(this.targetBit(scope, terminal, gate, line), input ^ (gate === 'not' ? 1 : 0), line);
      }
      return;
    }
    const [output, ...inputs] = terminals;
    const signals = inputs.map(x => this.bit(scope, x, `input of ${gate}`, line));
    const operator = gate.endsWith('and') ? '&' : gate.startsWith('x') ? '^' : '|';
    const inverted = gate.startsWith('n') || gate === 'xnor' ? 1 : 0;
    scope.drive(this.targetBit(scope, output!, gate, line), scope.gate(operator, signals) ^ inverted, line);
  }

  private bit(scope: VerilogScope, expression: Expression, what: string, line: number): Signal {
    const width = scope.width(expression);
    if (width !== 1 && expression.kind !== 'constant') {
      throw this.circuit.error(`${what} has ${width} bits`, line, 'one bit');
    }
    return scope.evaluate(expression, 1)[0]!;
  }

  private targetBit(scope: VerilogScope, expression: Expression, what: string, line: number): number {
    const nets = scope.target(expression, line);
    if (nets.length !== 1)
      throw this.circuit.error(`output of ${what} has ${nets.length} bits`, line, 'one bit');
    return nets[0]!;
  }

  private instance(scope: VerilogScope, item: InstanceItem): void {
    const module = this.modules.get(item.module);
    if (module !== undefined) {
      this.submodule(scope, item, module);
      return;
    }
    const cell = this.options.library?.get(item.module) ?? yosysCell(item.module);
    if (cell === undefined) {
      const known = [...this.modules.keys(), ...(this.options.library?.keys() ?? [])].slice(0, 5000);
      throw this.circuit.error(
        `no module or cell '${item.module}'`,
        item.line,
        this.options.library === undefined ? 'a module of the file, or --liberty for cells' : undefined,
        nearestSpelling(item.module, known),
      );
    }
    this.cell(scope, item, cell);
  }

  private cell(scope: VerilogScope, item: InstanceItem, cell: Cell): void {
    if (item.named === undefined) {
      throw this.circuit.error(`positional pins of cell '${cell.name}'`, item.line, 'named pins (.A(a))');
    }
    const pins = new Map<string, number>();
    for (const [pin, expression] of item.named) {
      if (expression === undefined) continue;
      const what = `pin '${pin}' of ${cell.name}`;
      if (cell.outputs.has(pin)) pins.set(pin, this.targetBit(scope, expression, what, item.line));
      else pins.set(pin, scope.netOf(this.bit(scope, expression, what, item.line)));
    }
    placeCell(this.circuit, cell, `${scope.prefix}${item.name}`, pins, item.line);
  }

  private submodule(scope: VerilogScope, item: InstanceItem, module: VerilogModule): void {
    const { circuit } = this;
    const { line } = item;
    const inner = new VerilogScope(circuit, module, `${scope.prefix}${item.name}.`, this.budget);
    if (item.positional !== undefined && item.positional.length > module.ports.length) {
      throw circuit.error(
        `${item.positional.length} pins of module '${module.name}'`,
        line,
        `at most ${module.ports.length}`,
      );
    }
    const pairs: [string, Expression | undefined][] =
      item.named !== undefined
        ? [...item.named]
        : (item.positional ?? []).map((expression, i) => [module.ports[i]!, expression]);
    const outputs: [number, number][] = [];
    for (const [pin, expression] of pairs) {
      const port = module.declarations.get(pin);
      if (port?.direction === undefined) {
        throw circuit.error(
          `module '${module.name}' has no port '${pin}'`,
          line,
          undefined,
          nearestSpelling(pin, module.ports.slice(0, 5000)),
        );
      }
      if (expression === undefined) continue;
      const nets = inner.netsOf(pin, port.line);
      if (port.direction === 'input') {
        const signals = scope.evaluate(expression, Math.max(nets.length, scope.width(expression)));
        nets.forEach((net, i) => {
          inner.drive(net, signals[i]!, line);
        });
      } else {
        scope.target(expression, line).forEach((net, i) => {
          if (i < nets.length) outputs.push([net, nets[i]!]);
        });
      }
    }
    this.place(inner);
    for (const [outer, net] of outputs) scope.drive(outer, 2 * net, line);
  }
}
