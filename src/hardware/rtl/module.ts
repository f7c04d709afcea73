// Writes one Verilog module: ports, wires, registers and clocked blocks, each with its width, nothing implicit.
// Refuses names used twice; knows nothing of what is computed.

import { BitwrightError } from '../../core/errors.ts';
import type { RtlFile } from '../../synthesis/rtl.ts';
import type { Channel } from '../unit.ts';
import { type Net, net, resize } from './net.ts';

function vector(width: number): string {
  return width === 1 ? '' : `[${width - 1}:0] `;
}

/** A module under construction. Text comes out in the order things are asked for. */
export class Module {
  readonly name: string;
  private readonly header: string[];
  private readonly ports: string[] = [];
  private readonly body: string[] = [];
  private readonly names = new Set<string>();
  private readonly leftOver: string[] = [];

  private readonly boundary: boolean;

  /**
   * @param header comment lines above the module
   * @param options boundary: mapping keeps the ports as they are, logic is not shared across them
   */
  constructor(name: string, header: readonly string[] = [], options: { boundary?: boolean } = {}) {
    this.name = name;
    this.header = [...header];
    this.boundary = options.boundary === true;
  }

  private fresh(name: string): string {
    if (this.names.has(name) || !/^[A-Za-z_]\w*$/.test(name)) {
      throw new BitwrightError(`'${name}' twice or no name in module ${this.name}`);
    }
    this.names.add(name);
    return name;
  }

  input(name: string, width = 1, signed = false): Net {
    this.ports.push(`input  wire ${signed ? 'signed ' : ''}${vector(width)}${this.fresh(name)}`);
    return net(name, width, signed);
  }

  output(name: string, width = 1): Net {
    this.ports.push(`output wire ${vector(width)}${this.fresh(name)}`);
    return net(name, width);
  }

  /** The clock and the synchronous, active high reset of every unit. */
  clock(): void {
    this.input('clk');
    this.input('rst');
  }

  /** Ports of a channel as the unit describes it; fields by name, flat. */
  channel(channel: Channel): Record<string, Net> {
    const isInput = channel.direction === 'in';
    const port = (name: string, width: number, into: boolean): Net =>
      into ? this.input(name, width) : this.output(name, width);
    const nets: Record<string, Net> = {
      valid: port(`${channel.name}_valid`, 1, isInput),
      ready: port(`${channel.name}_ready`, 1, !isInput),
    };
    for (const { name, lanes, bits } of channel.fields) {
      nets[name] = port(`${channel.name}_${name}`, lanes * bits, isInput);
    }
    return nets;
  }

  /** A wire of the width, sign and range of an expression. */
  wire(name: string, value: Net): Net {
    const sign = value.signed ? 'signed ' : '';
    this.body.push(`  wire ${sign}${vector(value.width)}${this.fresh(name)} = ${value.text};`);
    return { ...value, text: name };
  }

  /** A wire assigned later. */
  declare(name: string, like: Net): Net {
    this.body.push(`  wire ${like.signed ? 'signed ' : ''}${vector(like.width)}${this.fresh(name)};`);
    return { ...like, text: name };
  }

  assign(target: Net, value: Net): void {
    if (target.width !== value.width) {
      throw new BitwrightError(`${target.text} has ${target.width} bits, ${value.text} ${value.width}`);
    }
    this.body.push(`  assign ${target.text} = ${value.text};`);
  }

  /** A register to be written in `always`. */
  reg(name: string, like: Net): Net {
    this.body.push(`  reg ${like.signed ? 'signed ' : ''}${vector(like.width)}${this.fresh(name)};`);
    return { ...like, text: name };
  }

  /** A clocked block; the lines are indented for it. */
  always(lines: readonly string[]): void {
    this.body.push('  always @(posedge clk) begin', ...lines.map(line => `    ${line}`), '  end');
  }

  comment(text: string): void {
    this.body.push('', `  // ${text}`);
  }

  /** Bits that nothing reads on purpose (a rounding drops them, a range keeps them zero), named so that linters know. */
  unused(...bits: readonly Net[]): void {
    this.leftOver.push(...bits.map(b => b.text));
  }

  /** Any other text, two spaces in. */
  raw(...lines: string[]): void {
    this.body.push(...lines.map(line => (line === '' ? '' : `  ${line}`)));
  }

  /** A table of constants: `name` is entry `address`, 0 beyond the end. Entries fit `like`. */
  lookup(name: string, address: Net, entries: readonly number[], like: Net): Net {
    const out = this.reg(name, like);
    this.body.push('  always @* begin', `    case (${address.text})`);
    const full = entries.length === 2 ** address.width;
    entries.forEach((entry, i) => {
      if (entry < like.low || entry > like.high) throw new BitwrightError(`entry ${entry} of table ${name}`);
      const code = BigInt.asUintN(like.width, BigInt(entry));
      const label = full && i === entries.length - 1 ? 'default' : `${address.width}'d${i}`;
      this.body.push(`      ${label}: ${name} = ${like.width}'d${code};`);
    });
    if (!full) this.body.push(`      default: ${name} = ${like.width}'d0;`);
    this.body.push('    endcase', '  end');
    return out;
  }

  /** An instance; every port by name. */
  instance(module: string, name: string, connections: Readonly<Record<string, string>>): void {
    const list = Object.entries(connections).map(([port, text]) => `    .${port}(${text})`);
    this.body.push(`  ${module} ${this.fresh(name)} (`, list.join(',\n'), '  );');
  }

  /** The file `NAME.v`. */
  file(): RtlFile {
    const text = [
      ...this.header.map(line => (line === '' ? '//' : `// ${line}`)),
      '`default_nettype none',
      '',
      ...(this.boundary ? ['(* keep_hierarchy *)'] : []),
      `module ${this.name} (`,
      this.ports.map(port => `  ${port}`).join(',\n'),
      ');',
      ...this.body,
      ...unusedLines(this.leftOver),
      'endmodule',
      '',
      '`default_nettype wire',
      '',
    ];
    return { name: `${this.name}.v`, text: text.join('\n') };
  }
}

/** Lines that read the bits nothing else reads, and cost nothing: the net itself drives nothing. */
export function unusedLines(bits: readonly string[]): string[] {
  if (bits.length === 0) return [];
  return [
    '',
    '  // bits dropped on purpose: by a rounding, or because their range keeps them at the sign or zero',
    `  wire unused = &{1'b0, ${bits.join(', ')}};`,
  ];
}

/** `a OP b` with both operands extended to the given width first. */
export function operate(op: '+' | '-' | '*', a: Net, b: Net, low: number, high: number, like: Net): Net {
  const x = resize(a, Math.max(like.width, a.width), like.signed);
  const y = resize(b, Math.max(like.width, b.width), like.signed);
  return { text: `${x.text} ${op} ${y.text}`, width: like.width, signed: like.signed, low, high };
}
