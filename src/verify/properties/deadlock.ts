// P2: freedom from deadlock. Any history of offers and stalls, then from a moment `go` on full cooperation: every input
// offers, every output is taken. Bounded: something moves within N cycles. Live: something moves, ever. Source: b4.

import type { Design } from '../design.ts';
import type { Channel, Interface } from '../interface.ts';
import { addProducer } from '../product/producer.ts';
import { type Product, ProductBuilder } from '../product/product.ts';

export interface DeadlockOptions {
  /** Cycles of silence that are too many; absent: the liveness form. */
  bound?: number | undefined;
  /** Only transfers of this channel count (and it alone must move for ever). */
  port?: string | undefined;
}

export interface DeadlockProduct extends Product {
  /** Some counted transfer happens. */
  fire: number;
  /** Cooperation has begun. */
  go: number;
  /** Input that starts cooperation. */
  goInput: number;
}

/** Probability that cooperation begins, a cycle of random simulation. */
const goProbability = 1 / 64;

/**
 * The cooperative environment. In the liveness form a failing run is a lasso with `go` and no counted transfer; with
 * persistent offers and acceptance every fair silent run comes to this form. For one port the others stay free, bound
 * only by fairness (each offers, and each is taken, again and again) and persistence.
 */
export function deadlockProduct(
  design: Design,
  found: Interface,
  options: DeadlockOptions = {},
): DeadlockProduct {
  const { bound, port } = options;
  const product = new ProductBuilder(design, found);
  const { builder } = product;
  const goInput = product.freeInput('go', goProbability);
  const went = builder.addLatch('went', 0);
  const go = builder.addOr(went, goInput);
  builder.setNext(went, go);
  const alone = bound === undefined && port !== undefined;
  const cooperates = (channel: Channel): boolean => !alone || channel.name === port;

  const driven = new Map<number, number>();
  const producers = product.inputs.map(channel => {
    const producer = addProducer(product, channel, { force: cooperates(channel) ? go : 0, keep: go });
    product.drive(driven, channel, producer.valid, producer.payload);
    return producer;
  });
  const takers = product.outputs.map(channel => {
    if (channel.ready === undefined) return { channel, ready: 1, wait: undefined };
    const free = product.freeInput(`ready ${channel.name}`);
    let ready = builder.addOr(free, cooperates(channel) ? go : 0);
    let wait: number | undefined;
    if (!cooperates(channel)) {
      wait = builder.addLatch(`waits ${channel.name}`, 0);
      ready = builder.addOr(ready, wait);
    }
    product.drive(driven, channel, ready);
    return { channel, ready, wait };
  });
  const copy = product.copy(driven);
  for (const producer of producers) {
    producer.connect(product.ready(producer.channel, copy));
    if (!cooperates(producer.channel)) product.fairness.push(builder.addOr(producer.valid, go ^ 1));
  }
  for (const { channel, ready, wait } of takers) {
    if (wait === undefined) continue;
    builder.setNext(wait, builder.addAnd(go, builder.addAnd(ready, product.valid(channel, copy) ^ 1)));
    product.fairness.push(ready);
  }
  const counted = found.channels.filter(c => port === undefined || c.name === port);
  const fire = builder.addOrAll(counted.map(c => product.fire(c, copy)));
  for (const c of found.channels) {
    const moves = product.fire(c, copy);
    const label = c.direction === 'in' ? `a message enters on ${c.name}` : `a message leaves on ${c.name}`;
    product.covers.push({ literal: builder.addAnd(moves, go ^ 1), label });
  }
  product.watch({ name: 'go', scope: 'check', kind: 'monitor' }, [go]);
  if (bound === undefined) {
    product.constraints.push(builder.addAnd(go, fire) ^ 1);
    product.justice.push(go);
  } else {
    const silence = addCounter(product, builder.addAnd(go, fire ^ 1), bound);
    product.watch({ name: 'silence', scope: 'check', kind: 'monitor' }, silence.bits);
    product.bads.push({
      literal: silence.full,
      label: `${port === undefined ? 'no channel moves' : `${port} does not move`} for ${bound} cycles of full cooperation`,
    });
  }
  product.watchCopies([copy]);
  const finished = product.finish();
  const final = (x: number): number => builder.finalLiteral(x);
  return { ...finished, fire: final(fire), go: final(go), goInput: final(goInput) };
}

/** Counts steps in which `counting` holds without a break; `full` once there were `bound` of them. */
function addCounter(
  product: ProductBuilder,
  counting: number,
  bound: number,
): { bits: number[]; full: number } {
  const { builder } = product;
  const width = Math.max(1, Math.ceil(Math.log2(bound + 1)));
  const bits = Array.from({ length: width }, (_, i) => builder.addLatch(`silence[${i}]`, 0));
  const full = builder.addAndAll(bits.map((bit, i) => ((bound >> i) & 1 ? bit : bit ^ 1)));
  let carry = 1;
  bits.forEach((bit, i) => {
    const sum = builder.addXor(bit, carry);
    carry = builder.addAnd(bit, carry);
    builder.setNext(bits[i]!, builder.addAnd(counting, builder.addMux(full, bit, sum)));
  });
  return { bits, full };
}
