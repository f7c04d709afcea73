// The far end of an input channel: offers messages freely, and keeps an offer up where the channel demands it.
// Refuses to constrain: all it does is drive.

import type { Channel } from '../interface.ts';
import type { ProductBuilder } from './product.ts';

export interface Producer {
  channel: Channel;
  valid: number;
  /** Payload while valid. */
  payload: number[];
  /** Closes the loop once ready is known. */
  connect(ready: number): void;
}

/**
 * @param options `force`: literal that makes it offer in every step; `keep`: literal under which an offer that was not
 *   taken stays, with its payload (default: always where the channel is persistent, else never)
 */
export function addProducer(
  product: ProductBuilder,
  channel: Channel,
  options: { force?: number; keep?: number } = {},
): Producer {
  const { builder } = product;
  const { force = 0 } = options;
  const keep = channel.persistent ? 1 : (options.keep ?? 0);
  const offer = product.freeInput(`offer ${channel.name}`);
  const fresh = product.freePayload(channel);
  if (keep === 0) {
    return { channel, valid: builder.addOr(offer, force), payload: fresh, connect() {} };
  }
  const hold = builder.addLatch(`hold ${channel.name}`, 0);
  const held = fresh.map((_, i) => builder.addLatch(`held ${channel.name}[${i}]`, 0));
  const valid = builder.addOr(builder.addOr(offer, force), hold);
  const payload = fresh.map((x, i) => builder.addMux(hold, held[i]!, x));
  return {
    channel,
    valid,
    payload,
    connect(ready) {
      builder.setNext(hold, builder.addAnd(keep, builder.addAnd(valid, ready ^ 1)));
      held.forEach((latch, i) => {
        builder.setNext(latch, payload[i]!);
      });
    },
  };
}
