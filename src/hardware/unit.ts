// What every generator of the hardware room returns: the RTL, its streams, and the integers it must compute.
// Refuses to know how a unit is driven, synthesised or priced.

import type { Random } from '../core/random.ts';
import type { RtlFile } from '../synthesis/rtl.ts';

/** A field of a channel's payload: `lanes` integers of `bits` bits, lane 0 in the lowest bits of the flat port. */
export interface Field {
  name: string;
  lanes: number;
  /** Width of a lane, 1..53. */
  bits: number;
  signed: boolean;
  /** Legal values of an input, when fewer than the bits can hold. */
  low?: number | undefined;
  high?: number | undefined;
}

/** A valid/ready stream. Ports: NAME_valid, NAME_ready, and NAME_FIELD of lanes × bits for each field. */
export interface Channel {
  name: string;
  direction: 'in' | 'out';
  fields: readonly Field[];
}

/** Transactions of one channel: for each field count × lanes integers, transaction after transaction. */
export interface Batch {
  count: number;
  fields: Readonly<Record<string, Float64Array>>;
}

/** What a generator was asked for, as the command line and the manifest spell it. */
export type UnitParameters = Readonly<Record<string, string | number | boolean>>;

/**
 * A generated unit: one input stream, one output stream, one clock. Ports besides the channels: `clk`, and `rst`
 * (synchronous, active high).
 */
export interface Unit {
  /** The generator: `vector-mac`, `softermax`, … */
  kind: string;
  /** Top module; also the stem of its file. */
  name: string;
  /** One line for reports. */
  title: string;
  parameters: UnitParameters;
  /** Number format in the notation of the format room, '' when the unit has none. */
  format: string;
  /** One module a file; the top comes last. */
  files: readonly RtlFile[];
  input: Channel;
  output: Channel;
  /** Clock cycles from an accepted input to its output when nothing stalls. */
  latency: number;
  /** The exact integers of the output stream for an input stream that starts at reset. */
  golden(input: Batch): Batch;
  /** Legal transactions, biased to corners. */
  stimuli(random: Random, count: number): Batch;
  /**
   * What real work streams through the unit, for energy: transactions, and the first of each independent trace (with the count at
   * the end). Left out: energy is measured on stimuli, or on operands the caller makes.
   */
  operands?(random: Random): { batch: Batch; starts: Uint32Array };
  /** Elementary operations (multiply-accumulates, softmax elements …) of one input transaction: energy is given per operation. */
  operationsPerTransaction: number;
  /** A second description with the same ports, written differently: the SAT proof compares the two. */
  reference?: readonly RtlFile[] | undefined;
  /**
   * A description whose outputs `state_NAME` say in full which states can follow a reset, where `reference` says less:
   * for judging mutants that differ in impossible states only.
   */
  states?: readonly RtlFile[] | undefined;
}

/** Bits of a transaction on a channel. */
export function channelBits(channel: Channel): number {
  return channel.fields.reduce((sum, field) => sum + field.lanes * field.bits, 0);
}

/** An empty batch of `count` transactions for a channel. */
export function emptyBatch(
  channel: Channel,
  count: number,
): { count: number; fields: Record<string, Float64Array> } {
  const fields: Record<string, Float64Array> = {};
  for (const field of channel.fields) fields[field.name] = new Float64Array(count * field.lanes);
  return { count, fields };
}
