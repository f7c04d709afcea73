// Transactions as bits: a batch packed into 32-bit words and back, and the 32 x 32 bit transpose between words and rows.
// Refuses nothing: values outside a field's width are taken modulo 2^bits, as wires do.

import type { Batch, Channel } from './unit.ts';
import { channelBits, emptyBatch } from './unit.ts';

const two32 = 4294967296;

/** 32-bit words one transaction of a channel takes: fields in order, lane 0 lowest. */
export function payloadWords(channel: Channel): number {
  return Math.ceil(channelBits(channel) / 32);
}

/** Packs every transaction: count × payloadWords. */
export function packBatch(channel: Channel, batch: Batch): Uint32Array {
  const words = payloadWords(channel);
  const packed = new Uint32Array(batch.count * words);
  let offset = 0;
  for (const { name, lanes, bits } of channel.fields) {
    const values = batch.fields[name]!;
    const low = Math.min(bits, 32);
    const mask = low === 32 ? 0xffffffff : 2 ** low - 1;
    for (let lane = 0; lane < lanes; lane++, offset += bits) {
      const word = offset >>> 5;
      const shift = offset & 31;
      for (let t = 0, from = lane, to = word; t < batch.count; t++, from += lanes, to += words) {
        const value = values[from]!;
        const bottom = value & mask;
        packed[to]! |= bottom << shift;
        if (shift + low > 32) packed[to + 1]! |= bottom >>> (32 - shift);
        if (bits > 32) {
          const top = Math.floor(value / two32) & (2 ** (bits - 32) - 1);
          packed[to + 1]! |= top << shift;
          if (shift + bits - 32 > 32) packed[to + 2]! |= top >>> (32 - shift);
        }
      }
    }
  }
  return packed;
}

/** The inverse of `packBatch`. */
export function unpackBatch(channel: Channel, packed: Uint32Array, count: number): Batch {
  const words = payloadWords(channel);
  const batch = emptyBatch(channel, count);
  let offset = 0;
  for (const { name, lanes, bits, signed } of channel.fields) {
    const values = batch.fields[name]!;
    const half = 2 ** (bits - 1);
    for (let lane = 0; lane < lanes; lane++, offset += bits) {
      for (let t = 0, at = lane; t < count; t++, at += lanes) {
        const value = readBits(packed, t * words * 32 + offset, bits);
        values[at] = signed && value >= half ? value - 2 * half : value;
      }
    }
  }
  return batch;
}

/** `bits` (at most 53) bits from bit `offset` on, as an unsigned number. */
function readBits(words: Uint32Array, offset: number, bits: number): number {
  let value = 0;
  for (let done = 0; done < bits; ) {
    const shift = (offset + done) % 32;
    const take = Math.min(32 - shift, bits - done);
    const mask = take === 32 ? 0xffffffff : 2 ** take - 1;
    value += (((words[Math.floor((offset + done) / 32)]! >>> shift) & mask) >>> 0) * 2 ** done;
    done += take;
  }
  return value;
}

/** Transposes 32 words in place: bit j of word i becomes bit i of word j. */
export function transpose32(a: Uint32Array): void {
  let mask = 0x0000ffff;
  for (let j = 16; j !== 0; j >>>= 1, mask ^= mask << j) {
    for (let k = 0; k < 32; k = (k + j + 1) & ~j) {
      const t = ((a[k]! >>> j) ^ a[k + j]!) & mask;
      a[k]! ^= t << j;
      a[k + j]! ^= t;
    }
  }
}

/** The transactions `from` to `to` of a batch, sharing its memory. */
export function sliceBatch(channel: Channel, batch: Batch, from: number, to: number): Batch {
  const fields: Record<string, Float64Array> = {};
  for (const { name, lanes } of channel.fields) {
    fields[name] = batch.fields[name]!.subarray(from * lanes, to * lanes);
  }
  return { count: to - from, fields };
}
