// A failing run of P5 as a trace table: ports and registers of the design, cycle by cycle.
// Refuses don't cares in time: payloads are shown as they were, since which word is which is the point.

import type { Trace } from '../../engines/types.ts';
import type { Design } from '../design.ts';
import type { Interface } from '../interface.ts';
import { TernarySimulator, unknown, wordValue } from '../ternary.ts';
import type { SignalKind, TraceSignal, TraceTable } from '../trace.ts';

export function integrityTable(design: Design, found: Interface, trace: Trace, summary: string): TraceTable {
  const { aig } = design;
  const signals: TraceSignal[] = [];
  const literals: (readonly number[])[] = [];
  for (const port of design.ports) {
    const channel = found.channels.find(
      c =>
        c.valid.port === port.name ||
        c.ready?.port === port.name ||
        c.payload.some(p => p.port === port.name),
    );
    const kind: SignalKind =
      channel === undefined
        ? port.direction === 'in'
          ? 'input'
          : 'output'
        : channel.valid.port === port.name
          ? 'valid'
          : channel.ready?.port === port.name
            ? 'ready'
            : 'payload';
    const { name, direction, bits } = port;
    signals.push({ name, width: bits.length, scope: '', kind, channel: channel?.name, direction });
    literals.push(bits);
  }
  for (const { name, latches } of design.registers) {
    signals.push({ name, width: latches.length, scope: '', kind: 'register' });
    literals.push(latches.map(i => 2 * aig.latchVariable(i)));
  }
  const simulator = new TernarySimulator(aig);
  const certain = (x: Uint8Array): Uint8Array => x.map(v => (v === unknown ? 0 : v));
  let state = certain(trace.initial);
  const steps = trace.steps.map(inputs => {
    simulator.evaluate(state, certain(inputs));
    const values = literals.map(bits => wordValue(bits.map(x => simulator.read(x))));
    state = simulator.next();
    return values;
  });
  const failing = signals.flatMap((s, i) => (s.kind === 'payload' && s.direction === 'out' ? [i] : []));
  return { design: design.name, property: 'P5', summary, signals, steps, failing };
}
