// One instance of a module of a Yosys JSON file: its nets by bit number, their names and reset values.
// Refuses bits that are neither numbers nor '0', '1', 'x', 'z'.

import type { Circuit } from './circuit.ts';
import { JsonObject, type JsonValue } from './json-lines.ts';

export interface Port {
  name: string;
  direction: string;
  bits: JsonValue[];
  line: number;
}

export interface JsonModule {
  name: string;
  line: number;
  object: JsonObject;
  ports: Map<string, Port>;
  cells: Map<string, JsonValue>;
  /** Modules among which its cells look up their types, where these are not those of the file it stands in. */
  home?: ReadonlyMap<string, JsonModule> | undefined;
}

/** @throws InputError unless `value` is an object; `what` tells which */
export function object(
  circuit: Circuit,
  value: JsonValue | undefined,
  what: string,
  line: number,
): JsonObject {
  if (value instanceof JsonObject) return value;
  throw circuit.error(`${what} is ${value === undefined ? 'missing' : 'no object'}`, line, 'a JSON object');
}

/** @throws InputError unless `value` is an array */
export function list(
  circuit: Circuit,
  value: JsonValue | undefined,
  what: string,
  line: number,
): JsonValue[] {
  if (Array.isArray(value)) return value;
  throw circuit.error(
    `${what} ${value === undefined ? 'are missing' : 'are no array'}`,
    line,
    'a JSON array',
  );
}

/** The entries of an object inside another; none when it is not there. @throws InputError */
export function section(circuit: Circuit, owner: JsonObject, key: string): Map<string, JsonValue> {
  const value = owner.entries.get(key);
  return value === undefined ? new Map() : object(circuit, value, `'${key}'`, owner.line).entries;
}

/** Nets, names and reset values of one module instance. */
export class JsonScope {
  readonly module: JsonModule;
  readonly prefix: string;
  /** Reset value by bit number. */
  readonly inits = new Map<number, number>();
  private readonly circuit: Circuit;
  private readonly names = new Map<number, { name: string; line: number }>();
  private readonly nets = new Map<number | string, number>();

  constructor(circuit: Circuit, module: JsonModule, prefix: string) {
    this.circuit = circuit;
    this.module = module;
    this.prefix = prefix;
    // a net is called by its input port, else by its own name, else by an output port, else by a hidden name
    this.namePorts('input');
    const hidden: [string, JsonObject, JsonValue[]][] = [];
    for (const [name, value] of section(circuit, module.object, 'netnames')) {
      if (!(value instanceof JsonObject)) throw circuit.error(`net name '${name}' is no object`, module.line);
      const bits = value.entries.get('bits');
      if (!Array.isArray(bits)) throw circuit.error(`net name '${name}' has no bits`, value.line);
      this.readInit(section(circuit, value, 'attributes').get('init'), bits);
      if (module.ports.has(name)) continue;
      if (value.entries.get('hide_name') === 1) hidden.push([name, value, bits]);
      else this.nameBits(name, value, bits);
    }
    this.namePorts('output');
    for (const [name, value, bits] of hidden) this.nameBits(name, value, bits);
  }

  private namePorts(direction: string): void {
    for (const port of this.module.ports.values()) {
      if (port.direction !== direction) continue;
      port.bits.forEach((bit, i) => {
        if (typeof bit !== 'number' || this.names.has(bit)) return;
        this.names.set(bit, { name: this.bitName(port.name, port.bits.length, i), line: port.line });
      });
    }
  }

  bitName(name: string, width: number, index: number): string {
    return width === 1 ? name : `${name}[${index}]`;
  }

  /** The net of a bit: a number, or a constant '0', '1', 'x', 'z' (the last two have no driver). */
  net(bit: JsonValue, line: number): number {
    const key = typeof bit === 'number' ? bit : String(bit);
    let net = this.nets.get(key);
    if (net !== undefined) return net;
    if (bit === '0' || bit === '1') net = this.circuit.constant(Number(bit));
    else if (typeof bit === 'number' && Number.isSafeInteger(bit) && bit >= 0) {
      const known = this.names.get(bit);
      let name = `${this.prefix}${known?.name ?? `bit ${bit}`}`;
      while (this.circuit.has(name)) name += '_';
      net = this.circuit.net(name, known?.line ?? line);
    } else if (bit === 'x' || bit === 'z') {
      let name = `${this.prefix}${bit}`;
      while (this.circuit.has(name)) name += '_';
      net = this.circuit.net(name, line);
    } else throw this.circuit.error('malformed bit', line, "a net number, '0', '1', 'x' or 'z'");
    this.nets.set(key, net);
    return net;
  }

  private nameBits(name: string, { entries, line }: JsonObject, bits: JsonValue[]): void {
    const offset = Number(entries.get('offset') ?? 0);
    const up = entries.get('upto') === 1;
    bits.forEach((bit, i) => {
      if (typeof bit !== 'number' || this.names.has(bit)) return;
      this.names.set(bit, {
        name: this.bitName(name, bits.length, offset + (up ? bits.length - 1 - i : i)),
        line,
      });
    });
  }

  /** An `init` attribute: a string of 0 1 x, most significant first. */
  private readInit(init: JsonValue | undefined, bits: JsonValue[]): void {
    if (typeof init !== 'string') return;
    for (let i = 0; i < bits.length && i < init.length; i++) {
      const value = init[init.length - 1 - i]!;
      const bit = bits[i]!;
      if (typeof bit === 'number' && (value === '0' || value === '1')) this.inits.set(bit, Number(value));
    }
  }
}
