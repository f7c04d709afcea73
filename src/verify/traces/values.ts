// How a trace is laid out for the eye: rows in reading order, values as text, where two copies differ.
// Refuses to hide a signal that fails.

import type { TraceSignal, TraceTable, TraceValue } from '../trace.ts';

export interface TraceRow {
  signal: number;
  /** Text of the row: the name, with the copy in brackets when there are two. */
  label: string;
  failing: boolean;
  /** Row of the other copy, for comparison. */
  twin?: number | undefined;
}

export interface TraceGroup {
  title: string;
  rows: TraceRow[];
}

/** Value in hexadecimal (one bit: 0 or 1); undefined is a don't care. */
export function valueText(signal: TraceSignal, value: TraceValue): string {
  return value === undefined ? '' : signal.width === 1 ? String(value) : value.toString(16);
}

const order = ['clock', 'reset', 'valid', 'ready', 'payload', 'input', 'output', 'monitor', 'register'];

/**
 * Rows by channel, other ports, monitor, registers; registers that never change and do not fail are left out, and of
 * the rest at most `registers` (those that differ between copies, then those that change, first).
 */
export function arrangeTrace(table: TraceTable, registers = 24): { groups: TraceGroup[]; hidden: number } {
  const { signals, steps } = table;
  const failing = new Set(table.failing);
  const twins = new Map<string, number[]>();
  signals.forEach((signal, s) => {
    if (signal.scope === 'A' || signal.scope === 'B') {
      twins.set(signal.name, [...(twins.get(signal.name) ?? []), s]);
    }
  });
  const twinOf = (s: number): number | undefined => twins.get(signals[s]!.name)?.find(other => other !== s);
  const changes = (s: number): boolean => steps.some(step => step[s] !== steps[0]![s]);
  const differs = (s: number): boolean => {
    const other = twinOf(s);
    return other !== undefined && steps.some(step => step[s] !== step[other]);
  };
  const score = (s: number): number => (failing.has(s) ? 3 : differs(s) ? 2 : changes(s) ? 1 : 0);
  const candidates = signals
    .flatMap((signal, s) => (signal.kind === 'register' && score(s) > 0 ? [s] : []))
    .sort((a, b) => score(b) - score(a) || a - b);
  const chosen = new Set(candidates.slice(0, registers));
  for (const s of [...chosen]) {
    const other = twinOf(s);
    if (other !== undefined) chosen.add(other);
  }
  const total = signals.filter(signal => signal.kind === 'register').length;
  const shown = signals.flatMap((signal, s) => (signal.kind !== 'register' || chosen.has(s) ? [s] : []));
  const groups = new Map<string, number[]>();
  for (const s of shown) {
    const signal = signals[s]!;
    const title =
      signal.channel ??
      (signal.kind === 'register' ? 'registers' : signal.kind === 'monitor' ? 'monitor' : 'ports');
    groups.set(title, [...(groups.get(title) ?? []), s]);
  }
  const rank = (title: string): number =>
    title === 'ports' ? 0 : title === 'monitor' ? 2 : title === 'registers' ? 3 : 1;
  const sorted = [...groups].sort((a, b) => rank(a[0]) - rank(b[0]));
  const place = (s: number): number => order.indexOf(signals[s]!.kind);
  return {
    groups: sorted.map(([title, list]) => ({
      title,
      rows: list
        .sort(
          (a, b) =>
            place(a) - place(b) ||
            signals[a]!.name.localeCompare(signals[b]!.name, 'en', { numeric: true }) ||
            signals[a]!.scope.localeCompare(signals[b]!.scope),
        )
        .map(s => {
          const { name, scope } = signals[s]!;
          return {
            signal: s,
            label: scope === 'A' || scope === 'B' ? `${name} (${scope})` : name,
            failing: failing.has(s),
            twin: twinOf(s),
          };
        }),
    })),
    hidden: total - chosen.size,
  };
}
