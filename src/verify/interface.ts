// What stands around a design: clock, reset, channels, and the ports that belong to none of them.
// Plain data that the front end guesses, a configuration overrides, and every property is built from.

import { InputError } from '../core/errors.ts';
import type { Design } from './design.ts';
import type { ResetPin } from './front/reset.ts';

/** Bits `lsb` … `lsb + width - 1` of a port. */
export interface SignalRef {
  port: string;
  lsb: number;
  width: number;
}

export interface Channel {
  name: string;
  /** `in`: the design receives messages. */
  direction: 'in' | 'out';
  valid: SignalRef;
  /** Absent: always ready. */
  ready?: SignalRef | undefined;
  payload: readonly SignalRef[];
  /** Names of the convention it was found by, or `configuration`. */
  style: string;
  /**
   * Valid stays up, and the payload stays, until the transfer: an assumption on inputs, an obligation (P4) on outputs.
   * AXI-stream demands it; other conventions leave it to the producer.
   */
  persistent: boolean;
  /** Meant to move for ever: per-port deadlock checks include it. */
  forever: boolean;
  /** Order of messages is the same under all stalls (P3); false for outputs of arbiters. */
  ordered: boolean;
}

/** How an input outside all channels behaves. */
export type FreeInputRule =
  /** any value every cycle, the same in both copies */
  | { kind: 'free' }
  /** any value, constant after reset */
  | { kind: 'stable' }
  | { kind: 'tied'; value: bigint };

export interface Interface {
  clock?: string | undefined;
  clockEdge: 'rising' | 'falling';
  resets: readonly (ResetPin & { kind: 'asynchronous' | 'synchronous' })[];
  channels: readonly Channel[];
  freeInputs: readonly { port: string; rule: FreeInputRule }[];
  /** Outputs outside all channels; observed ones must not depend on invalid data. */
  otherOutputs: readonly { port: string; observed: boolean }[];
}

function signalText(ref: SignalRef, portWidth: number): string {
  if (ref.lsb === 0 && ref.width === portWidth) return ref.port;
  return ref.width === 1 ? `${ref.port}[${ref.lsb}]` : `${ref.port}[${ref.lsb + ref.width - 1}:${ref.lsb}]`;
}

/** Literals of a signal in the design's graph, least significant first. @throws InputError when it does not exist */
export function signalBits(design: Design, ref: SignalRef): readonly number[] {
  const port = design.ports.find(p => p.name === ref.port);
  if (port === undefined || ref.lsb + ref.width > port.bits.length) {
    throw new InputError(`'${design.name}' has no signal ${signalText(ref, -1)}`, {
      expected: port === undefined ? 'a port of the top module' : `bits 0 to ${port.bits.length - 1}`,
    });
  }
  return ref.lsb === 0 && ref.width === port.bits.length
    ? port.bits
    : port.bits.slice(ref.lsb, ref.lsb + ref.width);
}

/** The one literal of a valid or ready signal. */
export function signalBit(design: Design, ref: SignalRef): number {
  return signalBits(design, ref)[0]!;
}

/** One line a fact, for the terminal: what was found, and what it was taken for. */
export function describeInterface(design: Design, found: Interface): string[] {
  const width = (name: string): number => design.ports.find(p => p.name === name)?.bits.length ?? 1;
  const text = (ref: SignalRef): string => signalText(ref, width(ref.port));
  const lines: string[] = [];
  const edge = found.clockEdge === 'falling' ? ', falling edge' : '';
  lines.push(found.clock === undefined ? 'clock    none' : `clock    ${found.clock}${edge}`);
  for (const reset of found.resets) {
    lines.push(`reset    ${reset.port}, ${reset.kind}, active ${reset.active === 1 ? 'high' : 'low'}`);
  }
  if (found.resets.length === 0)
    lines.push('reset    none: registers start at their initial values, or free');
  for (const channel of found.channels) {
    const parts = [
      `valid ${text(channel.valid)}`,
      channel.ready === undefined ? 'always ready' : `ready ${text(channel.ready)}`,
      channel.payload.length === 0 ? 'no payload' : `payload ${channel.payload.map(text).join(' ')}`,
    ];
    if (channel.persistent) parts.push('valid is not retracted');
    lines.push(
      `${channel.direction === 'in' ? 'input   ' : 'output  '} ${channel.name}: ${parts.join(', ')} (${channel.style})`,
    );
  }
  for (const { port, rule } of found.freeInputs) {
    lines.push(
      `other    input ${port}: ${rule.kind === 'free' ? 'free every cycle' : rule.kind === 'stable' ? 'constant, any value' : `tied to ${rule.value}`}`,
    );
  }
  for (const { port, observed } of found.otherOutputs) {
    lines.push(`other    output ${port}: ${observed ? 'observed' : 'ignored'}`);
  }
  return lines;
}
