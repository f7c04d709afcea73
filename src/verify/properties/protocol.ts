// P4: an output's valid is not retracted, and its payload does not change, before the message is taken.
// Inputs marked persistent are assumed to obey the same; all other inputs may retract.

import type { Design } from '../design.ts';
import type { Interface } from '../interface.ts';
import { addProducer } from '../product/producer.ts';
import { type Product, ProductBuilder } from '../product/product.ts';

/** @param port output channel to check */
export function protocolProduct(design: Design, found: Interface, port: string): Product {
  const product = new ProductBuilder(design, found);
  const { builder } = product;
  const driven = new Map<number, number>();
  const producers = product.inputs.map(channel => {
    const producer = addProducer(product, channel);
    product.drive(driven, channel, producer.valid, producer.payload);
    return producer;
  });
  for (const channel of product.outputs) {
    if (channel.ready !== undefined)
      product.drive(driven, channel, product.freeInput(`ready ${channel.name}`));
  }
  const copy = product.copy(driven);
  for (const producer of producers) producer.connect(product.ready(producer.channel, copy));
  const channel = product.outputs.find(c => c.name === port)!;
  const valid = product.valid(channel, copy);
  const payload = product.payload(channel, copy);
  const names = product.payloadNames(channel);
  const stalled = builder.addLatch(`stalled ${port}`, 0);
  builder.setNext(stalled, builder.addAnd(valid, product.ready(channel, copy) ^ 1));
  product.bads.push({ literal: builder.addAnd(stalled, valid ^ 1), label: `valid of ${port} is retracted` });
  payload.forEach((bit, i) => {
    const before = builder.addLatch(`before ${names[i]}`, 0);
    builder.setNext(before, bit);
    const changed = builder.addAnd(stalled, builder.addAnd(valid, builder.addXor(before, bit)));
    product.bads.push({ literal: changed, label: `${names[i]} of ${port} changes while stalled` });
  });
  product.covers.push({ literal: stalled, label: `${port} is stalled` });
  product.covers.push({ literal: product.fire(channel, copy), label: `a message leaves on ${port}` });
  product.watch({ name: 'stalled', scope: 'check', kind: 'monitor' }, [stalled]);
  product.watchCopies([copy]);
  return product.finish();
}
