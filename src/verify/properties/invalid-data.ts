// P1: what a channel carries while it is not valid influences no observable. Two copies of the design see the same
// valid messages and the same stalls but garbage of their own; ready, valid, payload under valid and other outputs agree.
// Registers no garbage can reach are one and the same in both copies. Source: wrapper 1 of the reference, b3.

import { uninitialised } from '../../netlist/aig.ts';
import { type Design, portOf } from '../design.ts';
import { type Interface, signalBits } from '../interface.ts';
import { dependents } from '../product/instance.ts';
import { addProducer } from '../product/producer.ts';
import { type Product, ProductBuilder } from '../product/product.ts';

export interface InvalidDataProduct extends Product {
  /** Indices of the design's latches that garbage may reach by structure: the duplicated ones. */
  duplicated: readonly number[];
}

export function invalidDataProduct(design: Design, found: Interface): InvalidDataProduct {
  const product = new ProductBuilder(design, found);
  const { builder } = product;
  const { aig } = design;
  const payloadInputs = product.inputs.flatMap(c => c.payload.flatMap(ref => signalBits(design, ref)));
  const reached = dependents(aig, payloadInputs);
  const a = new Map<number, number>();
  const b = new Map<number, number>();
  const producers = product.inputs.map(channel => {
    const producer = addProducer(product, channel);
    const garbageA = product.freePayload(channel, 'A garbage ');
    const garbageB = product.freePayload(channel, 'B garbage ');
    const pick = (garbage: number[]): number[] =>
      producer.payload.map((x, i) => builder.addMux(producer.valid, x, garbage[i]!));
    product.drive(a, channel, producer.valid, pick(garbageA));
    product.drive(b, channel, producer.valid, pick(garbageB));
    return producer;
  });
  for (const channel of product.outputs) {
    const ready = channel.ready === undefined ? 1 : product.freeInput(`ready ${channel.name}`);
    product.drive(a, channel, ready);
    product.drive(b, channel, ready);
  }
  const duplicated: number[] = [];
  const starts = new Map<number, number>();
  for (let i = 0; i < aig.latchCount; i++) {
    if (reached[aig.latchVariable(i)] === 0) continue;
    duplicated.push(i);
    if (aig.latchInit[i] === uninitialised) {
      starts.set(i, builder.addInput(`start ${aig.names.latches?.[i] ?? `latch[${i}]`}`));
    }
  }
  const copyA = product.copy(a, { starts });
  const shared = new Map<number, number>();
  for (let i = 0; i < aig.latchCount; i++) {
    if (reached[aig.latchVariable(i)] === 0) shared.set(i, copyA.seen[i]!);
  }
  const copyB = product.copy(b, { starts, shared, prefix: 'B ' });
  for (const producer of producers) producer.connect(product.ready(producer.channel, copyA));

  const differ = (x: number, y: number, label: string): void => {
    if (x !== y) product.bads.push({ literal: builder.addXor(x, y), label });
  };
  for (const c of product.inputs) {
    differ(product.ready(c, copyA), product.ready(c, copyB), `ready of ${c.name} differs`);
    product.covers.push({ literal: product.fire(c, copyA), label: `a message enters on ${c.name}` });
  }
  for (const c of product.outputs) {
    const valid = product.valid(c, copyA);
    differ(valid, product.valid(c, copyB), `valid of ${c.name} differs`);
    const other = product.payload(c, copyB);
    const names = product.payloadNames(c);
    product.payload(c, copyA).forEach((x, i) => {
      if (x === other[i]) return;
      const literal = builder.addAnd(valid, builder.addXor(x, other[i]!));
      product.bads.push({ literal, label: `${names[i]} of ${c.name} differs while valid` });
    });
    product.covers.push({ literal: product.fire(c, copyA), label: `a message leaves on ${c.name}` });
  }
  for (const { port: name, observed } of found.otherOutputs) {
    if (!observed) continue;
    for (const x of portOf(design, name)?.bits ?? []) {
      differ(copyA.instance.map(x), copyB.instance.map(x), `output ${name} differs`);
    }
  }
  // of the latches: what readers see may depend on an input in the first step, and such a pair is no fact about states
  for (const i of duplicated) product.equalPairs.push([copyA.own[i]!, copyB.own[i]!]);
  product.watchCopies([copyA, copyB]);
  return { ...product.finish(), duplicated };
}
