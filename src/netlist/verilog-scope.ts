// One instance of a Verilog module: its nets, and the signals of its expressions. Widths follow the language: operands
// of ~ & | ^ ?: are zero-extended to the width of the context. Refuses sign extension, x and z, and selects out of range.

import type { Circuit } from './circuit.ts';
import { driveWith, gateOver, muxOver, netWith, type Signal } from './verilog-gates.ts';
import type { Declaration, Expression, VerilogModule } from './verilog-tree.ts';

/** Nets and gate operands of one module instance, bounded by the size of its file, and those left for the design. */
export interface NetBudget {
  each: number;
  left: number;
  /** The same for bits of expressions evaluated. */
  workEach: number;
  work: number;
  /** The net of constant 0, -1 until first used. */
  zero: number;
}

export class VerilogScope {
  readonly module: VerilogModule;
  readonly prefix: string;
  private readonly circuit: Circuit;
  private readonly budget: NetBudget;
  private readonly nets = new Map<string, number[]>();
  private used = 0;
  private evaluated = 0;

  constructor(circuit: Circuit, module: VerilogModule, prefix: string, budget: NetBudget) {
    this.circuit = circuit;
    this.module = module;
    this.prefix = prefix;
    this.budget = budget;
  }

  /** Nets of a name, least significant first; an undeclared name is one implicit wire. */
  netsOf(name: string, line: number): number[] {
    let list = this.nets.get(name);
    if (list !== undefined) return list;
    const declaration = this.module.declarations.get(name);
    const range = declaration?.range;
    const width = range === undefined ? 1 : Math.abs(range.msb - range.lsb) + 1;
    this.charge(width, line);
    const step = range !== undefined && range.msb < range.lsb ? -1 : 1;
    list = Array.from({ length: width }, (_, i) => {
      const bit = range === undefined ? '' : `[${range.lsb + step * i}]`;
      let full = `${this.prefix}${name}${bit}`;
      while (this.circuit.has(full)) full += '_';
      return this.circuit.net(full, declaration?.line ?? line);
    });
    this.nets.set(name, list);
    return list;
  }

  /** Nets an assignment or an output pin drives. */
  target(expression: Expression, line: number): number[] {
    if (expression.kind === 'name') return this.netsOf(expression.name, expression.line);
    if (expression.kind === 'select') return this.select(expression);
    if (expression.kind === 'concat' && expression.count === 1) {
      return expression.parts
        .map(part => this.target(part, line))
        .reverse()
        .flat();
    }
    throw this.circuit.error('only nets, selects and concatenations can be driven', line);
  }

  /** Width of an expression on its own. */
  width(expression: Expression): number {
    switch (expression.kind) {
      case 'constant':
        return expression.bits.length;
      case 'name':
        return this.netsOf(expression.name, expression.line).length;
      case 'select':
        return this.select(expression).length;
      case 'concat': {
        let sum = 0;
        for (const part of expression.parts) sum += this.width(part);
        if (sum * expression.count > this.budget.each) {
          throw this.circuit.error(
            `concatenation of ${sum * expression.count} bits`,
            expression.line,
            `at most ${this.budget.each}`,
          );
        }
        return sum * expression.count;
      }
      case 'not':
        return this.width(expression.of);
      case 'bitwise':
        return this.widest(expression.operands);
      case 'choice':
        return this.widest([expression.otherwise, ...expression.arms.map(x => x.value)]);
      default:
        return 1;
    }
  }

  /** Signals of an expression in a context of `width` bits, least significant first. */
  evaluate(expression: Expression, width: number): Signal[] {
    this.work(width);
    switch (expression.kind) {
      case 'constant':
        if (expression.bits.slice(0, width).includes(2)) {
          throw this.circuit.error('constant with x or z', expression.line, 'bits 0 and 1');
        }
        return this.extend(
          expression.bits.map(bit => this.constant(bit)),
          width,
        );
      case 'name':
      case 'select': {
        const nets =
          expression.kind === 'name'
            ? this.netsOf(expression.name, expression.line)
            : this.select(expression);
        if (nets.length < width && this.declaration(expression.name)?.signed && expression.kind === 'name') {
          throw this.circuit.error(`sign extension of '${expression.name}'`, expression.line, 'equal widths');
        }
        return this.extend(
          nets.map(net => 2 * net),
          width,
        );
      }
      case 'concat': {
        this.charge(this.width(expression), expression.line);
        const once = expression.parts
          .map(part => this.evaluate(part, this.width(part)))
          .reverse()
          .flat();
        return this.extend(Array.from({ length: expression.count }, () => once).flat(), width);
      }
      case 'not':
        return this.evaluate(expression.of, width).map(x => x ^ 1);
      case 'bitwise': {
        const operands = expression.operands.map(x => this.evaluate(x, width));
        return Array.from(
          { length: width },
          (_, i) =>
            this.gate(
              expression.operator,
              operands.map(x => x[i]!),
            ) ^ (expression.inverted ? 1 : 0),
        );
      }
      case 'reduce':
        return this.extend(
          [this.reduce(expression.operator, expression.of) ^ (expression.inverted ? 1 : 0)],
          width,
        );
      case 'logic':
        return this.extend(
          [
            this.gate(
              expression.operator,
              expression.operands.map(x => this.reduce('|', x)),
            ),
          ],
          width,
        );
      case 'equal': {
        const both = Math.max(this.width(expression.left), this.width(expression.right));
        const left = this.evaluate(expression.left, both);
        const right = this.evaluate(expression.right, both);
        const differ = left.map((x, i) => this.gate('^', [x, right[i]!]));
        return this.extend([this.gate('|', differ) ^ (expression.inverted ? 0 : 1)], width);
      }
      case 'choice': {
        let value = this.evaluate(expression.otherwise, width);
        for (const arm of [...expression.arms].reverse()) {
          const select = this.reduce('|', arm.condition);
          const yes = this.evaluate(arm.value, width);
          value = value.map((no, i) => this.mux(select, yes[i]!, no));
        }
        return value;
      }
    }
  }

  /** Drives a net with a signal. */
  drive(net: number, signal: Signal, line: number): void {
    driveWith(this.circuit, net, signal, line);
  }

  /** A net of a signal. */
  netOf(signal: Signal): number {
    return netWith(this.circuit, signal);
  }

  constant(bit: number): Signal {
    if (this.budget.zero < 0) this.budget.zero = this.circuit.constant(0);
    return 2 * this.budget.zero + bit;
  }

  /** A gate over signals; operands of one signal pass through. */
  gate(operator: '&' | '|' | '^', signals: Signal[]): Signal {
    if (signals.length === 1) return signals[0]!;
    this.charge(signals.length, this.module.line);
    return gateOver(this.circuit, operator, signals);
  }

  private mux(select: Signal, yes: Signal, no: Signal): Signal {
    this.charge(1, this.module.line);
    return muxOver(this.circuit, select, yes, no);
  }

  private widest(expressions: readonly Expression[]): number {
    let width = 0;
    for (const expression of expressions) width = Math.max(width, this.width(expression));
    return width;
  }

  private reduce(operator: '&' | '|' | '^', of: Expression): Signal {
    return this.gate(operator, this.evaluate(of, this.width(of)));
  }

  private extend(signals: Signal[], width: number): Signal[] {
    if (signals.length >= width) return signals.length === width ? signals : signals.slice(0, width);
    const zero = this.constant(0);
    return [...signals, ...new Array<number>(width - signals.length).fill(zero)];
  }

  private declaration(name: string): Declaration | undefined {
    return this.module.declarations.get(name);
  }

  private select(expression: Extract<Expression, { kind: 'select' }>): number[] {
    const { name, first, last, line } = expression;
    const range = this.declaration(name)?.range;
    if (range === undefined) throw this.circuit.error(`'${name}' is one bit and has no index`, line);
    const descending = range.msb >= range.lsb;
    const low = Math.min(first, last);
    const high = Math.max(first, last);
    if (low < Math.min(range.msb, range.lsb) || high > Math.max(range.msb, range.lsb)) {
      throw this.circuit.error(
        `index ${first === last ? first : `${first}:${last}`} of '${name}' is out of range`,
        line,
        `[${range.msb}:${range.lsb}]`,
      );
    }
    if (!expression.indexed && first !== last && first > last !== descending) {
      throw this.circuit.error(
        `part select ${first}:${last} of '${name}' is reversed`,
        line,
        `[${range.msb}:${range.lsb}]`,
      );
    }
    const nets = this.netsOf(name, line);
    return descending
      ? nets.slice(low - range.lsb, high - range.lsb + 1)
      : nets.slice(range.lsb - high, range.lsb - low + 1);
  }

  /** Counts bits evaluated: wide nets in long expressions cost time before they cost nets. */
  private work(bits: number): void {
    this.evaluated += bits;
    this.budget.work -= bits;
    if (this.evaluated > this.budget.workEach || this.budget.work < 0) {
      throw this.circuit.error(
        `module '${this.module.name}' takes too much work`,
        this.module.line,
        'narrower nets',
      );
    }
  }

  private charge(nets: number, line: number): void {
    this.used += nets;
    this.budget.left -= nets;
    if (this.used > this.budget.each || this.budget.left < 0) {
      throw this.circuit.error(
        `module '${this.module.name}' needs too many nets`,
        line,
        `at most ${this.used > this.budget.each ? this.budget.each : 'what the whole design may have'}`,
      );
    }
  }
}
