// A trace as WaveJSON, the text that WaveDrom draws: for people who keep their diagrams in documents.
// Refuses comments and functions: plain JSON.

import type { TraceSignal, TraceTable, TraceValue } from '../trace.ts';
import { arrangeTrace, valueText } from './values.ts';

export interface WaveLane {
  name: string;
  wave: string;
  data?: string[];
}

export interface WaveJson {
  signal: (WaveLane | [string, ...WaveLane[]])[];
  head: { text: string; tick: number };
  foot?: { text: string };
}

/** One lane a signal; don't cares are `x`. */
export function waveJson(table: TraceTable): WaveJson {
  const { groups } = arrangeTrace(table);
  const lanes = groups.map(({ title, rows }): [string, ...WaveLane[]] => [
    title,
    ...rows.map(({ signal, label }) =>
      lane(
        label,
        table.signals[signal]!,
        table.steps.map(step => step[signal]),
      ),
    ),
  ]);
  const json: WaveJson = {
    signal: lanes,
    head: { text: `${table.design}, ${table.property}: ${table.summary}`, tick: 0 },
  };
  if (table.loopStart !== undefined) {
    json.foot = { text: `cycles ${table.loopStart} to ${table.steps.length - 1} repeat for ever` };
  }
  return json;
}

function lane(name: string, signal: TraceSignal, values: readonly TraceValue[]): WaveLane {
  if (signal.kind === 'clock') return { name, wave: `p${'.'.repeat(Math.max(0, values.length - 1))}` };
  let wave = '';
  const data: string[] = [];
  values.forEach((value, t) => {
    if (t > 0 && value === values[t - 1]) wave += '.';
    else if (value === undefined) wave += 'x';
    else if (signal.width === 1) wave += value === 0n ? '0' : '1';
    else {
      wave += '=';
      data.push(valueText(signal, value));
    }
  });
  return signal.width === 1 ? { name, wave } : { name, wave, data };
}
