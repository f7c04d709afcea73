// Every legal transaction of a narrow channel, in a scattered order. Refuses channels of more than 24 bits.

import type { Batch, Channel } from './unit.ts';
import { channelBits, emptyBatch } from './unit.ts';

/** Widest channel whose inputs are all tried. */
export const exhaustiveBits = 24;

/**
 * All legal transactions, in the order of a linear congruential walk so that neighbours differ and a flag such as
 * `last` is set now and then; undefined when the channel is too wide.
 */
export function exhaustiveBatch(channel: Channel): Batch | undefined {
  const bits = channelBits(channel);
  if (bits > exhaustiveBits) return undefined;
  const total = 2 ** bits;
  const codes = new Uint32Array(total);
  let count = 0;
  // full period modulo 2^bits: odd increment, multiplier 1 modulo 4
  for (let i = 0, code = 0; i < total; i++) {
    if (legal(channel, code)) codes[count++] = code;
    code = (Math.imul(code, 1664525) + 1013904223) & (total - 1);
  }
  const batch = emptyBatch(channel, count);
  let offset = 0;
  for (const field of channel.fields) {
    const values = batch.fields[field.name]!;
    for (let lane = 0; lane < field.lanes; lane++, offset += field.bits) {
      for (let t = 0; t < count; t++) values[t * field.lanes + lane] = laneValue(field, codes[t]! >>> offset);
    }
  }
  return batch;
}

function laneValue(field: Channel['fields'][number], code: number): number {
  const value = code & (2 ** field.bits - 1);
  return field.signed && value >= 2 ** (field.bits - 1) ? value - 2 ** field.bits : value;
}

function legal(channel: Channel, code: number): boolean {
  let offset = 0;
  for (const field of channel.fields) {
    for (let lane = 0; lane < field.lanes; lane++, offset += field.bits) {
      const value = laneValue(field, code >>> offset);
      if ((field.low !== undefined && value < field.low) || (field.high !== undefined && value > field.high))
        return false;
    }
  }
  return true;
}
