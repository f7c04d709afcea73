// P3: latency insensitivity. Two copies of the design take the same streams of messages under stalls of their own; what
// they send on an output, message by message, is the same. One copy may be `skew` messages ahead on a channel, no more:
// the environment withholds offers and acceptance beyond that, so a proof speaks of skews up to that bound. Source: b6.

import type { Design } from '../design.ts';
import type { Channel, Interface } from '../interface.ts';
import { type Copy, type Product, ProductBuilder } from '../product/product.ts';

/** @param port output channel that is compared @param skew messages, at least 1 */
export function stallProduct(design: Design, found: Interface, port: string, skew: number): Product {
  const product = new ProductBuilder(design, found);
  const streams = product.inputs.map(channel => new SharedStream(product, channel, skew));
  const outputs = product.outputs.map(
    channel => new OutputSkew(product, channel, skew, channel.name === port),
  );
  const copies = [0, 1].map(side => {
    const driven = new Map<number, number>();
    for (const s of streams) product.drive(driven, s.channel, s.valid[side]!, s.payload[side]!);
    for (const o of outputs) product.drive(driven, o.channel, o.ready[side]!);
    return product.copy(driven, { starts: starts(product), prefix: side === 0 ? '' : 'B ' });
  });
  for (const s of streams) s.connect(copies);
  for (const o of outputs) o.connect(copies);
  for (const c of found.channels) {
    for (const [side, copy] of copies.entries()) {
      const what = c.direction === 'in' ? 'enters on' : 'leaves on';
      product.covers.push({
        literal: product.fire(c, copy),
        label: `a message ${what} ${c.name} in run ${'AB'[side]}`,
      });
    }
  }
  product.watchCopies(copies);
  return product.finish();
}

/** Registers free after reset start alike in both copies: made once a product. */
const startTables = new WeakMap<ProductBuilder, Map<number, number>>();

function starts(product: ProductBuilder): Map<number, number> {
  let table = startTables.get(product);
  if (table === undefined) {
    table = new Map();
    const { aig } = product.design;
    for (let i = 0; i < aig.latchCount; i++) {
      if (aig.latchInit[i] === 2)
        table.set(i, product.builder.addInput(`start ${aig.names.latches?.[i] ?? i}`));
    }
    startTables.set(product, table);
  }
  return table;
}

/**
 * One stream read by both copies: a window of the messages from the first that some copy has not taken. `ahead[side]`
 * is a copy's place in the window, one-hot; the copy that lags stands at place 0.
 */
class SharedStream {
  readonly channel: Channel;
  readonly valid: number[];
  readonly payload: number[][];
  private readonly product: ProductBuilder;
  private readonly place: number[][];
  private readonly window: number[][];
  private readonly filled: number[];
  private readonly fresh: number[];
  private readonly hold: number[];

  constructor(product: ProductBuilder, channel: Channel, skew: number) {
    const { builder } = product;
    this.product = product;
    this.channel = channel;
    const sides = ['A', 'B'];
    this.place = sides.map(s =>
      Array.from({ length: skew + 1 }, (_, k) =>
        builder.addLatch(`${channel.name} ${s} place ${k}`, k === 0 ? 1 : 0),
      ),
    );
    const names = product.payloadNames(channel);
    this.window = Array.from({ length: skew + 1 }, (_, k) =>
      names.map(n => builder.addLatch(`window ${k} ${n}`, 0)),
    );
    this.filled = Array.from({ length: skew + 1 }, (_, k) =>
      builder.addLatch(`${channel.name} filled ${k}`, 0),
    );
    this.fresh = product.freePayload(channel);
    this.hold = sides.map(s => builder.addLatch(`${channel.name} ${s} hold`, 0));
    // at the last place the copy may not take another message before the other catches up; none is offered there
    this.valid = sides.map((s, side) => {
      const offer = builder.addOr(product.freeInput(`${s} offers ${channel.name}`), this.hold[side]!);
      return builder.addAnd(offer, this.place[side]![skew]! ^ 1);
    });
    this.payload = sides.map((_, side) =>
      this.fresh.map((x, i) =>
        builder.addOrAll(
          this.window.map((_, k) => builder.addAnd(this.place[side]![k]!, this.entry(k, i, x))),
        ),
      ),
    );
  }

  /** Bit i of message k of the window: the one written down, else the fresh one. */
  private entry(k: number, i: number, x: number): number {
    return this.product.builder.addMux(this.filled[k]!, this.window[k]![i]!, x);
  }

  connect(copies: readonly Copy[]): void {
    const { product, place, window, filled, fresh } = this;
    const { builder } = product;
    const size = window.length;
    const taken = copies.map((copy, side) =>
      builder.addAnd(this.valid[side]!, product.ready(this.channel, copy)),
    );
    if (this.channel.persistent) {
      copies.forEach((_, side) => {
        builder.setNext(this.hold[side]!, builder.addAnd(this.valid[side]!, taken[side]! ^ 1));
      });
    }
    // a message offered to anyone is written down
    const shown = Array.from({ length: size }, (_, k) =>
      builder.addOr(
        filled[k]!,
        builder.addOr(
          builder.addAnd(this.valid[0]!, place[0]![k]!),
          builder.addAnd(this.valid[1]!, place[1]![k]!),
        ),
      ),
    );
    const moved = place.map((hot, side) =>
      hot.map((bit, k) => builder.addMux(taken[side]!, k === 0 ? 0 : hot[k - 1]!, bit)),
    );
    // when nobody stands at place 0 any more the window moves by one
    const shift = builder.addAnd(moved[0]![0]! ^ 1, moved[1]![0]! ^ 1);
    moved.forEach((hot, side) => {
      hot.forEach((bit, k) => {
        builder.setNext(place[side]![k]!, builder.addMux(shift, hot[k + 1] ?? 0, bit));
      });
    });
    for (let k = 0; k < size; k++) {
      builder.setNext(filled[k]!, builder.addMux(shift, shown[k + 1] ?? 0, shown[k]!));
      fresh.forEach((x, i) => {
        const here = this.entry(k, i, x);
        const above = k + 1 < size ? this.entry(k + 1, i, x) : here;
        builder.setNext(window[k]![i]!, builder.addMux(shift, above, here));
      });
    }
  }
}

/** Both copies' messages on one output: the lead is bounded, and what the leader sent waits for comparison. */
class OutputSkew {
  readonly channel: Channel;
  readonly ready: number[];
  private readonly product: ProductBuilder;
  /** Lead of each side, one-hot over 0 … skew; one of them is 0. */
  private readonly lead: number[][];
  private readonly sent: number[][];
  private readonly compared: boolean;

  constructor(product: ProductBuilder, channel: Channel, skew: number, compared: boolean) {
    const { builder } = product;
    this.product = product;
    this.channel = channel;
    this.compared = compared;
    this.lead = ['A', 'B'].map(s =>
      Array.from({ length: skew + 1 }, (_, k) =>
        builder.addLatch(`${channel.name} ${s} leads ${k}`, k === 0 ? 1 : 0),
      ),
    );
    this.sent = compared
      ? Array.from({ length: skew }, (_, k) =>
          product.payloadNames(channel).map(n => builder.addLatch(`sent ${k} ${n}`, 0)),
        )
      : [];
    this.ready = ['A', 'B'].map((s, side) =>
      channel.ready === undefined
        ? 1
        : builder.addAnd(product.freeInput(`${s} takes ${channel.name}`), this.lead[side]![skew]! ^ 1),
    );
  }

  connect(copies: readonly Copy[]): void {
    const product = this.product;
    const lead = this.lead;
    const sent = this.sent;
    const { builder } = product;
    const fire = copies.map(copy => product.fire(this.channel, copy));
    const payload = copies.map(copy => product.payload(this.channel, copy));
    const alone = [0, 1].map(side => builder.addAnd(fire[side]!, fire[1 - side]! ^ 1));
    for (const side of [0, 1]) {
      const mine = lead[side]!;
      // an output that cannot be stalled bounds the skew by assumption
      if (this.channel.ready === undefined) {
        product.constraints.push(builder.addAnd(alone[side]!, mine[mine.length - 1]!) ^ 1);
      }
      const other = lead[1 - side]!;
      // alone, with the other not ahead: one further; the other alone, with me ahead: one less
      const up = builder.addAnd(alone[side]!, other[0]!);
      const down = builder.addAnd(alone[1 - side]!, mine[0]! ^ 1);
      mine.forEach((bit, k) => {
        const raised = k === 0 ? 0 : k === mine.length - 1 ? builder.addOr(mine[k - 1]!, bit) : mine[k - 1]!;
        const lowered = k === 0 ? mine[1]! : (mine[k + 1] ?? 0);
        builder.setNext(bit, builder.addMux(up, raised, builder.addMux(down, lowered, bit)));
      });
    }
    if (!this.compared) return;
    const ahead = [0, 1].map(side => lead[side]![0]! ^ 1);
    const level = builder.addAnd(ahead[0]! ^ 1, ahead[1]! ^ 1);
    const names = product.payloadNames(this.channel);
    const { name } = this.channel;
    // the follower's message against the oldest that waits; both at once when level
    names.forEach((bit, i) => {
      const x = payload[0]![i]!;
      const y = payload[1]![i]!;
      const oldest = sent[0]![i]!;
      const differs = builder.addOrAll([
        builder.addAndAll([level, fire[0]!, fire[1]!, builder.addXor(x, y)]),
        builder.addAndAll([ahead[0]!, fire[1]!, builder.addXor(oldest, y)]),
        builder.addAndAll([ahead[1]!, fire[0]!, builder.addXor(oldest, x)]),
      ]);
      product.bads.push({ literal: differs, label: `${bit} of ${name} depends on the stalls` });
      // queue of the leader's messages: shift down when the follower takes, write at the lead's place
      const leader = builder.addMux(
        ahead[1]!,
        y,
        builder.addMux(ahead[0]!, x, builder.addMux(fire[0]!, x, y)),
      );
      const leaderFires = builder.addMux(
        ahead[1]!,
        fire[1]!,
        builder.addMux(ahead[0]!, fire[0]!, builder.addXor(fire[0]!, fire[1]!)),
      );
      const followerFires = builder.addOr(
        builder.addAnd(ahead[0]!, fire[1]!),
        builder.addAnd(ahead[1]!, fire[0]!),
      );
      sent.forEach((_, k) => {
        // place the new message goes to: lead, or lead - 1 when the follower takes one in the same step
        const count = (n: number): number =>
          n === 0 ? level : builder.addOr(lead[0]![n] ?? 0, lead[1]![n] ?? 0);
        const target = builder.addMux(followerFires, count(k + 1), count(k));
        const kept = builder.addMux(followerFires, sent[k + 1]?.[i] ?? 0, sent[k]![i]!);
        builder.setNext(sent[k]![i]!, builder.addMux(builder.addAnd(leaderFires, target), leader, kept));
      });
    });
  }
}
