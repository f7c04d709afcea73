// Named nets with drivers, the common ground of the BLIF, bench, Verilog and Yosys JSON readers, and its way to an AIG.
// Refuses nets with two drivers or none, combinational cycles (the nets on the cycle are named) and two clocks.

import { InputError } from '../core/errors.ts';
import { nearestSpelling } from '../core/spelling.ts';
import type { Aig } from './aig.ts';
import { AigBuilder } from './builder.ts';

/** Builds a function's literal from those of its operands. */
export type GateFunction = (builder: AigBuilder, operands: number[]) => number;

interface Driver {
  operands: readonly number[];
  build: GateFunction;
}

interface Latch {
  net: number;
  next: number;
  init: number;
  clock: number | undefined;
  fallingEdge: boolean;
  line: number | undefined;
}

/** Name of nets made by an expression: they never appear in results. */
const anonymous = '';

export class Circuit {
  readonly file: string | undefined;
  model: string | undefined;
  private readonly ids = new Map<string, number>();
  private readonly names: string[] = [];
  private readonly lines: (number | undefined)[] = [];
  private readonly drivers: (Driver | 'input' | 'latch' | undefined)[] = [];
  private readonly inputs: number[] = [];
  private readonly outputs: { name: string; net: number; line: number | undefined }[] = [];
  private readonly latches: Latch[] = [];

  constructor(file?: string | undefined) {
    this.file = file;
  }

  /** The net of a name, made at its first mention; `line` is kept for messages. */
  net(name: string, line?: number): number {
    let id = this.ids.get(name);
    if (id === undefined) {
      id = this.newNet(name, line);
      this.ids.set(name, id);
    }
    return id;
  }

  has(name: string): boolean {
    return this.ids.has(name);
  }

  /** Name of a net, '' for those of expressions. */
  nameOf(net: number): string {
    return this.names[net]!;
  }

  /** A net without a name. */
  fresh(): number {
    return this.newNet(anonymous, undefined);
  }

  constant(value: number): number {
    return this.expression([], () => value & 1);
  }

  /** A fresh net driven by a function of others. */
  expression(operands: readonly number[], build: GateFunction): number {
    const net = this.fresh();
    this.drivers[net] = { operands, build };
    return net;
  }

  drive(net: number, operands: readonly number[], build: GateFunction, line?: number): void {
    this.claim(net, { operands, build }, line);
  }

  /** net = source */
  alias(net: number, source: number, line?: number): void {
    this.drive(net, [source], (_, [x]) => x!, line);
  }

  addInput(net: number, line?: number): void {
    this.claim(net, 'input', line);
    this.inputs.push(net);
  }

  addOutput(name: string, net: number, line?: number): void {
    this.outputs.push({ name, net, line });
  }

  /** A flip-flop of the one clock. @param init 0, 1 or 2 (uninitialised) */
  addLatch(
    net: number,
    next: number,
    init: number,
    line?: number,
    clock?: number,
    fallingEdge = false,
  ): void {
    this.claim(net, 'latch', line);
    this.latches.push({ net, next, init, clock, fallingEdge, line });
  }

  /** Sets reset values by net, e.g. from init attributes. */
  setInit(net: number, init: number): void {
    for (const latch of this.latches) if (latch.net === net) latch.init = init;
  }

  /**
   * The graph: inputs and latches in order of declaration, nets named on their variables. An input that is only the
   * clock of the flip-flops is left out: every step of the graph is one cycle of that clock.
   */
  build(options: { nets?: boolean | undefined } = {}): Aig {
    const builder = new AigBuilder({ capacity: this.names.length });
    builder.model = this.model;
    const literals = new Float64Array(this.names.length).fill(-1);
    const clocks = this.clockInputs();
    for (const net of this.inputs) {
      if (!clocks.has(net)) literals[net] = builder.addInput(this.names[net]);
    }
    for (const latch of this.latches) {
      literals[latch.net] = builder.addLatch(this.names[latch.net] || undefined, latch.init);
    }
    for (const latch of this.latches) {
      builder.setNext(literals[latch.net]!, this.resolve(builder, literals, latch.next));
    }
    for (const output of this.outputs) {
      builder.addOutput(this.resolve(builder, literals, output.net), output.name);
    }
    if (options.nets ?? true) {
      for (let net = 0; net < this.names.length; net++) {
        const name = this.names[net]!;
        const driver = this.drivers[net];
        if (name === anonymous || driver === 'input' || driver === 'latch' || literals[net]! < 2) continue;
        builder.nameNet(literals[net]!, name);
      }
    }
    return builder.build();
  }

  /**
   * Checks that every clocked flip-flop has the same input, on the same edge, as its clock.
   * @returns the inputs that are nothing but a clock: the graph has no place for them
   */
  private clockInputs(): Set<number> {
    if (this.latches.every(latch => latch.clock === undefined)) return new Set();
    const builder = new AigBuilder();
    const literals = new Float64Array(this.names.length).fill(-1);
    for (const net of this.inputs) literals[net] = builder.addInput();
    for (const latch of this.latches) literals[latch.net] = builder.addLatch();
    let first: { literal: number; latch: Latch } | undefined;
    for (const latch of this.latches) {
      if (latch.clock === undefined) continue;
      const literal = this.resolve(builder, literals, latch.clock) ^ (latch.fallingEdge ? 1 : 0);
      if (literal < 2 || literal >>> 1 > this.inputs.length) {
        throw this.error(
          `the clock of flip-flop '${this.label(latch.net)}' is gated or made inside the netlist`,
          latch.line,
          'an input as the clock',
        );
      }
      first ??= { literal, latch };
      if (first.literal !== literal) {
        throw this.error(
          `flip-flop '${this.label(latch.net)}' has another clock or edge than '${this.label(first.latch.net)}'`,
          latch.line,
          'one clock and one edge',
        );
      }
    }
    const clock = this.inputs[(first!.literal >>> 1) - 1]!;
    return this.isData(clock) ? new Set() : new Set([clock]);
  }

  /** Whether an output or a next state depends on a net. */
  private isData(wanted: number): boolean {
    const seen = new Uint8Array(this.names.length);
    const stack = [...this.outputs.map(x => x.net), ...this.latches.map(x => x.next)];
    for (let net = stack.pop(); net !== undefined; net = stack.pop()) {
      if (net === wanted) return true;
      if (seen[net] === 1) continue;
      seen[net] = 1;
      const driver = this.drivers[net];
      if (typeof driver === 'object') for (const operand of driver.operands) stack.push(operand);
    }
    return false;
  }

  error(problem: string, line?: number, expected?: string, nearest?: string): InputError {
    return new InputError(problem, { file: this.file, line, expected, nearest });
  }

  /** Depth first without recursion, so that a deep circuit cannot exhaust the stack. */
  private resolve(builder: AigBuilder, literals: Float64Array, root: number): number {
    if (literals[root]! >= 0) return literals[root]!;
    const open = -2;
    const stack = [root];
    while (stack.length > 0) {
      const net = stack[stack.length - 1]!;
      if (literals[net]! >= 0) {
        stack.pop();
        continue;
      }
      const driver = this.drivers[net];
      if (typeof driver !== 'object') {
        const line = this.lines[net];
        const driven = this.names.filter((_, i) => this.drivers[i] !== undefined);
        throw this.error(
          `net '${this.label(net)}' is used but nothing drives it`,
          line,
          undefined,
          driven.length < 5000 ? nearestSpelling(this.label(net), driven) : undefined,
        );
      }
      if (literals[net] === open) {
        const missing = driver.operands.find(x => literals[x]! < 0);
        if (missing === undefined) {
          literals[net] = driver.build(
            builder,
            driver.operands.map(x => literals[x]!),
          );
          stack.pop();
        } else {
          throw this.cycle(literals, missing, open);
        }
        continue;
      }
      literals[net] = open;
      for (let i = driver.operands.length - 1; i >= 0; i--) {
        const operand = driver.operands[i]!;
        if (literals[operand] === open) throw this.cycle(literals, operand, open);
        if (literals[operand]! < 0) stack.push(operand);
      }
    }
    return literals[root]!;
  }

  /** Follows open nets from one on the cycle until it returns. */
  private cycle(literals: Float64Array, start: number, open: number): InputError {
    const path: number[] = [];
    const seen = new Set<number>();
    let net = start;
    while (!seen.has(net)) {
      seen.add(net);
      path.push(net);
      const driver = this.drivers[net] as Driver;
      net = driver.operands.find(x => literals[x] === open) ?? start;
    }
    const names = path
      .slice(path.indexOf(net))
      .map(x => this.names[x]!)
      .filter(x => x !== anonymous);
    const line = path.map(x => this.lines[x]).find(x => x !== undefined);
    const shown = names.slice(0, 8).map(x => `'${x.slice(0, 80)}'`);
    return this.error(
      `combinational cycle through ${shown.join(', ')}${names.length > 8 ? ` and ${names.length - 8} more` : ''}`,
      line,
    );
  }

  private newNet(name: string, line: number | undefined): number {
    this.names.push(name);
    this.lines.push(line);
    this.drivers.push(undefined);
    return this.names.length - 1;
  }

  private claim(net: number, driver: Driver | 'input' | 'latch', line: number | undefined): void {
    if (this.drivers[net] !== undefined) {
      const before = this.lines[net];
      throw this.error(
        `net '${this.label(net)}' has two drivers${before === undefined ? '' : ` (first seen on line ${before})`}`,
        line,
      );
    }
    this.drivers[net] = driver;
    if (line !== undefined) this.lines[net] = line;
  }

  private label(net: number): string {
    return this.names[net]! || 'an expression';
  }
}
