// A product under construction: copies of the design, their environment, monitors, and what to show of a trace.
// Environments drive (by multiplexers) and hardly ever constrain, so that random simulation meets them too.

import { uninitialised } from '../../netlist/aig.ts';
import { AigBuilder } from '../../netlist/builder.ts';
import type { Design } from '../design.ts';
import { type Channel, type Interface, signalBit, signalBits } from '../interface.ts';
import type { TraceSignal } from '../trace.ts';
import { type Instance, instantiate } from './instance.ts';

/** A signal of the trace and its literals in the product. */
export interface Watch extends TraceSignal {
  bits: readonly number[];
}

/** A literal with what it means. */
export interface Labelled {
  literal: number;
  label: string;
}

/** A finished product. Literals are those of `aig`, whose own property lists are empty. */
export interface Product {
  aig: ReturnType<AigBuilder['build']>;
  /** Each is a way to fail. */
  bads: readonly Labelled[];
  /** Must hold in every step. */
  constraints: readonly number[];
  /** A run that makes all of these true again and again, and every fairness literal too, is a failure. */
  justice: readonly number[];
  fairness: readonly number[];
  /** What a meaningful proof can reach. */
  covers: readonly Labelled[];
  watches: readonly Watch[];
  /** Register bits of two copies, hoped to be equal. */
  equalPairs: readonly (readonly [number, number])[];
  /** Inputs of the product that simulation drives with a probability other than one half. */
  probability: ReadonlyMap<number, number>;
  /** As in the design: open latches after a quiet reset, by name. */
  rest?: Design['rest'];
}

/** One copy of the design in a product. */
export interface Copy {
  instance: Instance;
  /** What readers of each register bit see: in the first step perhaps a start value of the copy's environment. */
  seen: readonly number[];
  /** The latch of each register bit; undefined when it is shared with another copy. */
  own: readonly (number | undefined)[];
}

export class ProductBuilder {
  readonly builder: AigBuilder;
  readonly design: Design;
  readonly found: Interface;
  readonly bads: Labelled[] = [];
  readonly constraints: number[] = [];
  readonly justice: number[] = [];
  readonly fairness: number[] = [];
  readonly covers: Labelled[] = [];
  readonly watches: Watch[] = [];
  readonly equalPairs: [number, number][] = [];
  readonly probability = new Map<number, number>();
  /** Literals of inputs outside all channels, by input of the design: the same in every copy. */
  private readonly common = new Map<number, number>();
  private first: number | undefined;

  constructor(design: Design, found: Interface) {
    this.design = design;
    this.found = found;
    this.builder = new AigBuilder({ capacity: 2 * design.aig.variableCount + 1024 });
    this.builder.model = design.name;
    for (const literal of design.undefinedInputs) {
      this.common.set(literal, this.builder.addInput(design.aig.names.inputs?.[(literal >>> 1) - 1]));
    }
    for (const { port: name, rule } of found.freeInputs) {
      const port = design.ports.find(p => p.name === name && p.direction === 'in');
      if (port === undefined) continue;
      const bits = port.bits.map((_, i) => {
        const label = port.bits.length === 1 ? name : `${name}[${i}]`;
        return rule.kind === 'stable'
          ? this.builder.addLatch(label, uninitialised)
          : rule.kind === 'tied'
            ? Number((rule.value >> BigInt(i)) & 1n)
            : this.builder.addInput(label);
      });
      port.bits.forEach((literal, i) => {
        this.common.set(literal, bits[i]!);
      });
      this.watch({ name, scope: '', kind: 'input', direction: 'in' }, bits);
    }
  }

  /** Channels the design receives from, and those it sends on. */
  get inputs(): readonly Channel[] {
    return this.found.channels.filter(c => c.direction === 'in');
  }

  get outputs(): readonly Channel[] {
    return this.found.channels.filter(c => c.direction === 'out');
  }

  /** Bits of a channel's payload. */
  payloadWidth(channel: Channel): number {
    return channel.payload.reduce((sum, ref) => sum + ref.width, 0);
  }

  payloadNames(channel: Channel, prefix = ''): string[] {
    return channel.payload.flatMap(ref =>
      Array.from({ length: ref.width }, (_, i) => `${prefix}${ref.port}[${ref.lsb + i}]`),
    );
  }

  /** Fresh inputs for a payload, called after its ports. */
  freePayload(channel: Channel, prefix = ''): number[] {
    return this.payloadNames(channel, prefix).map(name => this.builder.addInput(name));
  }

  /** A free input that simulation makes 1 with this probability. */
  freeInput(name: string, probability = 0.5): number {
    const literal = this.builder.addInput(name);
    this.probability.set(literal, probability);
    return literal;
  }

  /** 1 in the first step only. */
  firstStep(): number {
    if (this.first === undefined) {
      this.first = this.builder.addLatch('first step', 1);
      this.builder.setNext(this.first, 0);
    }
    return this.first;
  }

  /**
   * Places a copy of the design.
   * @param driven literals for the inputs that channels drive, by literal of the design
   * @param options `shared`: what the readers of a register bit see, when another copy holds it already;
   *   `starts`: literal a register bit has in the first step, when both copies must start from one free value
   */
  copy(
    driven: ReadonlyMap<number, number>,
    options: {
      shared?: ReadonlyMap<number, number>;
      starts?: ReadonlyMap<number, number>;
      prefix?: string;
    } = {},
  ): Copy {
    const { aig } = this.design;
    const { builder } = this;
    const prefix = options.prefix ?? '';
    const own: (number | undefined)[] = [];
    const seen = Array.from({ length: aig.latchCount }, (_, i) => {
      const shared = options.shared?.get(i);
      if (shared !== undefined) {
        own.push(undefined);
        return shared;
      }
      const name = `${prefix}${aig.names.latches?.[i] ?? `latch[${i}]`}`;
      const start = options.starts?.get(i);
      const latch = builder.addLatch(name, start === undefined ? aig.latchInit[i] : 0);
      own.push(latch);
      return start === undefined ? latch : builder.addMux(this.firstStep(), start, latch);
    });
    const inputs = Array.from({ length: aig.inputCount }, (_, i) => {
      const literal = 2 * aig.inputVariable(i);
      return driven.get(literal) ?? this.common.get(literal) ?? 0;
    });
    const instance = instantiate(builder, aig, { inputs, latches: seen });
    own.forEach((latch, i) => {
      if (latch !== undefined) builder.setNext(latch, instance.map(aig.latchNext[i]!));
    });
    return { instance, seen, own };
  }

  /** Literal of a channel's valid in a copy. */
  valid(channel: Channel, copy: Copy): number {
    return copy.instance.map(signalBit(this.design, channel.valid));
  }

  ready(channel: Channel, copy: Copy): number {
    return channel.ready === undefined ? 1 : copy.instance.map(signalBit(this.design, channel.ready));
  }

  payload(channel: Channel, copy: Copy): number[] {
    return channel.payload.flatMap(ref => signalBits(this.design, ref).map(x => copy.instance.map(x)));
  }

  fire(channel: Channel, copy: Copy): number {
    return this.builder.addAnd(this.valid(channel, copy), this.ready(channel, copy));
  }

  /** Puts a channel's drive into the map `copy` takes. */
  drive(into: Map<number, number>, channel: Channel, control: number, payload: readonly number[] = []): void {
    const pin = channel.direction === 'in' ? channel.valid : channel.ready;
    if (pin !== undefined) into.set(signalBit(this.design, pin), control);
    if (channel.direction === 'out') return;
    let at = 0;
    for (const ref of channel.payload) {
      for (const literal of signalBits(this.design, ref)) into.set(literal, payload[at++]!);
    }
  }

  watch(signal: Omit<TraceSignal, 'width'>, bits: readonly number[]): void {
    this.watches.push({ ...signal, width: bits.length, bits });
  }

  /** Shows channels, other outputs and registers; what two copies share is shown once. */
  watchCopies(copies: readonly Copy[]): void {
    const { design } = this;
    const [a, b] = copies;
    const show = (
      signal: Omit<TraceSignal, 'width' | 'scope'>,
      of: (copy: Copy) => readonly number[],
    ): void => {
      const first = of(a!);
      const second = b === undefined ? first : of(b);
      if (first.every((x, i) => x === second[i])) this.watch({ ...signal, scope: '' }, first);
      else {
        this.watch({ ...signal, scope: 'A' }, first);
        this.watch({ ...signal, scope: 'B' }, second);
      }
    };
    for (const c of this.found.channels) {
      const far = c.direction === 'in' ? 'out' : 'in';
      const place = (ref: { port: string; lsb: number; width: number }): string => {
        const width = design.ports.find(p => p.name === ref.port)!.bits.length;
        return ref.width === width
          ? ref.port
          : ref.width === 1
            ? `${ref.port}[${ref.lsb}]`
            : `${ref.port}[${ref.lsb + ref.width - 1}:${ref.lsb}]`;
      };
      show({ name: place(c.valid), kind: 'valid', channel: c.name, direction: c.direction }, k => [
        this.valid(c, k),
      ]);
      if (c.ready !== undefined) {
        show({ name: place(c.ready), kind: 'ready', channel: c.name, direction: far }, k => [
          this.ready(c, k),
        ]);
      }
      for (const ref of c.payload) {
        show({ name: place(ref), kind: 'payload', channel: c.name, direction: c.direction }, k =>
          signalBits(design, ref).map(x => k.instance.map(x)),
        );
      }
    }
    for (const { port: name } of this.found.otherOutputs) {
      const port = design.ports.find(p => p.name === name && p.direction === 'out');
      if (port !== undefined) {
        show({ name, kind: 'output', direction: 'out' }, k => port.bits.map(x => k.instance.map(x)));
      }
    }
    for (const register of design.registers) {
      show({ name: register.name, kind: 'register' }, k => register.latches.map(i => k.seen[i]!));
    }
  }

  finish(): Product {
    const { builder } = this;
    const aig = builder.build();
    const final = (x: number): number => builder.finalLiteral(x);
    const labelled = (list: readonly Labelled[]): Labelled[] =>
      list.map(x => ({ literal: final(x.literal), label: x.label }));
    return {
      aig,
      bads: labelled(this.bads),
      constraints: this.constraints.map(final),
      justice: this.justice.map(final),
      fairness: this.fairness.map(final),
      covers: labelled(this.covers),
      watches: this.watches.map(w => ({ ...w, bits: w.bits.map(final) })),
      equalPairs: this.equalPairs.map(([a, b]) => [final(a), final(b)] as const),
      probability: new Map([...this.probability].map(([x, p]) => [final(x), p])),
      rest: this.design.rest,
    };
  }
}
